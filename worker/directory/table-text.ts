// Rows as CSV (RFC 4180) that spreadsheets take for text, and as JSON lines.

/** Where a spreadsheet would read a formula: OWASP names these, and the full-width forms that some take too. */
const FORMULA = /^[\s]*[=+\-@\t\r|%＝＋－＠]/u;

/** Lines end with CRLF; the first names the columns. */
export function csv(columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

export function ndjson(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** Text that begins like a formula gets an apostrophe before it; numbers stay numbers. */
function cell(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
