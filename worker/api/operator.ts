// The operator's token: the one key to the API.

import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares the bearer token of a request in a time that tells nothing about the right one; false while none is configured. */
export function isOperator(authorization: string | undefined, expected: string | undefined): boolean {
  if (!expected) return false;
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(expected));
}

/** Equal lengths for any two tokens, whatever their own. */
function digest(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}
