// docs/rfc3715.md from its rows and from what the runner has recorded.

import type { Results } from './results.ts';
import type { Row } from './rfc3715.ts';

const HEAD = `# RFC 3715, row by row

What is known to be incompatible between NATs and IPsec (section 2), what a solution must do (sections 3 and 5) and what earlier
ones could not (section 4): how this gateway answers it, where that is, and what shows it.

This file is made by \`npm run lab -- --record\` from \`test/lab/rfc3715/\` and \`test/lab/results.json\`; a test fails when it is
not what they give. The result column holds what the runner saw: real strongSwan clients behind real NATs, and where a row says so
a client of our own that does what stock clients refuse to do. Tests run with \`npm test\`; N1 to N34 are stories of the NAT simulator,
where time is virtual. **Open** is what is not there yet.

Scenarios are in \`test/lab/scenarios\`: \`npm run lab -- --list\` describes them, \`npm run lab -- NAME\` runs one.
`;

const TITLES: readonly (readonly [string, (id: string) => boolean])[] = [
  ['2.1 Intrinsic issues', (id) => id.startsWith('2.1')],
  ['2.2 Weaknesses of implementations', (id) => id.startsWith('2.2')],
  ['2.3 Helpers', (id) => id.startsWith('2.3')],
  ['3 Requirements', (id) => id.startsWith('3')],
  ['4 Existing solutions', (id) => id.startsWith('4')],
  ['5 Security considerations', (id) => id.startsWith('5')],
];

export function renderRfc3715(rows: readonly Row[], results: Results): string {
  const parts = TITLES.map(([title, belongs]) => {
    const lines = rows.filter(({ id }) => belongs(id)).map((row) => line(row, results));
    return `## ${title}\n\n${TABLE}${lines.join('')}`;
  });
  return `${HEAD}\n${parts.join('\n')}`;
}

const TABLE = '| RFC 3715 | Problem | Answer | Where | Shown by | Result |\n|---|---|---|---|---|---|\n';

function line({ id, title, problem, answer, code, scenarios, tests, open }: Row, results: Results): string {
  const shown = [...scenarios, ...tests.map((path) => path.replace(/^test\//, ''))].map(quoted);
  const cells = [
    `${id}<br>${title}`,
    problem,
    answer,
    code.map(quoted).join('<br>'),
    shown.join('<br>'),
    [...scenarios.map((name) => outcome(name, results)), ...tests.map(() => 'npm test')].join('<br>'),
  ];
  if (open !== undefined) cells[5] = [cells[5], `**open**: ${open}`].filter(Boolean).join('<br>');
  return `| ${cells.map((cell) => cell!.replaceAll('|', '\\|')).join(' | ')} |\n`;
}

function outcome(name: string, results: Results): string {
  const recorded = results[name];
  return recorded ? `${recorded.result} ${recorded.date}` : 'not run';
}

function quoted(text: string): string {
  return `\`${text}\``;
}
