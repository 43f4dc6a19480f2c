// Which constraint of the database a write has run into, as SQLite words it.

/** The columns of a UNIQUE or NOT NULL constraint as `table.column`, or `['foreign key']`; null for any other failure. */
export function brokenConstraint(thrown: unknown): readonly string[] | null {
  const message = thrown instanceof Error ? thrown.message : '';
  const columns = /(?:UNIQUE|NOT NULL) constraint failed: ([\w., ]+)/.exec(message);
  if (columns) return columns[1]!.trim().split(/, */);
  return /FOREIGN KEY constraint failed/.test(message) ? ['foreign key'] : null;
}
