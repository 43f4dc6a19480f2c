// /auth: accounts, sessions and passkeys. They stand beside /api, and a token is no use there: the answer of a sign-in is a cookie.

import { anything, flag, list, nullable, object, ok, type Operations, text } from './operation.ts';

const user = object({ id: text, name: text, email: text });
const role = { type: 'string', enum: ['owner', 'admin', 'auditor', 'member'] };

export const authOperations: Operations = {
  'POST /auth/sign-up': {
    summary: 'Make an account, and sign in',
    description:
      'With `organisation`, the name of a new one, where sign-up is open; with `invitation` or `first`, the token of the link that was followed, into that of the link.',
    scope: 'public',
    body: object({
      ...{ name: text, email: text, password: text },
      ...{ 'organisation?': text, 'invitation?': text, 'first?': text },
    }),
    success: ok(object({ user, organisation: text }), 201),
    refusals: ['bad-email', 'bad-password', 'email-taken', 'sign-up-closed', 'invitation-void', 'too-many-requests'],
  },
  'POST /auth/sign-in': {
    summary: 'Sign in with e-mail and password',
    scope: 'public',
    body: object({ email: text, password: text }),
    success: ok(object({ user })),
    refusals: ['bad-credentials', 'too-many-requests'],
  },
  'POST /auth/sign-out': {
    summary: 'End this session',
    scope: 'public',
    success: ok(object({ signedOut: flag })),
  },
  'GET /auth/session': {
    summary: 'Who is signed in, and where they belong',
    scope: 'public',
    success: ok(
      object({ user: nullable(user), organisations: list(object({ organisation: text, name: text, role })) }),
    ),
  },
  'POST /auth/forgot-password': {
    summary: 'Have a link for a new password mailed',
    description: 'Answered the same whether there is such an account or not.',
    scope: 'public',
    body: object({ email: text }),
    success: ok(object({ asked: flag })),
    refusals: ['bad-email', 'too-many-requests'],
  },
  'POST /auth/reset-password': {
    summary: 'Set a new password by that link',
    scope: 'public',
    body: object({ token: text, password: text }),
    success: ok(object({ changed: flag })),
    refusals: ['link-void', 'bad-password'],
  },
  'POST /auth/send-verification': {
    summary: 'Have the link that proves the own address mailed again',
    scope: 'public',
    success: ok(object({ asked: flag })),
    refusals: ['unauthorised', 'mail-not-sent', 'too-many-requests'],
  },
  'POST /auth/verify-email': {
    summary: 'Prove an address by that link',
    scope: 'public',
    body: object({ token: text }),
    success: ok(object({ proved: flag })),
    refusals: ['link-void', 'too-many-requests'],
  },
  'POST /auth/accept-invitation': {
    summary: 'Join the organisation of an invitation with the account that is signed in',
    scope: 'public',
    body: object({ invitation: text }),
    success: ok(object({ organisation: text })),
    refusals: ['unauthorised', 'invitation-void', 'invitation-not-yours'],
  },
  ...passedOn({
    'GET /auth/passkey/generate-authenticate-options': 'Begin to sign in with a passkey',
    'POST /auth/passkey/verify-authentication': 'Sign in with a passkey',
    'GET /auth/passkey/generate-register-options': 'Begin to add a passkey',
    'POST /auth/passkey/verify-registration': 'Add a passkey',
    'GET /auth/passkey/list-user-passkeys': 'The own passkeys',
    'POST /auth/passkey/update-passkey': 'Rename a passkey',
    'POST /auth/passkey/delete-passkey': 'Remove a passkey',
    'GET /auth/list-sessions': 'The own sessions',
    'POST /auth/revoke-session': 'End one of them',
    'POST /auth/revoke-other-sessions': 'End all but this one',
    'POST /auth/change-password': 'Change the own password',
  }),
};

/** What better-auth answers itself, in its own words. */
function passedOn(summaries: Readonly<Record<string, string>>): Operations {
  return Object.fromEntries(
    Object.entries(summaries).map(([route, summary]) => [
      route,
      { summary, description: 'As better-auth has it.', scope: 'public', success: ok(anything) },
    ]),
  );
}
