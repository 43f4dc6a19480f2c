// Profiles for strongSwan: the folder that SWANCTL_DIR takes, for each kind of member and proof.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emitComment, emitConf, secretValue } from '../../../worker/profiles/swanctl-conf.ts';
import { Control } from '../control.ts';

let control: Control;
let secrets: Record<string, string>;

beforeAll(async () => {
  control = await Control.start({ bindings: { PUBLIC_ADDRESS: '203.0.113.1' } });
  await control.post('/networks', { name: 'corp', ipv4: '10.0.0.0/16', ipv6: 'fd00:c0::/64' });
  await control.post('/networks', {
    name: 'plain',
    ipv4: '10.5.0.0/16',
    ipv6: null,
    ikeLifetimeSeconds: 600,
    childLifetimeSeconds: 300,
  });
  await control.post('/networks/corp/devices', { name: 'laptop', auth: 'cert' });
  const phone = await control.post('/networks/corp/devices', { name: 'phone', auth: 'eap' });
  const hq = await control.post('/networks/corp/sites', {
    name: 'hq',
    auth: 'psk',
    prefixes: ['192.168.10.0/24', '2001:db8::/48'],
  });
  await control.post('/networks/plain/sites', { name: 'branch', auth: 'cert', prefixes: ['192.168.20.0/24'] });
  secrets = { phone: phone.body.device.secret, hq: hq.body.site.secret };
});

afterAll(() => control?.stop());

describe('the profile of a device', () => {
  it('with a certificate', async () => {
    const files = await profile('corp', 'laptop');
    expect(Object.keys(files)).toEqual([
      'swanctl.conf',
      'x509ca/culvert-root.pem',
      'x509/laptop.pem',
      'private/laptop.pem',
    ]);
    expect(
      files['swanctl.conf'],
    ).toBe(`# The device 'laptop' of the Culvert network 'corp', for strongSwan 5.9 or later.
# This folder holds secrets of one member: one copy, on one machine.
# Connect: swanctl --load-all && swanctl --initiate --child corp

connections {
  corp {
    version = 2
    remote_addrs = 203.0.113.1
    vips = 0.0.0.0, ::
    proposals = aes256gcm16-prfsha384-ecp384, aes256gcm16-prfsha256-curve25519
    rekey_time = 64800s
    dpd_delay = 30s
    mobike = yes
    send_cert = always
    local {
      auth = pubkey
      certs = laptop.pem
      id = laptop@corp
    }
    remote {
      auth = pubkey
      id = vpn.example.com
      cacerts = culvert-root.pem
    }
    children {
      corp {
        remote_ts = 0.0.0.0/0, ::/0
        esp_proposals = aes256gcm16-ecp384, aes256gcm16-curve25519, aes256gcm16
        rekey_time = 21600s
        dpd_action = restart
      }
    }
  }
}
`);
    const leaf = new X509Certificate(files['x509/laptop.pem']!);
    expect(leaf.checkPrivateKey(createPrivateKey(files['private/laptop.pem']!))).toBe(true);
    expect(new X509Certificate(files['x509ca/culvert-root.pem']!).subject).toContain('Culvert root');
  });

  it('with a password', async () => {
    const files = await profile('corp', 'phone');
    expect(Object.keys(files)).toEqual(['swanctl.conf', 'x509ca/culvert-root.pem']);
    expect(section(files['swanctl.conf']!, 'local')).toEqual([
      'auth = eap-mschapv2',
      'id = phone@corp',
      'eap_id = phone@corp',
    ]);
    expect(section(files['swanctl.conf']!, 'eap-phone')).toEqual(['id = phone@corp', `secret = ${secrets.phone}`]);
  });

  it('connects by itself when told', async () => {
    const files = await profile('corp', 'laptop', '&start=yes');
    expect(files['swanctl.conf']).toMatch(/start_action = start\n *close_action = start\n/);
    expect(files['swanctl.conf']).toContain('keyingtries = 0');
  });
});

