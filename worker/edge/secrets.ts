// What hangs from the deployment key: cookie secrets, keys for what is sealed at rest. And the bearer check.

import { Buffer } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';

const KEY_OCTETS = 32;
const EPOCH_MS = 10 * 60_000;

/** As `/relay/settings` carries it. A cookie made with a secret is good until `notAfter`. */
export interface CookieSecret {
  /** First octet of the cookie: the epoch modulo 256. */
  readonly version: number;
  /** Base64 of 32 octets. */
  readonly secret: string;
  /** Milliseconds. */
  readonly notAfter: number;
}

/** Relays fetch the settings this often: twice within an epoch, so that the next secret is always known in time. */
export const SETTINGS_REFRESH_SECONDS = EPOCH_MS / 2000;

/** @returns HMAC-SHA-256(deployment key, "culvert " label NUL context). Throws when the key is not base64 of 32 octets. */
export function deriveKey(deploymentKey: string, label: string, context: string): Uint8Array {
  const key = Buffer.from(deploymentKey ?? '', 'base64');
  if (key.length !== KEY_OCTETS) throw new Error('DEPLOYMENT_KEY must be base64 of 32 octets');
  return createHmac('sha256', key).update(`culvert ${label}\0${context}`).digest();
}

/** The secrets for RFC 7296 section 2.6: current first, then next and previous. Every relay is given the same. */
export function cookieSecrets(deploymentKey: string, now: number): CookieSecret[] {
  const epoch = Math.floor(now / EPOCH_MS);
  return [epoch, epoch + 1, epoch - 1].map((each) => ({
    version: each & 0xff,
    secret: Buffer.from(deriveKey(deploymentKey, 'cookie', String(each))).toString('base64'),
    notAfter: (each + 2) * EPOCH_MS,
  }));
}

/** Compares a request's bearer token with the one expected, in a time that tells nothing about it. */
export function bearerMatches(request: Request, expected: string | undefined): boolean {
  if (!expected) return false;
  const given = /^Bearer +(\S+) *$/i.exec(request.headers.get('Authorization') ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given, expected), digest(expected, expected));
}

/** Equal lengths for any two tokens, whatever their own. */
function digest(token: string, key: string): Uint8Array {
  return createHmac('sha256', key).update(token).digest();
}
