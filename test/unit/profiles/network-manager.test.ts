// Key files of NetworkManager: read as GLib reads them, against the keys that the plugin knows.

import { describe, expect, it } from 'vitest';
import { emitKeyfile } from '../../../worker/profiles/keyfile.ts';
import { networkManager } from '../../../worker/profiles/network-manager.ts';
import type { ProfileInput } from '../../../worker/profiles/profile.ts';
import { readKeyfile } from './keyfile-reader.ts';
import { sample, texts } from './sample.ts';

/** Of nm_service.c in strongSwan's charon-nm. */
const VPN_KEYS = [
  ...[
    'service-type',
    'address',
    'server-port',
    'certificate',
    'remote-identity',
    'local-identity',
    'method',
    'cert-source',
  ],
  ...[
    'usercert',
    'userkey',
    'user',
    'password-flags',
    'virtual',
    'encap',
    'ipcomp',
    'proposal',
    'ike',
    'esp',
    'local-ts',
    'remote-ts',
  ],
];
const SUITE = { proposal: 'yes', ike: 'aes256gcm16-prfsha384-ecp384', esp: 'aes256gcm16-ecp384' };
const FOLDER = '/etc/NetworkManager/culvert/corp-laptop';

describe('a key file of NetworkManager', () => {
  it('with a certificate', () => {
    const { groups, files } = read(sample());
    expect(files).toEqual(['corp-laptop.nmconnection', 'root.pem', 'certificate.pem', 'key.pem']);
    expect(groups).toEqual({
      connection: { id: 'Acme corp', uuid: sample().options.uuid('networkmanager'), type: 'vpn', autoconnect: 'false' },
      vpn: {
        'service-type': 'org.freedesktop.NetworkManager.strongswan',
        address: '203.0.113.1',
        ...{ 'remote-identity': 'vpn.example.com', 'local-identity': 'laptop@corp' },
        ...{ certificate: `${FOLDER}/root.pem`, method: 'cert', 'cert-source': 'file' },
        ...{ usercert: `${FOLDER}/certificate.pem`, userkey: `${FOLDER}/key.pem`, virtual: 'yes', ...SUITE },
      },
      ipv4: { method: 'auto', 'dns-search': 'corp.example;', 'never-default': 'true' },
      ipv6: { method: 'auto', 'dns-search': 'corp.example;', 'never-default': 'true' },
    });
    expect(networkManager.steps(sample()).join()).toContain(`-t ${FOLDER} root.pem certificate.pem key.pem`);
  });

  it.each(['eap', 'psk'] as const)('with a secret: %s', (auth) => {
    const input = sample({ member: { auth } });
    const { groups, files } = read(input);
    expect(files).toHaveLength(auth === 'eap' ? 2 : 1);
    expect(groups.vpn).toMatchObject({ method: auth, user: input.member.identity, 'password-flags': '0' });
    expect(groups['vpn-secrets']).toEqual({ password: input.member.secret });
  });

  it('holds nothing but keys of the plugin', () => {
    const inputs = [
      sample(),
      sample({ member: { auth: 'eap' } }),
      sample({ member: { auth: 'psk' }, gateway: { portNatT: 14_500 } }),
    ];
    for (const input of inputs) {
      expect(Object.keys(read(input).groups.vpn!).filter((key) => !VPN_KEYS.includes(key))).toEqual([]);
    }
  });

  it('says what was asked for', () => {
    const { groups } = read(sample({ gateway: { portNatT: 14_500 }, options: { fullTunnel: true, onDemand: true } }));
    expect(groups.vpn!['server-port']).toBe('14500');
    expect(groups.ipv4).not.toHaveProperty('never-default');
    expect(groups.connection).not.toHaveProperty('autoconnect');
  });

  it('refuses a pre-shared key that the plugin would refuse', () => {
    expect(() => read(sample({ member: { auth: 'psk', secret: 'short' } }))).toThrow(/20 characters/);
  });

  it('keeps values as they are', () => {
    const values = {
      a: '  lead',
      b: 'trail  ',
      c: 'a\\b\nc\td\r',
      d: '[x]',
      e: 'a=b;c',
      f: '# no comment',
      g: '',
      h: ' ',
    };
    expect(readKeyfile(emitKeyfile({ group: values }))).toEqual({ group: values });
    expect(() => emitKeyfile({ 'a]\n[b': {} })).toThrow(/cannot name/);
    expect(() => emitKeyfile({ a: { 'b=c': 'd' } })).toThrow(/cannot name/);
  });
});

function read(input: ProfileInput): { groups: Record<string, Record<string, string>>; files: string[] } {
  const files = texts(networkManager, input);
  return { groups: readKeyfile(files['corp-laptop.nmconnection']!), files: Object.keys(files) };
}
