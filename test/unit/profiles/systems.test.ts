// What the systems themselves say of their files, where they are installed: each reads what was made for it, and refuses it when it is spoilt.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { libreswan } from '../../../worker/profiles/libreswan.ts';
import { networkManager } from '../../../worker/profiles/network-manager.ts';
import { openiked } from '../../../worker/profiles/openiked.ts';
import type { ProfileFormat } from '../../../worker/profiles/profile.ts';
import { PKCS12_PASSWORD, sample, texts } from './sample.ts';

/** Where npm run setup:lab puts them. */
const BESIDE = '/opt/culvert-lab';
const IKED = `${BESIDE}/openiked/usr/sbin/iked`;
const ADDCONN = `${BESIDE}/libreswan/usr/libexec/ipsec/addconn`;
const NMCLI = `${BESIDE}/network-manager/usr/bin/nmcli`;

const folder = mkdtempSync(join(tmpdir(), 'culvert-profiles-'));
afterAll(() => rmSync(folder, { recursive: true }));

const site = (auth: 'cert' | 'psk') =>
  sample({ member: { kind: 'site', auth }, options: { pkcs12Password: PKCS12_PASSWORD } });

function contentOf(format: ProfileFormat, input: ReturnType<typeof sample>, ending: string): string {
  const found = Object.entries(texts(format, input)).find(([path]) => path.endsWith(ending));
  if (!found) throw new Error(`${format.id} makes no ${ending}`);
  return found[1];
}

function kept(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

interface Answer {
  readonly status: number | null;
  readonly said: string;
}

function ask(command: readonly string[], input = ''): Answer {
  const [program, ...args] = command;
  const { status, stdout, stderr } = spawnSync(program!, args, { input, encoding: 'utf8', timeout: 20_000 });
  return { status, said: stdout + stderr };
}

// iked gives its rights away before it reads anything, which takes root.
const mayAskIked = existsSync(IKED) && process.getuid?.() === 0;

describe.skipIf(!mayAskIked)('OpenIKED', () => {
  const check = (content: string) => ask([IKED, '-n', '-f', kept('iked.conf', content)]);

  it.each(['psk', 'cert'] as const)('takes the configuration of a site: %s', (auth) => {
    const content = contentOf(openiked, site(auth), 'iked.conf');
    expect(check(content)).toMatchObject({ status: 0 });
    expect(check(content.replace('ecp384', 'ecp999'))).toMatchObject({ status: 1 });
  });
});

describe.skipIf(!existsSync(ADDCONN))('libreswan', () => {
  const check = (content: string) => ask([ADDCONN, '--config', kept('ipsec.conf', content), '--checkconfig']);

  it.each(['psk', 'cert'] as const)('takes the configuration of a site: %s', (auth) => {
    const content = contentOf(libreswan, site(auth), '.conf');
    expect(check(content)).toEqual({ status: 0, said: '' });
    expect(check(content.replace('ikev2=insist', 'ikev2=perhaps')).status).not.toBe(0);
    expect(check(content.replace(/leftsubnet=.*/, 'leftsubnet=nowhere')).said).toContain('bad subnet');
  });
});

describe.skipIf(!existsSync(NMCLI))('NetworkManager', () => {
  const check = (content: string) =>
    ask([NMCLI, '--offline', 'connection', 'modify', 'connection.zone', 'home'], content);

  it.each(['cert', 'eap', 'psk'] as const)('takes the key file of a device: %s', (auth) => {
    const content = contentOf(networkManager, sample({ member: { auth } }), '.nmconnection');
    const { status, said } = check(content);
    expect(status).toBe(0);
    expect(said).toContain('service-type=org.freedesktop.NetworkManager.strongswan');
    expect(said).toContain('dns-search=corp.example;');
    expect(check(content.replace('method=auto', 'method=perhaps'))).not.toMatchObject({ status: 0 });
  });
});
