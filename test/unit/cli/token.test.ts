// The command line with tokens of programs: made, listed, taken out of force; and what it says where one does not reach.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../scripts/cli/run.ts';
import { Control, OPERATOR_TOKEN } from '../control.ts';

let control: Control;
let folder: string;

beforeAll(async () => {
  control = await Control.start();
  folder = mkdtempSync(join(tmpdir(), 'culvert-token-'));
  await control.post('/networks', { name: 'corp' });
  await control.post('/networks/corp/devices', { name: 'laptop', auth: 'cert' });
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await control?.stop();
});

async function culvertWith(token: string, isScreen: boolean, ...argv: string[]) {
  let [out, err] = ['', ''];
  const env = { CULVERT_EDGE: control.url, CULVERT_DATA: folder, CULVERT_TOKEN: token };
  const terminal = { out: (text: string) => (out += text), err: (text: string) => (err += text), isScreen };
  const code = await run(argv, env, terminal as never);
  return { code, out, err };
}

const culvert = (...argv: string[]) => culvertWith(OPERATOR_TOKEN, false, ...argv);

async function tokenOf(name: string, ...scopes: string[]): Promise<string> {
  const { out } = await culvert('token', 'add', name, ...scopes.flatMap((scope) => ['--scope', scope]), '--json');
  return JSON.parse(out).token.secret;
}

describe('tokens', () => {
  it('are made and shown once, listed without what is secret, and revoked by name', async () => {
    expect((await culvert('token', 'list')).out).toContain('There is no token yet');
    const made = await culvert(
      'token',
      'add',
      'ci',
      '--scope',
      'status:read',
      '--scope',
      'members:write',
      '--days',
      '7',
    );
    expect([made.code, made.err]).toEqual([0, '']);
    const [secret, words] = made.out.split('\n');
    expect(secret).toMatch(/^cvt_\S{20,}$/);
    expect(words).toContain('status:read, members:write');
    const listed = await culvert('token', 'list');
    expect(listed.out).toMatch(/^NAME +SCOPES +BY +ENDS +USED\nci +status:read members:write +operator +\S+ +never\n$/);
    const { tokens } = JSON.parse((await culvert('token', 'list', '--json')).out);
    expect(tokens).toMatchObject([{ name: 'ci', scopes: ['status:read', 'members:write'] }]);
    expect(JSON.stringify(tokens)).not.toContain(secret);
    expect((await culvertWith(secret!, false, 'status')).code).toBe(0);
    expect((await culvert('token', 'revoke', 'ci')).out).toBe('The token ci works no more.\n');
    const after = await culvertWith(secret!, false, 'status');
    expect([after.code, after.err]).toEqual([1, expect.stringMatching(/token/i)]);
  });

  it('that do not reach are refused in a sentence that names the scope', async () => {
    const secret = await tokenOf('reader', 'networks:read', 'members:read');
    expect((await culvertWith(secret, false, 'device', 'list')).code).toBe(0);
    const add = await culvertWith(secret, false, 'device', 'add', 'phone');
    expect([add.code, add.out]).toEqual([1, '']);
    expect(add.err).toBe(
      "This takes the scope 'members:write', which you do not have. Ask an owner or admin of the organisation, or use a token with that scope.\n",
    );
    const json = await culvertWith(secret, false, 'status', '--json');
    expect([json.code, JSON.parse(json.err).error]).toMatchObject([1, { code: 'forbidden' }]);
    expect(json.err).toContain('status:read');
  });

  it('give no more than who makes them has', async () => {
    const secret = await tokenOf('settings', 'settings:read', 'settings:write');
    const more = await culvertWith(secret, false, 'token', 'add', 'more', '--scope', 'people:write');
    expect([more.code, more.err]).toEqual([
      1,
      expect.stringContaining("'people:write' is no scope that you could give"),
    ]);
  });

  it('are no tokens where they were made up', async () => {
    for (const token of ['cvt_', `cvt_${'A'.repeat(43)}`, 'nonsense']) {
      const { code, out, err } = await culvertWith(token, false, 'network', 'list', '--json');
      expect([code, out, JSON.parse(err).error.code]).toEqual([1, '', 'unauthorised']);
    }
  });

  it('are used rightly or explained', async () => {
    expect((await culvert('token', 'add', 'x')).code).toBe(2);
    expect((await culvert('token', 'add', 'x', '--scope', 'status:read', '--days', 'many')).code).toBe(2);
    expect((await culvert('token', 'revoke', 'nobody')).err).toContain("'culvert token list'");
    expect((await culvert('token')).err).toContain('add, list, revoke');
    for (const verb of ['add', 'list', 'revoke'])
      expect((await culvert('token', verb, '--help')).out).toContain(`Usage: culvert token ${verb}`);
  });
});

describe('a link', () => {
  it('is handed out as text, works once, and is a QR code where somebody looks', async () => {
    const made = await culvert('link', 'laptop', '--format', 'swanctl');
    expect([made.code, made.err]).toEqual([0, '']);
    const [url, words] = made.out.split('\n');
    expect(url).toMatch(/^http:\/\/\S+\/p\/\S{20,}$/);
    expect(words).toMatch(/^It works once, until .* UTC/);
    expect(made.out).not.toMatch(/[▀▄█]/);
    const shown = await culvertWith(OPERATOR_TOKEN, true, 'link', 'laptop', '--format', 'swanctl');
    const rows = shown.out.split('\n').filter((line) => /[▀▄█]/.test(line));
    expect(rows.length).toBeGreaterThan(12);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    expect((await fetch(url!)).status).toBe(200);
  });

  it('is JSON for programs, and lasts as long as is said', async () => {
    const { out } = await culvert('link', 'laptop', '--format', 'swanctl', '--hours', '2', '--json');
    const { link, format, expiresAt } = JSON.parse(out);
    expect([new URL(link).pathname.startsWith('/p/'), format]).toEqual([true, 'swanctl']);
    expect(Math.abs(expiresAt - Date.now() - 2 * 3_600_000)).toBeLessThan(120_000);
  });

  it('is refused for what there is not', async () => {
    expect((await culvert('link', 'laptop')).code).toBe(2);
    expect((await culvert('link', 'nobody', '--format', 'swanctl')).err).toContain("no device or site 'nobody'");
    expect((await culvert('link', 'laptop', '--format', 'x')).code).toBe(1);
    const reader = await tokenOf('links', 'networks:read', 'members:read');
    expect((await culvertWith(reader, false, 'link', 'laptop', '--format', 'swanctl')).err).toContain(
      "'members:write'",
    );
    expect((await culvert('link', '--help')).out).toContain('--format swanctl');
  });
});
