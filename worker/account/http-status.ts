// HTTP status of each refusal (RFC 9110 section 15).

import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { RefusalCode } from '../directory/refusal.ts';

const STATUS: Readonly<Record<RefusalCode, ContentfulStatusCode>> = {
  'bad-request': 400,
  'unknown-field': 400,
  'bad-name': 400,
  'bad-prefix': 400,
  'host-bits-set': 400,
  'bad-pool': 400,
  'bad-value': 400,
  'bad-auth': 400,
  'unknown-format': 400,
  unauthorised: 401,
  forbidden: 403,
  'unknown-network': 404,
  'unknown-device': 404,
  'unknown-site': 404,
  'unknown-member': 404,
  'not-found': 404,
  'unknown-organisation': 404,
  'unknown-person': 404,
  'unknown-invitation': 404,
  'bad-email': 400,
  'bad-password': 400,
  'bad-credentials': 401,
  'sign-up-closed': 403,
  'invitation-not-yours': 403,
  'owners-only': 403,
  'foreign-request': 403,
  'email-taken': 409,
  'last-owner': 409,
  'invitation-void': 410,
  'too-many-requests': 429,
  'prefix-overlap': 409,
  'name-taken': 409,
  'pool-exhausted': 409,
  'pool-fixed': 409,
  'network-not-empty': 409,
  'not-connected': 409,
  'body-too-large': 413,
  internal: 500,
  'not-configured': 503,
  'edge-busy': 503,
  'unknown-group': 404,
  'group-in-use': 409,
  'too-many-groups': 409,
  'policy-changed': 409,
  'bad-rule': 400,
};

export function statusOf(code: RefusalCode): ContentfulStatusCode {
  return STATUS[code];
}
