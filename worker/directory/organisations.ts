// Organisations: the tenants.

import { labelFor, randomText } from './label.ts';
import { done, inField, refuse, type Result } from './refusal.ts';

export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

const LONGEST = 64;
const ID = 10;

/** What people may call an organisation or themselves: one line of text. */
export function checkDisplayName(what: string, text: string): Result<string> {
  const name = text.normalize('NFC').trim();
  // Control characters, line ends, and what turns the direction of the text that follows.
  const hasHidden = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(name);
  if (name !== '' && name.length <= LONGEST && !hasHidden) return done(name);
  const message = `The name of ${what} takes 1 to ${LONGEST} characters on one line.`;
  return inField(refuse('bad-name', message, 'Choose a shorter or plainer name.'), 'name');
}

/** @returns its id, and the statement that adds it. */
export function organisationEntry(
  db: D1Database,
  name: string,
  now: number,
): { id: string; entry: D1PreparedStatement } {
  const id = randomText(ID);
  const entry = db
    .prepare('INSERT INTO organisations (id, label, name, created_at) VALUES (?, ?, ?, ?)')
    .bind(id, labelFor(id, name), name, now);
  return { id, entry };
}

export async function findOrganisation(db: D1Database, id: string): Promise<Organisation | null> {
  const row = await db
    .prepare('SELECT id, name, created_at FROM organisations WHERE id = ?')
    .bind(id)
    .first<{ id: string; name: string; created_at: number }>();
  return row && { id: row.id, name: row.name, createdAt: row.created_at };
}

export function renaming(db: D1Database, id: string, name: string): D1PreparedStatement {
  return db.prepare('UPDATE organisations SET name = ? WHERE id = ?').bind(name, id);
}
