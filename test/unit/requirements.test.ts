// test/requirements.json and the tests cite each other: what a requirement names exists and says so, and nothing is cited that is not on the list.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scenarioNames } from '../lab/runner.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

type Proof = { readonly scenario: string } | { readonly test: string; readonly name: string };

interface Requirement {
  readonly id: string;
  /** A short quotation. */
  readonly sentence: string;
  readonly proof?: readonly Proof[];
  /** Why nothing proves it. */
  readonly open?: string;
}

const REQUIREMENTS = JSON.parse(readFileSync(join(ROOT, 'test/requirements.json'), 'utf8')) as readonly Requirement[];

/** Ids cited as `Requirements: id id`, by file. */
const CITED = new Map(
  readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('requirements.test.ts'))
    .map((path) => join('test', path))
    .map((path) => [path, citations(readFileSync(join(ROOT, path), 'utf8'))] as const),
);

function citations(text: string): string[] {
  return [...text.matchAll(/\/\/ Requirements: (.*)/g)].flatMap(([, ids]) => ids!.trim().split(/\s+/));
}

/** The titles of the tests that stand below `Requirements:` with that id. */
function testsCiting(id: string, text: string): string[] {
  return text
    .split('// Requirements: ')
    .slice(1)
    .filter((part) => part.split('\n', 1)[0]!.split(/\s+/).includes(id))
    .map((part) => TITLE.exec(part)?.[1] ?? '');
}

/** Of the first test, whether it has a table or not. */
const TITLE = /\n\s*it(?:\.each\([\s\S]*?\))?\(\s*(?:'|`)(.*)(?:'|`),/;

function fileOf(proof: Proof): string {
  return 'scenario' in proof ? `test/lab/scenarios/${proof.scenario}/scenario.ts` : proof.test;
}

describe('test/requirements.json', () => {
  it('has each id once, of each RFC some', () => {
    const ids = REQUIREMENTS.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const rfc of ['rfc3715', 'rfc3948', 'rfc7296-2.23', 'rfc4555', 'rfc7383'])
      expect(ids.some((id) => id.startsWith(`${rfc}-`))).toBe(true);
  });

  it.each(REQUIREMENTS)('$id has a proof or the reason why not', ({ sentence, proof, open }) => {
    expect(sentence).toMatch(/MUST|SHOULD|RECOMMENDED|MAY|should/);
    expect((proof ?? []).length > 0 || (open ?? '') !== '').toBe(true);
  });

  it.each(REQUIREMENTS.filter(({ proof }) => proof))('$id is cited where its proof is', ({ id, proof }) => {
    for (const each of proof!) {
      const file = fileOf(each);
      if ('scenario' in each) expect(scenarioNames()).toContain(each.scenario);
      expect(existsSync(join(ROOT, file)), file).toBe(true);
      expect(CITED.get(file), file).toContain(id);
      if ('name' in each) expect(testsCiting(id, readFileSync(join(ROOT, file), 'utf8')), file).toContain(each.name);
    }
  });

  it.each([...CITED].filter(([, ids]) => ids.length > 0))('%s cites what names it', (file, ids) => {
    const naming = REQUIREMENTS.filter(({ proof }) => proof?.some((each) => fileOf(each) === file));
    expect(ids.filter((id) => !naming.some((requirement) => requirement.id === id))).toEqual([]);
  });
});
