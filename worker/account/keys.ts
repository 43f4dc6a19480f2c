// What the accounts' secrets hang from: the deployment key (HMAC-SHA-256 per purpose).

import { Buffer } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';

interface Keyed {
  /** Base64 of 32 octets. */
  readonly DEPLOYMENT_KEY: string;
}

/** Signs session cookies. */
export function sessionSecret(env: Keyed): string {
  return derive(env, 'sessions').toString('hex');
}

/** Stands in the link by which the first account of a deployment is made; it works until there is one. */
export function firstAccountToken(env: Keyed): string {
  return derive(env, 'first account').toString('base64url');
}

export function isFirstAccountToken(env: Keyed, token: string): boolean {
  const [given, expected] = [token, firstAccountToken(env)].map((each) => derive(env, `compare ${each}`));
  return timingSafeEqual(given!, expected!);
}

function derive({ DEPLOYMENT_KEY }: Keyed, purpose: string): Buffer {
  return createHmac('sha256', Buffer.from(DEPLOYMENT_KEY, 'base64')).update(`culvert ${purpose}`).digest();
}
