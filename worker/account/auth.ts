// better-auth as it is used here: accounts, sessions and passkeys; organisations, roles and invitations are our own.
// One instance per request: a shared one waits for ever when the request that began to make it goes away.

import { passkey } from '@better-auth/passkey';
import { betterAuth } from 'better-auth/minimal';
import { PASSWORD } from './password.ts';
import { accountStore } from './store.ts';

export interface AuthSettings {
  readonly db: D1Database;
  /** Where the browser sees the console: scheme, host and port. */
  readonly origin: string;
  readonly secret: string;
  sendReset(mail: { readonly email: string; readonly token: string }): Promise<void>;
  /** With the link that proves the address. */
  sendProof(mail: { readonly email: string; readonly token: string }): Promise<void>;
}

export type Auth = ReturnType<typeof makeAuth>;

const DAY_SECONDS = 86_400;
const RESET_SECONDS = 3_600;
const PROOF_SECONDS = 3 * DAY_SECONDS;

export function makeAuth({ db, origin, secret, sendReset, sendProof }: AuthSettings) {
  const { protocol, hostname } = new URL(origin);
  return betterAuth({
    appName: 'Culvert',
    baseURL: origin,
    basePath: '/auth',
    secret,
    database: accountStore(db),
    trustedOrigins: [origin],
    telemetry: { enabled: false },
    // What it would say names addresses of people.
    logger: { disabled: true },
    rateLimit: { enabled: false },
    session: { expiresIn: 30 * DAY_SECONDS, updateAge: DAY_SECONDS, freshAge: DAY_SECONDS },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD.shortest,
      maxPasswordLength: PASSWORD.longest,
      revokeSessionsOnPasswordReset: true,
      resetPasswordTokenExpiresIn: RESET_SECONDS,
      sendResetPassword: ({ user, token }) => sendReset({ email: user.email, token }),
    },
    // Nobody waits for it: an account works before its address is proved.
    emailVerification: {
      sendOnSignUp: true,
      autoSignInAfterVerification: false,
      expiresIn: PROOF_SECONDS,
      sendVerificationEmail: ({ user, token }) => sendProof({ email: user.email, token }),
    },
    user: { changeEmail: { enabled: false }, deleteUser: { enabled: false } },
    advanced: {
      cookiePrefix: 'culvert',
      useSecureCookies: protocol === 'https:' || !isLoopback(hostname),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      ipAddress: { ipAddressHeaders: ['cf-connecting-ip'] },
    },
    plugins: [passkey({ rpID: hostname, rpName: 'Culvert', origin })],
  });
}

/** Where a browser keeps cookies and passkeys without TLS. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.|^\[::1\]$/.test(hostname);
}
