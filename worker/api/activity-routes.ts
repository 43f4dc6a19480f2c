// /activity: who changed what; a page at a time, or as a file.

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { type AuditEntry, listChanges } from '../directory/audit.ts';
import { refuse } from '../directory/refusal.ts';
import { csv, ndjson } from '../directory/table-text.ts';
import { answerRefusal } from './respond.ts';

export const activityRoutes = new Hono<ApiEnv>();

/** A file holds no more than this; `before` goes on. */
const EXPORTED = 5_000;
const COLUMNS = ['time', 'actor', 'action', 'target', 'before', 'after'];

activityRoutes.get('/activity', require('activity:read'), async (c) => {
  const text = c.req.query('before');
  const before = text === undefined ? undefined : Number(text);
  if (before !== undefined && !Number.isSafeInteger(before)) {
    const refused = refuse('bad-value', "'before' is not the number of an entry.", "Give what came as 'next'.");
    return answerRefusal(c, refused.refusal);
  }
  const format = c.req.query('format') ?? 'json';
  const target = c.req.query('target');
  const filter = { ...(before === undefined ? {} : { before }), ...(target === undefined ? {} : { target }) };
  const { organisation } = c.var.principal;
  if (format === 'json') return c.json(await listChanges(c.env.DB, organisation, filter));
  const file = FILES[format];
  if (!file) {
    const refused = refuse(
      'unknown-format',
      'Activity comes as json, csv or ndjson.',
      "Send one of these as 'format'.",
    );
    return answerRefusal(c, refused.refusal);
  }
  const { entries, next } = await listChanges(c.env.DB, organisation, { ...filter, limit: EXPORTED });
  c.header('Content-Type', file.type);
  c.header('Content-Disposition', `attachment; filename="activity.${format}"`);
  if (next !== null) c.header('X-Culvert-Next', String(next));
  return c.body(file.write(entries));
});

const FILES: Readonly<Record<string, { readonly type: string; write(entries: readonly AuditEntry[]): string }>> = {
  csv: { type: 'text/csv; charset=utf-8', write: (entries) => csv(COLUMNS, entries.map(rowOf)) },
  ndjson: { type: 'application/x-ndjson', write: ndjson },
};

function rowOf({ at, actor, action, target, before, after }: AuditEntry): (string | null)[] {
  const [was, is] = [before, after].map((value) => (value === null ? null : JSON.stringify(value)));
  return [new Date(at).toISOString(), actor, action, target, was!, is!];
}
