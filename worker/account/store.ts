// The tables of better-auth on D1: one statement for each of its questions. It names models and fields, never SQL.

import { type AdapterFactory, type CleanedWhere, createAdapterFactory } from 'better-auth/adapters';
import type { BetterAuthOptions } from 'better-auth/types';

type Row = Record<string, unknown>;

const TABLES: Readonly<Record<string, string>> = {
  user: 'users',
  session: 'sessions',
  account: 'accounts',
  verification: 'verifications',
  passkey: 'passkeys',
};

/** Times are kept as milliseconds, and flags as 0 and 1. */
export function accountStore(db: D1Database): AdapterFactory<BetterAuthOptions> {
  return createAdapterFactory({
    config: {
      adapterId: 'culvert-d1',
      adapterName: 'Culvert on D1',
      supportsBooleans: false,
      supportsDates: true,
      supportsJSON: false,
      supportsArrays: false,
      transaction: false,
      customTransformOutput: ({ data, fieldAttributes }) =>
        fieldAttributes.type === 'date' && typeof data === 'number' ? new Date(data) : data,
    },
    adapter: () => ({
      create: async ({ model, data }) => {
        const names = Object.keys(data);
        const places = names.map(() => '?').join(', ');
        const sql = `INSERT INTO ${table(model)} (${names.map(column).join(', ')}) VALUES (${places}) RETURNING *`;
        return fieldsOf(await first(db, sql, Object.values(data))) as never;
      },
      findOne: async ({ model, where }) => {
        const { sql, values } = condition(where);
        return fieldsOf(await first(db, `SELECT * FROM ${table(model)} ${sql} LIMIT 1`, values)) as never;
      },
      findMany: async ({ model, where, limit, sortBy, offset }) => {
        const { sql, values } = condition(where);
        const order = sortBy ? `ORDER BY ${column(sortBy.field)} ${sortBy.direction === 'desc' ? 'DESC' : 'ASC'}` : '';
        const query = `SELECT * FROM ${table(model)} ${sql} ${order} LIMIT ? OFFSET ?`;
        const { results } = await bound(db, query, [...values, limit, offset ?? 0]).all<Row>();
        return results.map(fieldsOf) as never;
      },
      count: async ({ model, where }) => {
        const { sql, values } = condition(where);
        return (await bound(db, `SELECT count(*) AS n FROM ${table(model)} ${sql}`, values).first<number>('n')) ?? 0;
      },
      update: async ({ model, where, update }) => {
        const { sql, values } = condition(where);
        const set = assignment(update as Row);
        const one = `id = (SELECT id FROM ${table(model)} ${sql} LIMIT 1)`;
        const query = `UPDATE ${table(model)} SET ${set.sql} WHERE ${one} RETURNING *`;
        return fieldsOf(await first(db, query, [...set.values, ...values])) as never;
      },
      updateMany: async ({ model, where, update }) => {
        const { sql, values } = condition(where);
        const set = assignment(update);
        return changes(bound(db, `UPDATE ${table(model)} SET ${set.sql} ${sql}`, [...set.values, ...values]));
      },
      delete: async ({ model, where }) => {
        const { sql, values } = condition(where);
        await changes(bound(db, `DELETE FROM ${table(model)} ${sql}`, values));
      },
      deleteMany: ({ model, where }) => {
        const { sql, values } = condition(where);
        return changes(bound(db, `DELETE FROM ${table(model)} ${sql}`, values));
      },
      consumeOne: async ({ model, where }) => {
        const { sql, values } = condition(where);
        const query = `DELETE FROM ${table(model)} WHERE id = (SELECT id FROM ${table(model)} ${sql} LIMIT 1) RETURNING *`;
        return fieldsOf(await first(db, query, values)) as never;
      },
    }),
  });
}

function table(model: string): string {
  const name = TABLES[model];
  if (name === undefined) throw new Error(`there is no table for ${model}`);
  return name;
}

/** `credentialID` stands in the column `credential_id`. */
function column(field: string): string {
  const name = field.replace(
    /([a-z0-9])([A-Z]+)/g,
    (_, before: string, capitals: string) => `${before}_${capitals.toLowerCase()}`,
  );
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error('a field has no such name');
  return name;
}

function fieldsOf(row: Row | null): Row | null {
  if (!row) return null;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [field(name), value]));
}

function field(name: string): string {
  if (name === 'credential_id') return 'credentialID';
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const COMPARISONS: Readonly<Record<string, string>> = { eq: '=', ne: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' };

interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Its clauses are joined from left to right; better-auth mixes AND with OR nowhere that is used here. */
function condition(where: readonly CleanedWhere[] | undefined): Condition {
  if (!where || where.length === 0) return { sql: '', values: [] };
  const clauses = where.map(clause);
  const joins = new Set(where.slice(1).map(({ connector }) => connector));
  if (joins.size > 1) throw new Error('AND and OR in one condition');
  const sql = clauses.map((each) => each.sql).join(joins.has('OR') ? ' OR ' : ' AND ');
  return { sql: `WHERE ${sql}`, values: clauses.flatMap((each) => each.values) };
}

function clause({ field, operator, value, mode }: CleanedWhere): Condition {
  const name = mode === 'insensitive' ? `lower(${column(field)})` : column(field);
  const place = mode === 'insensitive' ? 'lower(?)' : '?';
  if (operator === 'in' || operator === 'not_in') {
    const list = `(SELECT value FROM json_each(?))`;
    return { sql: `${name} ${operator === 'in' ? 'IN' : 'NOT IN'} ${list}`, values: [JSON.stringify(value)] };
  }
  const comparison = COMPARISONS[operator ?? 'eq'];
  if (comparison === undefined) throw new Error(`no condition '${operator}' is known here`);
  if (value !== null) return { sql: `${name} ${comparison} ${place}`, values: [value] };
  return { sql: `${name} IS ${operator === 'ne' ? 'NOT ' : ''}NULL`, values: [] };
}

function assignment(update: Row): Condition {
  const names = Object.keys(update);
  return { sql: names.map((name) => `${column(name)} = ?`).join(', '), values: Object.values(update) };
}

function bound(db: D1Database, sql: string, values: readonly unknown[]): D1PreparedStatement {
  return db.prepare(sql).bind(...values.map((value) => (value instanceof Date ? value.getTime() : (value ?? null))));
}

function first(db: D1Database, sql: string, values: readonly unknown[]): Promise<Row | null> {
  return bound(db, sql, values).first<Row>();
}

async function changes(statement: D1PreparedStatement): Promise<number> {
  return (await statement.run()).meta.changes;
}
