// Profiles by HTTP: every format, for whom it is, and what may be asked for.

import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROFILE_FORMATS } from '../../../worker/profiles/formats.ts';
import { readPlist } from '../profiles/plist-reader.ts';
import { Control } from '../control.ts';

interface File {
  readonly path: string;
  readonly mime: string;
  readonly content: string;
}

let control: Control;

beforeAll(async () => {
  control = await Control.start({ bindings: { PUBLIC_ADDRESS: '203.0.113.1' } });
  const network = {
    name: 'corp',
    ipv4: '10.0.0.0/16',
    ipv6: 'fd00:c0::/64',
    dns: ['10.1.0.53'],
    domains: ['corp.example'],
  };
  await control.post('/networks', network);
  for (const auth of ['cert', 'eap', 'psk'])
    await control.post('/networks/corp/devices', { name: `device-${auth}`, auth });
  for (const [i, auth] of ['cert', 'psk'].entries()) {
    await control.post('/networks/corp/sites', { name: `site-${auth}`, auth, prefixes: [`192.168.${i}.0/24`] });
  }
});

afterAll(() => control?.stop());

describe('a profile by HTTP', () => {
  const combinations = PROFILE_FORMATS.flatMap((format) =>
    format.for.flatMap((kind) => format.auth.map((auth) => [format, `${kind}-${auth}`] as const)),
  ).filter(([, member]) => member !== 'site-eap');

  it.each(combinations)('is there: $id for %s', async (format, member) => {
    const { status, body } = await get(member, format.id);
    expect(status).toBe(200);
    const main = body.files.find(({ path }: File) => path.endsWith(`.${format.extension}`));
    expect(main.mime).toBe(format.mime);
    expect(
      body.files.every(({ mode, content }: { mode: number; content: string }) => mode === 0o600 && content !== ''),
    ).toBe(true);
    expect(body.steps.length).toBeGreaterThan(3);
    expect(body.password === null).toBe(!(member.endsWith('cert') && !format.enclosesPassword));
  });

  it('says what a format is not for, and which are', async () => {
    const { status, body } = await get('device-psk', 'windows');
    expect([status, body.error.code]).toEqual([409, 'unfit-format']);
    expect(body.error.message).toContain("'device-psk' has a pre-shared key");
    expect(body.error.next).toBe('Formats for it: apple, android-native, swanctl, networkmanager.');
  });

  it('names what there is where nothing is of that name', async () => {
    const { body } = await get('device-cert', 'ovpn');
    expect(body.error.next).toContain('apple, windows, sswan');
  });

  it('is as it was asked for', async () => {
    const usual = JSON.stringify(await apple(''));
    expect(usual).toContain('"IncludeAllNetworks":0');
    const asked = JSON.stringify(await apple('&fullTunnel=yes&onDemand=yes'));
    expect(asked).toContain('"IncludeAllNetworks":1');
    expect(asked).toContain('"OnDemandEnabled":1');
    const wrong = await get('device-cert', 'apple', '&onDemand=always');
    expect([wrong.status, wrong.body.error.code]).toEqual([400, 'bad-value']);
  });

  it('has a password of its own each time where somebody types it', async () => {
    const [one, other] = [await get('device-cert', 'sswan'), await get('device-cert', 'sswan')];
    expect(one.body.password).toMatch(/^[1-9A-Za-z]{16}$/);
    expect(other.body.password).not.toBe(one.body.password);
    const { p12 } = JSON.parse(Buffer.from(one.body.files[0].content, 'base64').toString()).local;
    const pfx = Buffer.from(p12, 'base64');
    expect(() => createSecureContext({ pfx, passphrase: one.body.password })).not.toThrow();
    expect(() => createSecureContext({ pfx, passphrase: other.body.password })).toThrow();
  });

  it('knows what the member reaches, itself left out', async () => {
    const { body } = await get('site-psk', 'openiked');
    const conf = Buffer.from(body.files[0].content, 'base64').toString();
    expect(conf.match(/from \S+ to \S+/g)).toEqual([
      'from 192.168.1.0/24 to 10.0.0.0/16',
      'from 192.168.1.0/24 to 192.168.0.0/24',
    ]);
  });

  it('is the same member on the device when it is taken again', async () => {
    const identifier = async () => ((await apple('')) as { PayloadIdentifier: string }).PayloadIdentifier;
    expect(await identifier()).toBe(await identifier());
  });
});

async function apple(more: string): Promise<unknown> {
  const { body } = await get('device-cert', 'apple', more);
  return readPlist(Buffer.from(body.files[0].content, 'base64').toString());
}

function get(member: string, format: string, more = ''): ReturnType<Control['get']> {
  return control.get(`/networks/corp/members/${member}/profile?format=${format}${more}`);
}
