// The session of a browser: read from its cookie, and what its user may do in an organisation.

import type { Env } from '../env.ts';
import { membershipsOf, type Membership } from '../directory/people.ts';
import type { Auth } from './auth.ts';
import { sessionSecret } from './keys.ts';
import { canMail, type Delivery, sendMail } from './mail.ts';
import { type Principal, sessionPrincipal } from './principal.ts';

export type User = NonNullable<Principal['user']>;

export interface Session {
  /** Of the session itself, not its token. */
  readonly id: string;
  readonly user: User;
  /** Nobody has shown yet that mails to the user's address reach them, and mails go out here. */
  readonly isToProve: boolean;
  /** Set-Cookie headers that the answer shall carry, where the session was prolonged. */
  readonly cookies: readonly string[];
}

/** Where browsers see the console. */
export function consoleOrigin(env: Pick<Env, 'CONSOLE_URL'>, request: Request): string {
  return new URL(env.CONSOLE_URL || request.url).origin;
}

/**
 * better-auth is loaded by whoever needs it, not by each relay's socket.
 * @param proofSent hears what became of the mail that asks whose an address is.
 */
export async function authFor(
  env: Env,
  request: Request,
  proofSent: (delivery: Delivery) => void = () => {},
): Promise<Auth> {
  const { makeAuth } = await import('./auth.ts');
  const origin = consoleOrigin(env, request);
  return makeAuth({
    db: env.DB,
    origin,
    secret: sessionSecret(env),
    sendReset: async ({ email, token }) => {
      const text = `Somebody asked for a new password for this address at ${origin}.\n\nIf it was you, choose one here within an hour:\n${origin}/reset-password?token=${token}\n\nIf not, ignore this mail: nothing has changed.\n`;
      await sendMail(env, { to: email, subject: 'A new password for Culvert', text });
    },
    sendProof: async ({ email, token }) => {
      const text = `Somebody made an account with this address at ${origin}.\n\nIf it was you, say so here within three days:\n${origin}/verify-email?token=${token}\n\nIf not, ignore this mail: without you, nobody is sent anything in your name.\n`;
      proofSent(await sendMail(env, { to: email, subject: 'Is this your address? Culvert asks', text }));
    },
  });
}

/** @returns null for who is not signed in, or no more. */
export async function readSession(env: Env, request: Request): Promise<Session | null> {
  if (!/\bculvert\.session_token=/.test(request.headers.get('Cookie') ?? '')) return null;
  const auth = await authFor(env, request);
  const { response, headers } = await auth.api.getSession({ headers: request.headers, returnHeaders: true });
  if (!response) return null;
  const { id, name, email, emailVerified } = response.user;
  const isToProve = !emailVerified && canMail(env);
  return { id: response.session.id, user: { id, name, email }, isToProve, cookies: headers.getAll('Set-Cookie') };
}

/** @param organisation its id; the oldest one that the user belongs to when null. @returns null where they do not belong. */
export async function principalOf(
  env: Pick<Env, 'DB'>,
  user: User,
  organisation: string | null,
): Promise<Principal | null> {
  const memberships = await membershipsOf(env.DB, user.id);
  const chosen =
    organisation === null ? memberships[0] : memberships.find((each) => each.organisation === organisation);
  return chosen ? sessionPrincipal(chosen.organisation, chosen.role, user) : null;
}

export type { Membership };
