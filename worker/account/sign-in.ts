// Signing in and out with a password, and finding a new one.

import { checkEmail } from '../directory/email.ts';
import { done, type Result } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { mailLimit, signInLimit, signUpLimit } from './limits.ts';
import { refusalOf } from './failure.ts';
import { authFor, type User } from './session.ts';

export interface SignedIn {
  readonly user: User;
  /** Set-Cookie headers. */
  readonly cookies: readonly string[];
}

export async function signIn(
  env: Env,
  request: Request,
  { email, password }: { readonly email: string; readonly password: string },
  now: number,
): Promise<Result<SignedIn>> {
  const address = checkEmail(email);
  if (!address.ok) return address;
  const over = await signInLimit(env, request, address.value, now);
  if (over) return over;
  const auth = await authFor(env, request);
  try {
    const { response, headers } = await auth.api.signInEmail({
      body: { email: address.value, password },
      headers: request.headers,
      returnHeaders: true,
    });
    const { id, name, email: known } = response.user;
    return done({ user: { id, name, email: known }, cookies: headers.getAll('Set-Cookie') });
  } catch (thrown) {
    return refusalOf(thrown);
  }
}

/** @returns Set-Cookie headers, also for who was not signed in. */
export async function signOut(env: Env, request: Request): Promise<readonly string[]> {
  const auth = await authFor(env, request);
  const { headers } = await auth.api.signOut({ headers: request.headers, returnHeaders: true });
  return headers.getAll('Set-Cookie');
}

/** A mail with a link goes out if there is such an account; the answer is the same if there is none. */
export async function askNewPassword(env: Env, request: Request, email: string, now: number): Promise<Result<null>> {
  const address = checkEmail(email);
  if (!address.ok) return address;
  const over = (await signUpLimit(env, request, now)) ?? (await mailLimit(env, address.value, now));
  if (over) return over;
  const auth = await authFor(env, request);
  try {
    await auth.api.requestPasswordReset({ body: { email: address.value }, headers: request.headers });
    return done(null);
  } catch (thrown) {
    return refusalOf(thrown);
  }
}

/** Ends all sessions of the account. @param token of the link. */
export async function setNewPassword(
  env: Env,
  request: Request,
  { token, password }: { readonly token: string; readonly password: string },
): Promise<Result<null>> {
  const auth = await authFor(env, request);
  try {
    await auth.api.resetPassword({ body: { token, newPassword: password }, headers: request.headers });
    return done(null);
  } catch (thrown) {
    return refusalOf(thrown);
  }
}
