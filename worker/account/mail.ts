// Mails of the deployment: sent by Cloudflare Email Sending where it is bound, printed where the log is the operator's own screen.

import type { Env } from '../env.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text; its links are secrets. */
  readonly text: string;
}

/** Whether the mail went out; otherwise the link has to be handed over by whoever made it. */
export type Delivery = 'sent' | 'printed' | 'not-sent';

/** Whether mails go anywhere. */
export function canMail(env: Pick<Env, 'EMAIL' | 'MAIL_FROM' | 'PRINT_MAIL'>): boolean {
  return Boolean(env.EMAIL && env.MAIL_FROM) || env.PRINT_MAIL === 'yes';
}

export async function sendMail(env: Pick<Env, 'EMAIL' | 'MAIL_FROM' | 'PRINT_MAIL'>, mail: Mail): Promise<Delivery> {
  if (env.EMAIL && env.MAIL_FROM) {
    try {
      await env.EMAIL.send({ from: env.MAIL_FROM, ...mail });
      return 'sent';
    } catch (thrown) {
      warn(thrown);
      return 'not-sent';
    }
  }
  if (env.PRINT_MAIL !== 'yes') return 'not-sent';
  console.log(JSON.stringify({ level: 'info', room: 'account', event: 'mail', ...mail }));
  return 'printed';
}

/** Neither the text nor the address. */
function warn(thrown: unknown): void {
  const error = thrown instanceof Error ? thrown.name : 'unknown';
  console.warn(JSON.stringify({ level: 'warn', room: 'account', event: 'mail-not-sent', error }));
}
