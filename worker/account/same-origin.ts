// Whether a request that changes something was made by our own pages (cross-site request forgery).

import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Refused, refuse } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { sessionSecret } from './keys.ts';
import { consoleOrigin, type Session } from './session.ts';

/** What scripts of our pages send beside the cookie; no form and no foreign page can. */
export const SCRIPT_HEADER = 'X-Culvert-Request';

/** Browsers say where a request comes from: Sec-Fetch-Site with TLS or on localhost, Origin with every POST. */
export function isSameOrigin(env: Env, request: Request): boolean {
  const site = request.headers.get('Sec-Fetch-Site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = request.headers.get('Origin');
  return origin === null ? site === 'same-origin' : origin === consoleOrigin(env, request);
}

/** @returns null for a request of one of our scripts, or one that only reads. */
export function foreignRequest(env: Env, request: Request): Refused | null {
  if (request.method === 'GET' || request.method === 'HEAD') return null;
  if (isSameOrigin(env, request) && request.headers.get(SCRIPT_HEADER) === '1') return null;
  return foreign(env, request);
}

/** The hidden field of forms; it belongs to the session. */
export function formToken(env: Env, session: Pick<Session, 'id'>): string {
  return createHmac('sha256', sessionSecret(env)).update(`form ${session.id}`).digest('base64url');
}

/** @returns null for a form of our pages that this session was given. */
export function foreignForm(env: Env, request: Request, session: Pick<Session, 'id'>, token: string): Refused | null {
  const expected = new TextEncoder().encode(formToken(env, session));
  const given = new TextEncoder().encode(token);
  const isGood = given.length === expected.length && timingSafeEqual(given, expected);
  return isGood && isSameOrigin(env, request) ? null : foreign(env, request);
}

function foreign(env: Env, request: Request): Refused {
  return refuse(
    'foreign-request',
    'The request does not come from a page of this console.',
    `Open ${consoleOrigin(env, request)} and do it there; programs use a token.`,
  );
}
