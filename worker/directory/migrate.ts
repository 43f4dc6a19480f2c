// Brings a local D1 database up to date from Node: the same files and the same ledger as `wrangler d1 migrations apply`.

import { readdirSync, readFileSync } from 'node:fs';

/** As much of a D1 database as migrations take. */
export interface MigratedDatabase {
  prepare(sql: string): MigratedStatement;
  batch(statements: MigratedStatement[]): Promise<unknown>;
}

export interface MigratedStatement {
  bind(...values: unknown[]): MigratedStatement;
  run(): Promise<unknown>;
  all(): Promise<{ readonly results: readonly unknown[] }>;
}

const LEDGER = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;

/** Each file is applied whole or not at all. @returns the names of those that were new. */
export async function migrate(database: MigratedDatabase): Promise<string[]> {
  await database.prepare(LEDGER).run();
  const { results } = await database.prepare('SELECT name FROM d1_migrations').all();
  const applied = new Set(results.map((row) => (row as { name: string }).name));
  const due = migrations().filter(({ name }) => !applied.has(name));
  for (const { name, statements } of due) {
    const entry = database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name);
    await database.batch([...statements.map((sql) => database.prepare(sql)), entry]);
  }
  return due.map(({ name }) => name);
}

/** In the order in which they are applied. */
export function migrations(): { readonly name: string; readonly statements: string[] }[] {
  const folder = new URL('migrations/', import.meta.url);
  const names = readdirSync(folder).filter((name) => /^\d{4}_[\w-]+\.sql$/.test(name));
  return names.sort().map((name) => ({ name, statements: statementsOf(readFileSync(new URL(name, folder), 'utf8')) }));
}

/** Statements end with a semicolon at the end of a line; comments have lines of their own. */
function statementsOf(sql: string): string[] {
  return sql
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
