// The findings as a text to send to somebody. No secret is among the facts.

import type { Explanation } from './explanation.ts';
import { moment } from './moment.ts';

export function reportOf(about: string, now: number, findings: readonly Explanation[]): string {
  const lines = [`Culvert: ${about}, ${moment(now)}`];
  if (findings.length === 0) lines.push('', 'Nothing is wrong that can be seen from the gateway.');
  for (const { row, title, text, next, evidence } of findings) {
    lines.push('', `${title} [${row}]`, text);
    for (const step of next) lines.push(`- ${step}`);
    for (const [label, value] of evidence) lines.push(`  ${label}: ${value}`);
  }
  return `${lines.join('\n')}\n`;
}
