// Whoever installs the relay by hand is told the version of koffi that it is tested with.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const text = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const wanted: string = JSON.parse(text('package.json')).dependencies.koffi;

describe.each(['relay/culvert-relay.service', 'docs/operations.md'])('%s', (path) => {
  it('installs the koffi of package.json', () => {
    const named = [...text(path).matchAll(/npm install [^'`]*koffi(?:@([^'`\s]+))?/g)].map((match) => match[1]);
    expect(named).toEqual([wanted]);
  });
});
