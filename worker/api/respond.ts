// Answers of the API: JSON, never cached; a refusal carries a code, what happened and why, and what to do next.

import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Refusal, RefusalCode } from '../directory/refusal.ts';
import type { Env } from '../env.ts';

export type ApiContext = Context<{ Bindings: Env }>;

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
  'unfit-format': 409,
  unauthorised: 401,
  'unknown-network': 404,
  'unknown-device': 404,
  'unknown-site': 404,
  'unknown-member': 404,
  'not-found': 404,
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
};

export function answerRefusal(c: ApiContext, { code, message, next }: Refusal): Response {
  return c.json({ error: { code, message, next } }, STATUS[code]);
}
