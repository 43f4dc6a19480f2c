// Making an account: the first one of a deployment, one that was invited, or anybody's where sign-up is open.

import { DEFAULT_ORGANISATION } from './principal.ts';
import { acceptInvitation, findInvitation } from '../directory/invitations.ts';
import { checkEmail } from '../directory/email.ts';
import { checkDisplayName, organisationEntry } from '../directory/organisations.ts';
import { personEntry } from '../directory/people.ts';
import { done, type Refused, refuse, type Result } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { refusalOf } from './failure.ts';
import { isFirstAccountToken } from './keys.ts';
import { signUpLimit } from './limits.ts';
import { authFor, type User } from './session.ts';

export interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  /** What the organisation shall be called, where one is made. */
  readonly organisation: string;
  /** Tokens of the link that was followed; empty without. */
  readonly invitation: string;
  readonly first: string;
}

export interface Entered {
  readonly user: User;
  /** Id of the organisation that the account belongs to. */
  readonly organisation: string;
  /** Set-Cookie headers. */
  readonly cookies: readonly string[];
}

/** How the account comes to an organisation: checked before the account is made, done right after. */
type Way = (user: User) => Promise<Result<string>>;

export async function signUp(env: Env, request: Request, input: NewAccount, now: number): Promise<Result<Entered>> {
  const name = checkDisplayName('a person', input.name);
  if (!name.ok) return name;
  const email = checkEmail(input.email);
  if (!email.ok) return email;
  const over = await signUpLimit(env, request, now);
  if (over) return over;
  const way = await wayIn(env, { ...input, email: email.value }, now);
  if (!way.ok) return way;
  const auth = await authFor(env, request);
  const body = { name: name.value, email: email.value, password: input.password };
  let made: { user: User; cookies: string[] };
  try {
    const { response, headers } = await auth.api.signUpEmail({ body, headers: request.headers, returnHeaders: true });
    made = {
      user: { id: response.user.id, email: email.value, name: name.value },
      cookies: headers.getAll('Set-Cookie'),
    };
  } catch (thrown) {
    return refusalOf(thrown);
  }
  const organisation = await way.value(made.user);
  if (organisation.ok) return done({ ...made, organisation: organisation.value });
  // Somebody else took the way in the meantime: nothing is left of the account.
  await env.DB.prepare('DELETE FROM users WHERE id = ?').bind(made.user.id).run();
  return organisation;
}

async function wayIn(env: Env, input: NewAccount, now: number): Promise<Result<Way>> {
  if (input.invitation !== '') return invitedWay(env, input, now);
  if (input.first !== '' || !(await hasUsers(env.DB))) return firstWay(env, input, now);
  if (env.SIGN_UP === 'open') return openWay(env, input, now);
  return refuse(
    'sign-up-closed',
    'Here one signs up by invitation only.',
    'Ask an owner or admin of your organisation to invite you.',
  );
}

async function invitedWay(env: Env, { invitation, email }: NewAccount, now: number): Promise<Result<Way>> {
  const found = await findInvitation(env.DB, invitation, now);
  if (!found.ok) return found;
  if (found.value.email !== email) {
    return refuse('invitation-not-yours', `This invitation is for ${found.value.email}.`, 'Sign up with that address.');
  }
  return done(async (user) => {
    const accepted = await acceptInvitation(env.DB, invitation, user, now);
    return accepted.ok ? done(accepted.value.organisation) : accepted;
  });
}

async function firstWay(env: Env, { first }: NewAccount, now: number): Promise<Result<Way>> {
  if (!isFirstAccountToken(env, first) || (await hasUsers(env.DB))) return firstTaken();
  return done(async (user) => {
    const { meta } = await env.DB.prepare(
      `INSERT INTO people (organisation_id, user_id, role, created_at)
       SELECT ?1, ?2, 'owner', ?3 WHERE NOT EXISTS (SELECT 1 FROM people)`,
    )
      .bind(DEFAULT_ORGANISATION, user.id, now)
      .run();
    return meta.changes > 0 ? done(DEFAULT_ORGANISATION) : firstTaken();
  });
}

async function openWay(env: Env, input: NewAccount, now: number): Promise<Result<Way>> {
  const name = checkDisplayName('an organisation', input.organisation);
  if (!name.ok) return { ok: false, refusal: { ...name.refusal, field: 'organisation' } };
  return done(async (user) => {
    const { id, entry } = organisationEntry(env.DB, name.value, now);
    await env.DB.batch([entry, personEntry(env.DB, id, user.id, 'owner', now)]);
    return done(id);
  });
}

/** Whether the deployment has any account yet. */
export async function hasUsers(db: D1Database): Promise<boolean> {
  return (await db.prepare('SELECT EXISTS (SELECT 1 FROM users) AS any').first<number>('any')) === 1;
}

function firstTaken(): Refused {
  return refuse(
    'sign-up-closed',
    'The first account is made with the link that the operator has, and it was made already or the link is not that one.',
    "Sign in; or as the operator, ask for the link: 'GET /api/first-account'.",
  );
}
