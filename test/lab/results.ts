// What became of each scenario when the runner last recorded it: results.json, and docs/rfc3715.md made of it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ROWS } from './rfc3715.ts';
import { renderRfc3715 } from './rfc3715-document.ts';

export const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));
export const DOCUMENT = fileURLToPath(new URL('../../docs/rfc3715.md', import.meta.url));

export interface Recorded {
  readonly result: 'pass' | 'fail';
  /** UTC, as YYYY-MM-DD. */
  readonly date: string;
}

export type Results = Readonly<Record<string, Recorded>>;

export function readResults(): Results {
  return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Results) : {};
}

/** Adds results of a run to those on record, drops those of scenarios that are no more, and writes the document anew. */
export function record(outcomes: ReadonlyMap<string, 'pass' | 'fail'>, known: readonly string[]): void {
  const date = new Date().toISOString().slice(0, 10);
  const before = readResults();
  const after: Record<string, Recorded> = {};
  for (const name of [...known].sort()) {
    const result = outcomes.get(name);
    const entry = result ? { result, date } : before[name];
    if (entry) after[name] = entry;
  }
  writeFileSync(RESULTS, `${JSON.stringify(after, null, 2)}\n`);
  writeFileSync(DOCUMENT, renderRfc3715(ROWS, after));
}
