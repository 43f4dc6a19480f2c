// What axe finds on a page that keeps somebody out.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** To be evaluated in the page before it is looked at. */
export const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Runs in the page. */
export async function lookForBarriers(rules: string[]): Promise<string[]> {
  const { axe } = window as unknown as {
    axe: {
      run(
        options: unknown,
      ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
    };
  };
  const { violations } = await axe.run({ runOnly: { type: 'tag', values: rules } });
  return violations.map(
    ({ id, nodes }) =>
      `${id} at ${nodes[0]?.html.slice(0, 160)}: ${nodes[0]?.failureSummary.replace(/\s+/g, ' ').slice(0, 200)}`,
  );
}
