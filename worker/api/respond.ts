// Answers of the API: JSON, never cached; a refusal carries a code, what happened and why, and what to do next.

import type { Context } from 'hono';
import type { Refusal } from '../directory/refusal.ts';
import type { ApiEnv } from '../account/principal.ts';
import { statusOf } from '../account/http-status.ts';

export type ApiContext = Context<ApiEnv>;

export function answerRefusal(c: ApiContext, { code, message, next, field }: Refusal): Response {
  return c.json({ error: { code, message, next, ...(field === undefined ? {} : { field }) } }, statusOf(code));
}
