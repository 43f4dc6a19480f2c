// culvert group and culvert policy, against the control plane in workerd.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../scripts/cli/run.ts';
import { Control, OPERATOR_TOKEN } from '../control.ts';

let control: Control;
let folder: string;

beforeAll(async () => {
  control = await Control.start();
  folder = mkdtempSync(join(tmpdir(), 'culvert-policy-'));
  await culvert('network', 'add', 'corp', '--ipv4', '10.7.0.0/16', '--ipv6', 'none', '--access', 'deny');
  for (const name of ['alice', 'bob']) await culvert('device', 'add', name);
  await culvert('site', 'add', 'office', '--prefix', '10.1.0.0/16');
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await control?.stop();
});

async function culvert(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    isScreen: false,
  };
  const environment = { CULVERT_EDGE: control.url, CULVERT_TOKEN: OPERATOR_TOKEN };
  return { code: await run(args, environment, terminal), out, err };
}

function file(policy: unknown): string {
  const path = join(folder, 'policy.json');
  writeFileSync(path, typeof policy === 'string' ? policy : JSON.stringify(policy));
  return path;
}

const rule = {
  id: 'web',
  source: { kind: 'group', name: 'eng' },
  target: { kind: 'site', name: 'office', prefixes: ['10.1.2.0/24'] },
  services: ['tcp/443', 'icmp'],
  action: 'allow',
};

describe('culvert group', () => {
  it('adds, fills and lists groups', async () => {
    expect((await culvert('group', 'list')).out).toContain('There is no group yet');
    expect((await culvert('group', 'add', 'eng')).out).toMatch(
      /^Group eng added to corp\.\n\nNext: culvert group member eng /,
    );
    expect((await culvert('group', 'member', 'eng')).out).toBe('Nobody is in the group eng.\n');
    const filled = await culvert('group', 'member', 'eng', '--add', 'alice', '--add', 'bob', '--remove', 'bob');
    expect(filled.out).toBe('NAME   KIND\nalice  device\n');
    expect((await culvert('group', 'list')).out).toMatch(/^NAME {2}MEMBERS {2}ADDED\neng {3}1 /);
    const unknown = await culvert('group', 'member', 'eng', '--add', 'zed');
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("no device or site 'zed'")]);
  });
});

describe('culvert policy', () => {
  it('shows what the network was made with', async () => {
    expect((await culvert('policy', 'show')).out).toBe(
      'Version 0 of the policy of corp; the first rule that matches decides.\n\nEverything else: deny\n',
    );
  });

  it('tries a file, and sets it', async () => {
    const path = file({ version: 0, default: 'deny', rules: [rule] });
    const tried = await culvert('policy', 'set', path, '--dry-run');
    expect(tried.out).toBe(`0 members would lose something, 1 would gain something.

FROM   TO                  LOST  GAINED
alice  office 10.1.2.0/24  -     tcp/443 icmp
`);
    expect((await culvert('policy', 'set', path)).out).toBe('Version 1 of the policy is in force.\n');
    expect((await culvert('policy', 'show')).out).toContain(
      '1  group eng  site office 10.1.2.0/24  tcp/443 icmp  allow   web',
    );
  });

  it('prints what it takes', async () => {
    const { out } = await culvert('policy', 'show', '--json');
    expect(JSON.parse(out)).toEqual({ version: 1, default: 'deny', rules: [rule] });
    expect((await culvert('policy', 'set', file(out))).out).toBe('Version 2 of the policy is in force.\n');
    const late = await culvert('policy', 'set', file(out));
    expect([late.code, late.err]).toEqual([1, expect.stringMatching(/changed by operator .* it is version 2 now/)]);
  });

  it('answers who reaches what', async () => {
    expect((await culvert('policy', 'ask', 'alice', '10.1.2.3', 'tcp/443')).out).toBe(
      'alice (10.7.0.2) reaches office (10.1.2.3) by tcp/443: rule 1 (group eng site office 10.1.2.0/24 tcp/443 icmp allow) decides.\n',
    );
    expect((await culvert('policy', 'ask', 'bob', 'office', 'icmp')).out).toBe(
      'bob (10.7.0.3) does not reach office (10.1.0.1) by icmp: no rule matches, and the default is deny.\n',
    );
  });

  it('says what is wrong with a file or a question', async () => {
    expect((await culvert('policy', 'set', join(folder, 'none.json'))).code).toBe(2);
    expect((await culvert('policy', 'set', file('{'))).err).toContain('is not JSON');
    expect((await culvert('policy', 'ask', 'alice', 'office', 'tcp:443')).code).toBe(2);
    const wrong = await culvert(
      'policy',
      'set',
      file({ version: 2, default: 'deny', rules: [{ ...rule, services: ['http'] }] }),
    );
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("Rule 1: 'http' is no service.")]);
  });
});
