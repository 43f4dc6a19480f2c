// What better-auth refuses, in our words.

import { inField, type Refused, refuse } from '../directory/refusal.ts';
import { PASSWORD } from './password.ts';

/** @throws what is no refusal. */
export function refusalOf(thrown: unknown): Refused {
  const code = (thrown as { body?: { code?: string } } | null)?.body?.code ?? '';
  const known = REFUSALS[code];
  if (!known) throw thrown;
  return known;
}

const BAD_CREDENTIALS = refuse(
  'bad-credentials',
  'No account has this e-mail address and password.',
  'Check both, or ask for a new password.',
);

const BAD_PASSWORD = inField(
  refuse(
    'bad-password',
    `A password takes ${PASSWORD.shortest} to ${PASSWORD.longest} characters.`,
    'A few words that do not belong together are good and easily kept in mind.',
  ),
  'password',
);

const EMAIL_TAKEN = inField(
  refuse('email-taken', 'There is an account with this e-mail address already.', 'Sign in instead.'),
  'email',
);

const LINK_VOID = refuse('link-void', 'This link was used or has expired.', 'Ask for another one.');

const REFUSALS: Readonly<Record<string, Refused>> = {
  INVALID_EMAIL_OR_PASSWORD: BAD_CREDENTIALS,
  INVALID_PASSWORD: BAD_CREDENTIALS,
  PASSWORD_TOO_SHORT: BAD_PASSWORD,
  PASSWORD_TOO_LONG: BAD_PASSWORD,
  USER_ALREADY_EXISTS: EMAIL_TAKEN,
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: EMAIL_TAKEN,
  INVALID_TOKEN: LINK_VOID,
  TOKEN_EXPIRED: LINK_VOID,
  USER_NOT_FOUND: LINK_VOID,
};
