// The proof of RFC 3715 is complete and honest: every row is shown or open, everything named exists, the document is what the data give.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DOCUMENT, readResults } from '../../lab/results.ts';
import { ROWS } from '../../lab/rfc3715.ts';
import { renderRfc3715 } from '../../lab/rfc3715-document.ts';
import { loadScenario, scenarioNames } from '../../lab/runner.ts';
import { GATEWAY_SIDE } from '../../sim/story/gateway-side.ts';
import { HIJACK } from '../../sim/story/hijack.ts';
import { IN_MID_SA } from '../../sim/story/in-mid-sa.ts';
import { KINDS_OF_NAT } from '../../sim/story/kinds-of-nat.ts';
import { MIDDLEBOXES } from '../../sim/story/middleboxes.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const STORIES = [...KINDS_OF_NAT, ...IN_MID_SA, ...GATEWAY_SIDE, ...MIDDLEBOXES, ...HIJACK];

describe('the rows of RFC 3715', () => {
  it('are all there, once each', () => {
    const ids = ROWS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const letters = [...'abcdefghi'].map((letter) => `2.1 ${letter}`);
    letters.push(...[...'jklm'].map((letter) => `2.2 ${letter}`), ...[...'nop'].map((letter) => `2.3 ${letter}`));
    expect(ids).toEqual(expect.arrayContaining(letters));
    const requirements = ids.filter((id) => id.startsWith('3 ')).map((id) => /^3 ([^:]+)/.exec(id)![1]);
    expect([...new Set(requirements)].sort()).toEqual([
      ...[
        'compatibility',
        'deployment',
        'end to end',
        'firewall',
        'gateway to gateway',
        'modes',
        'protocols',
        'scaling',
      ],
      ...['security', 'telecommuter'],
    ]);
    expect(ids).toEqual(expect.arrayContaining(['4.2', '4.3', '5']));
  });

  it.each(ROWS)('$id is shown by something or open', ({ scenarios, tests, open }) => {
    expect(scenarios.length + tests.length > 0 || (open ?? '') !== '').toBe(true);
  });

  it.each(ROWS.filter(({ scenarios }) => scenarios.length > 0))(
    '$id has a scenario that npm test runs',
    async (row) => {
      const scenarios = await Promise.all(row.scenarios.map(loadScenario));
      expect(scenarios.some(({ core }) => core)).toBe(true);
    },
  );

  it('what is open stays open until it is built', () => {
    const open = (id: string) => ROWS.find((row) => row.id === id)!.open;
    for (const id of ['2.1 b', '3 modes: transport', '3 compatibility: IKEv1'])
      expect(open(id)).toMatch(/transport|IKEv1/);
  });

  it.each(ROWS)('$id names scenarios, tests and files that exist', ({ scenarios, tests, code }) => {
    const known = scenarioNames();
    expect(scenarios.filter((name) => !known.includes(name))).toEqual([]);
    const files = tests.map((test) => test.split(' ', 1)[0]!);
    expect([...files, ...code].filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
    const stories = tests.flatMap((test) => test.split(' ').slice(1));
    expect(stories.filter((story) => !STORIES.some(({ title }) => title.startsWith(`${story} `)))).toEqual([]);
  });
});

describe('docs/rfc3715.md', () => {
  it('is what the rows and the recorded results give', () => {
    expect(readFileSync(DOCUMENT, 'utf8')).toBe(renderRfc3715(ROWS, readResults()));
  });

  it('shows a result of no scenario that was not run', () => {
    const bare = renderRfc3715(ROWS, {});
    expect(bare).toContain('not run');
    expect(bare).not.toMatch(/pass \d{4}/);
    const [row] = ROWS;
    const failed = renderRfc3715([row!], { [row!.scenarios[0]!]: { result: 'fail', date: '2001-02-03' } });
    expect(failed).toContain('fail 2001-02-03');
  });

  it('has results of existing scenarios only', () => {
    const known = scenarioNames();
    expect(Object.keys(readResults()).filter((name) => !known.includes(name))).toEqual([]);
  });
});
