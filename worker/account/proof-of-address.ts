// Whether an e-mail address belongs to whoever made an account with it: shown by a link that is mailed there.

import { done, refuse, type Result } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { refusalOf } from './failure.ts';
import { linkLimit, mailLimit } from './limits.ts';
import type { Delivery } from './mail.ts';
import type { Principal } from './principal.ts';
import { authFor, type Session } from './session.ts';

const NOT_SENT = refuse(
  'mail-not-sent',
  'The mail could not be handed to the service that sends it.',
  'Try again in a few minutes; if it goes on, tell whoever runs this deployment.',
);

/** Mails the link once more; for an address that is proved already, there is nothing to do. */
export async function sendProofAgain(env: Env, request: Request, session: Session, now: number): Promise<Result<null>> {
  if (!session.isToProve) return done(null);
  const { email } = session.user;
  const over = await mailLimit(env, email, now);
  if (over) return over;
  let delivery: Delivery = 'not-sent';
  const auth = await authFor(env, request, (became) => {
    delivery = became;
  });
  try {
    await auth.api.sendVerificationEmail({ body: { email }, headers: request.headers });
    return delivered(delivery) ? done(null) : NOT_SENT;
  } catch (thrown) {
    return refusalOf(thrown);
  }
}

function delivered(delivery: Delivery): boolean {
  return delivery !== 'not-sent';
}

/** @param token of the link; it works as often as it is followed, until it expires. */
export async function proveAddress(env: Env, request: Request, token: string, now: number): Promise<Result<null>> {
  const over = await linkLimit(env, request, now);
  if (over) return over;
  const auth = await authFor(env, request);
  try {
    await auth.api.verifyEmail({ query: { token }, headers: request.headers });
    return done(null);
  } catch (thrown) {
    return refusalOf(thrown);
  }
}

/**
 * Whether mails may go to others at the word of this principal. Who has proved no address could be anybody, and a mail of ours
 * with words of theirs would be a means to bother people. A token speaks for an organisation that has a proved owner or admin.
 */
export async function mayMailOthers(env: Pick<Env, 'DB'>, { kind, organisation, user }: Principal): Promise<boolean> {
  if (kind === 'operator') return true;
  const sql = user
    ? 'SELECT 1 FROM users WHERE id = ? AND email_verified = 1'
    : `SELECT 1 FROM people p JOIN users u ON u.id = p.user_id
       WHERE p.organisation_id = ? AND p.role IN ('owner', 'admin') AND u.email_verified = 1 LIMIT 1`;
  return (
    (await env.DB.prepare(sql)
      .bind(user?.id ?? organisation)
      .first()) !== null
  );
}
