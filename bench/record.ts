// The result in the documentation: between two marks of docs/benchmarks.md, so that no number there is ever typed.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { factsOf, type Result } from './report.ts';

const PAGE = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const BEGIN = '<!-- written by npm run bench -- --record -->';
const END = '<!-- end -->';

export function record(result: Result): void {
  writeFileSync(PAGE, recorded(readFileSync(PAGE, 'utf8'), factsOf(result)));
}

/** @returns the page with the facts in the place of those that stood there. Throws where it has no place for them. */
export function recorded(page: string, facts: string): string {
  const [before, rest] = halves(page, BEGIN);
  const [, after] = halves(rest, END);
  return `${before}${BEGIN}\n\`\`\`\n${facts}\`\`\`\n${END}${after}`;
}

function halves(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  if (at === -1) throw new Error(`docs/benchmarks.md lacks the mark ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
