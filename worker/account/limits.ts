// How often something may be tried, by whom.

import { toHex } from '../../src/bytes/octets.ts';
import { parseAddress } from '../../src/wire/prefix.ts';
import { type Limit, overLimit } from '../directory/rate-limit.ts';
import type { Refused } from '../directory/refusal.ts';
import type { Env } from '../env.ts';

const MINUTE_MS = 60_000;

/** A password is guessed by one source for many accounts, or by many sources for one account: both are slowed. */
const SIGN_IN_BY_SOURCE: Limit = { what: 'sign-in by source', burst: 20, everyMs: 10_000 };
const SIGN_IN_TO_ACCOUNT: Limit = { what: 'sign-in to account', burst: 10, everyMs: MINUTE_MS };
/** An office behind one address may come all at once. */
const SIGN_UP: Limit = { what: 'sign-up', burst: 30, everyMs: MINUTE_MS };
const MAIL_TO: Limit = { what: 'mail', burst: 3, everyMs: 10 * MINUTE_MS };
const PASSKEY: Limit = { what: 'passkey', burst: 30, everyMs: 5_000 };
const LINK: Limit = { what: 'one-time link', burst: 20, everyMs: 10_000 };

type Limited = Pick<Env, 'DB'>;

export async function signInLimit(env: Limited, request: Request, email: string, now: number): Promise<Refused | null> {
  const account = email.trim().toLowerCase();
  return (
    (await overLimit(env.DB, SIGN_IN_BY_SOURCE, sourceOf(request), now)) ??
    (await overLimit(env.DB, SIGN_IN_TO_ACCOUNT, account, now))
  );
}

export function signUpLimit(env: Limited, request: Request, now: number): Promise<Refused | null> {
  return overLimit(env.DB, SIGN_UP, sourceOf(request), now);
}

/** Mails to one address that somebody who need not own it asks for. */
export function mailLimit(env: Limited, email: string, now: number): Promise<Refused | null> {
  return overLimit(env.DB, MAIL_TO, email.trim().toLowerCase(), now);
}

export function passkeyLimit(env: Limited, request: Request, now: number): Promise<Refused | null> {
  return overLimit(env.DB, PASSKEY, sourceOf(request), now);
}

export function linkLimit(env: Limited, request: Request, now: number): Promise<Refused | null> {
  return overLimit(env.DB, LINK, sourceOf(request), now);
}

/** The address that Cloudflare saw; who has one IPv6 address has the rest of its /64, too. */
function sourceOf(request: Request): string {
  const text = request.headers.get('CF-Connecting-IP') ?? '';
  const address = parseAddress(text);
  return address?.length === 16 ? toHex(address.slice(0, 8)) : text;
}
