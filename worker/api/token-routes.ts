// /tokens: API tokens of the organisation.

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { isScope, SCOPES, type Scope } from '../account/scopes.ts';
import { listApiTokens, makeApiToken, revokeApiToken } from '../directory/api-tokens.ts';
import { type Change, changeEntry } from '../directory/audit.ts';
import { checkDisplayName } from '../directory/organisations.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';
import { Fields } from './fields.ts';
import { readBody } from './request.ts';
import { answerRefusal } from './respond.ts';

export const tokenRoutes = new Hono<ApiEnv>();

const LONGEST_DAYS = 366;
const USUAL_DAYS = 90;
const DAY_MS = 86_400_000;

tokenRoutes.get('/', require('settings:read'), async (c) => {
  return c.json({ tokens: await listApiTokens(c.env.DB, c.var.principal.organisation) });
});

/** Nobody gives a token more than they have. */
tokenRoutes.post('/', require('settings:write'), async (c) => {
  const { principal } = c.var;
  const body = await readBody(c);
  const input = body.ok ? readToken(body.value, principal.scopes) : body;
  if (!input.ok) return answerRefusal(c, input.refusal);
  const now = Date.now();
  const { name, scopes, days } = input.value;
  const expiresAt = now + days * DAY_MS;
  const change: Change = { action: 'token.make', target: `token ${name}`, before: null, after: { scopes, expiresAt } };
  const token = { name, scopes, expiresAt, createdBy: principal.label };
  const made = await makeApiToken(
    c.env.DB,
    principal.organisation,
    token,
    [changeEntry(c.env.DB, principal, change, now)],
    now,
  );
  if (!made.ok) return answerRefusal(c, made.refusal);
  return c.json({ token: { ...made.value.view, secret: made.value.token } }, 201);
});

tokenRoutes.delete('/:token', require('settings:write'), async (c) => {
  const { principal } = c.var;
  const now = Date.now();
  const revoked = await revokeApiToken(
    c.env.DB,
    principal.organisation,
    c.req.param('token'),
    ({ name, scopes }) => {
      const change: Change = { action: 'token.revoke', target: `token ${name}`, before: { scopes }, after: null };
      return changeEntry(c.env.DB, principal, change, now);
    },
    now,
  );
  return revoked.ok ? c.json({ revoked: revoked.value.name }) : answerRefusal(c, revoked.refusal);
});

function readToken(
  body: unknown,
  own: ReadonlySet<Scope>,
): Result<{ name: string; scopes: readonly Scope[]; days: number }> {
  const fields = new Fields(body, ['name', 'scopes', 'days']);
  const name = checkDisplayName('a token', fields.string('name') ?? '');
  if (!name.ok) fields.refuse(name, 'name');
  const scopes = fields.strings('scopes', SCOPES.length) ?? [];
  const days = fields.integer('days', 1, LONGEST_DAYS, 'days') ?? USUAL_DAYS;
  const wrong = scopes.find((scope) => !isScope(scope) || !own.has(scope));
  if (wrong !== undefined || scopes.length === 0) {
    const message =
      wrong === undefined ? 'A token without scopes opens nothing.' : `'${wrong}' is no scope that you could give.`;
    fields.refuse(refuse('bad-value', message, `Choose of ${[...own].join(', ')}.`), 'scopes');
  }
  return fields.refused ?? done({ name: name.ok ? name.value : '', scopes: scopes.filter(isScope), days });
}
