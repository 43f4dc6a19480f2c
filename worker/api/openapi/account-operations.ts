// The organisation, its people, tokens, webhooks and authority, and what was changed.

import { EVENTS } from '../../directory/actions.ts';
import { count, list, nullable, object, ok, type Operations, oneOf, reference, text } from './operation.ts';

const role = oneOf('owner', 'admin', 'auditor', 'member');

export const accountOperations: Operations = {
  'GET /openapi.json': {
    summary: 'This description',
    scope: 'public',
    success: ok({ type: 'object' }),
  },
  'GET /me': {
    summary: 'Who asks',
    scope: null,
    success: ok(
      object({
        me: object({
          ...{ kind: oneOf('operator', 'token', 'session'), organisation: text, role, scopes: list(text), label: text },
          user: nullable(object({ id: text, name: text, email: text })),
        }),
        organisations: list(object({ organisation: text, name: text, role })),
      }),
    ),
  },
  'GET /organisation': {
    summary: 'The organisation',
    scope: null,
    success: ok(object({ organisation: reference('Organisation') })),
  },
  'PATCH /organisation': {
    summary: 'Rename the organisation',
    scope: 'settings:write',
    body: object({ name: text }),
    success: ok(object({ organisation: reference('Organisation') })),
  },
  'POST /organisations': {
    summary: 'Make another organisation, where sign-up is open',
    scope: null,
    body: object({ name: text }),
    success: ok(object({ organisation: reference('Organisation') }), 201),
    refusals: ['sign-up-closed'],
  },
  'GET /first-account': {
    summary: 'The link by which the first account is made; for the operator',
    scope: null,
    success: ok(object({ link: nullable(text) })),
  },
  'GET /people': {
    summary: 'The people of the organisation',
    scope: 'people:read',
    query: { after: text },
    success: ok(object({ people: list(reference('Person')), next: nullable(text) })),
  },
  'PATCH /people/{user}': {
    summary: 'Give somebody another role',
    scope: 'people:write',
    body: object({ role }),
    success: ok(object({ person: reference('Person') })),
    refusals: ['last-owner', 'owners-only'],
  },
  'DELETE /people/{user}': {
    summary: 'Remove somebody, or leave',
    description: 'Everybody may leave; to remove others takes people:write.',
    scope: null,
    success: ok(object({ removed: text })),
    refusals: ['last-owner', 'owners-only'],
  },
  'GET /invitations': {
    summary: 'Invitations that can still be accepted',
    scope: 'people:read',
    success: ok(object({ invitations: list(reference('Invitation')) })),
  },
  'POST /invitations': {
    summary: 'Invite somebody; the link is told once',
    scope: 'people:write',
    body: object({ email: text, role }),
    success: ok(
      object({
        invitation: reference('Invitation'),
        link: text,
        delivery: oneOf('sent', 'printed', 'not-sent', 'withheld'),
      }),
      201,
    ),
    refusals: ['bad-email', 'owners-only', 'too-many-requests'],
  },
  'DELETE /invitations/{invitation}': {
    summary: 'Take an invitation back',
    scope: 'people:write',
    success: ok(object({ revoked: text })),
  },
  'GET /activity': {
    summary: 'Who changed what, the youngest first',
    description:
      'As JSON a page at a time; as csv or ndjson up to 5,000 at a time, and X-Culvert-Next tells where to go on.',
    scope: 'activity:read',
    query: { before: count, target: text, format: oneOf('json', 'csv', 'ndjson') },
    success: ok(object({ entries: list(reference('AuditEntry')), next: nullable(count) })),
  },
  'GET /tokens': {
    summary: 'API tokens',
    scope: 'settings:read',
    success: ok(object({ tokens: list(reference('Token')) })),
  },
  'POST /tokens': {
    summary: 'Make an API token, with no more scopes than your own',
    scope: 'settings:write',
    body: object({ name: text, scopes: list(text), 'days?': { type: 'integer', minimum: 1, maximum: 366 } }),
    success: ok(object({ token: reference('Token') }), 201),
    refusals: ['bad-name', 'name-taken'],
  },
  'DELETE /tokens/{token}': {
    summary: 'Revoke an API token',
    scope: 'settings:write',
    success: ok(object({ revoked: text })),
  },
  'GET /webhooks': {
    summary: 'Webhooks',
    scope: 'settings:read',
    success: ok(object({ webhooks: list(reference('Webhook')) })),
  },
  'POST /webhooks': {
    summary: 'Add a webhook; its secret is told once',
    scope: 'settings:write',
    body: object({ url: text, 'events?': list(oneOf(...EVENTS)) }),
    success: ok(object({ webhook: reference('Webhook') }), 201),
    refusals: ['too-many'],
  },
  'DELETE /webhooks/{webhook}': {
    summary: 'Remove a webhook',
    scope: 'settings:write',
    success: ok(object({ removed: text })),
  },
  'GET /webhooks/{webhook}/deliveries': {
    summary: 'What a webhook was told, and what came of it',
    scope: 'settings:read',
    success: ok(object({ deliveries: list(reference('Delivery')) })),
  },
  'POST /webhooks/{webhook}/deliveries/{delivery}/repeat': {
    summary: 'Tell a webhook once more',
    description: 'The same body under the same id, now, and again later and later until it is taken.',
    scope: 'settings:write',
    success: ok(object({ delivery: text }), 202),
  },
  'POST /webhooks/{webhook}/test': {
    summary: 'Tell a webhook something that means nothing',
    scope: 'settings:write',
    success: ok(object({ delivery: text }), 202),
  },
  'GET /authority': {
    summary: 'Certificate authorities of the organisation, the one that signs first',
    scope: 'settings:read',
    success: ok(object({ authorities: list(reference('Authority')) })),
  },
  'POST /authority/rotation': {
    summary: 'Let another authority sign; the one before is accepted for a while',
    scope: 'settings:write',
    body: object({ 'overlapDays?': { type: 'integer', minimum: 0, maximum: 730 } }),
    success: ok(object({ authority: reference('Authority') }), 201),
  },
};
