// Takes a passkey from the account of whoever is signed in.

import { done, refuse, type Result } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { authFor } from './session.ts';

/** Somebody else's is as unknown as one that does not exist. */
export async function removePasskey(env: Env, request: Request, id: string): Promise<Result<null>> {
  const auth = await authFor(env, request);
  try {
    await auth.api.deletePasskey({ body: { id }, headers: request.headers });
    return done(null);
  } catch (thrown) {
    const status = (thrown as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500) throw thrown;
    return refuse('unknown-passkey', 'You have no such passkey.', 'It may be removed already: load the page again.');
  }
}