describe('the profile of a site', () => {
  it('with a pre-shared key', async () => {
    const files = await profile('corp', 'hq');
    expect(Object.keys(files)).toEqual(['swanctl.conf']);
    const conf = files['swanctl.conf']!;
    expect(conf).not.toContain('vips');
    expect(conf).toContain('mobike = no');
    expect(conf).toContain('start_action = start');
    expect(conf).toContain('kernel-libipsec');
    expect(conf).toContain('local_ts = 192.168.10.0/24, 2001:db8::/48\n');
    expect(section(conf, 'local')).toEqual(['auth = psk', 'id = hq.corp.culvert']);
    expect(section(conf, 'remote')).toEqual(['auth = psk', 'id = vpn.example.com']);
    expect(section(conf, 'ike-hq')).toEqual(['id = hq.corp.culvert', `secret = ${secrets.hq}`]);
  });

  it('with a certificate, of a network of one family and short lifetimes', async () => {
    const conf = (await profile('plain', 'branch', '&start=no'))['swanctl.conf']!;
    expect(section(conf, 'local')).toEqual(['auth = pubkey', 'certs = branch.pem', 'id = branch.plain.culvert']);
    expect(conf).toContain('remote_ts = 0.0.0.0/0\n');
    expect(conf).toContain('rekey_time = 450s');
    expect(conf).toContain('rekey_time = 225s');
    expect(conf).not.toContain('start_action');
  });
});

describe('a profile', () => {
  it('is refused in an unknown format, for nobody, and to the revoked', async () => {
    const format = await control.get('/networks/corp/members/laptop/profile?format=ovpn');
    expect([format.status, format.body.error.code]).toEqual([400, 'unknown-format']);
    const start = await control.get('/networks/corp/members/laptop/profile?start=later');
    expect([start.status, start.body.error.code]).toEqual([400, 'bad-value']);
    const nobody = await control.get('/networks/corp/members/nobody/profile');
    expect([nobody.status, nobody.body.error.code]).toEqual([404, 'unknown-member']);
    await control.post('/networks/corp/devices', { name: 'gone', auth: 'cert' });
    await control.delete('/networks/corp/devices/gone');
    expect((await control.get('/networks/corp/members/gone/profile')).body.error.code).toBe('unknown-member');
  });

  it('is for its owner only', async () => {
    const { body } = await control.get('/networks/corp/members/laptop/profile?format=swanctl');
    expect(body.files.map((file: { mode: number }) => file.mode)).toEqual([0o600, 0o600, 0o600, 0o600]);
  });

  it('names the port where it is not the usual one', async () => {
    const other = await Control.start({ bindings: { PORT_IKE: '1500', PORT_NAT_T: '14500' } });
    try {
      await other.post('/networks', { name: 'corp' });
      await other.post('/networks/corp/devices', { name: 'laptop', auth: 'psk' });
      const { body } = await other.get('/networks/corp/members/laptop/profile');
      const conf = Buffer.from(body.files[0].content, 'base64').toString();
      expect(conf).toContain('remote_addrs = vpn.example.com\n    remote_port = 14500\n');
    } finally {
      await other.stop();
    }
  });
});

describe('swanctl.conf', () => {
  it('quotes what is more than a plain value', () => {
    const values = {
      plain: 'a.b@c, 10.0.0.0/8',
      spaced: 'two words',
      hash: 'a#b',
      brace: 'a}b',
      quote: 'a"b\\c',
      line: 'a\nb = c',
    };
    expect(emitConf(values)).toBe(
      'plain = a.b@c, 10.0.0.0/8\nspaced = "two words"\nhash = "a#b"\nbrace = "a}b"\nquote = "a\\"b\\\\c"\nline = "a\\nb = c"\n',
    );
    expect(emitConf({ empty: '', nul: 'a\0b' })).toBe('empty = ""\nnul = "a b"\n');
  });

  it('takes no name that could end a section', () => {
    for (const name of ['a b', 'a{', 'a.b', 'a\n', '']) expect(() => emitConf({ [name]: 'x' })).toThrow(/cannot name/);
  });

  it('keeps comments on one line and secrets as they are', () => {
    expect(emitComment('one\ntwo\r\nthree')).toBe('# one two three\n');
    expect([secretValue('0xab'), secretValue('0sYWI='), secretValue('ab')]).toEqual([
      '0x30786162',
      '0x30735957493d',
      'ab',
    ]);
  });
});

/** Contents by path. */
async function profile(network: string, member: string, more = ''): Promise<Record<string, string>> {
  const { body } = await control.get(`/networks/${network}/members/${member}/profile?format=swanctl${more}`);
  const files = body.files as { path: string; content: string }[];
  return Object.fromEntries(files.map(({ path, content }) => [path, Buffer.from(content, 'base64').toString()]));
}

/** The settings of the first section of that name. */
function section(conf: string, name: string): string[] {
  const body = new RegExp(`\\b${name} \\{\\n([^{}]*)\\}`).exec(conf)?.[1] ?? '';
  return body.split('\n').flatMap((line) => line.trim() || []);
}
