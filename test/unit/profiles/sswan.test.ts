// Profiles for the strongSwan app against what its parser reads: keys that it does not know do nothing, without a word.

import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../../worker/profiles/profile.ts';
import { sswan } from '../../../worker/profiles/sswan.ts';
import { PKCS12_PASSWORD, ROOT, sample, texts } from './sample.ts';

type Check = (value: unknown) => boolean;
type Schema = { readonly [key: string]: Check | Schema };

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isBase64: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
const within =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const proposal: Check = (value) => typeof value === 'string' && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(value);

const SCHEMA: Schema = {
  uuid: (value) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(value)),
  name: isText,
  type: (value) => ['ikev2-eap', 'ikev2-cert', 'ikev2-cert-eap', 'ikev2-eap-tls'].includes(String(value)),
  remote: {
    addr: isText,
    port: within(1, 65_535),
    id: isText,
    cert: isBase64,
    certreq: isBoolean,
    revocation: { crl: isBoolean, ocsp: isBoolean, strict: isBoolean },
  },
  local: { id: isText, eap_id: isText, shared_secret: isText, p12: isBase64, 'rsa-pss': isBoolean },
  'ike-proposal': proposal,
  'esp-proposal': proposal,
  'dns-servers': isTexts,
  mtu: within(1280, 1500),
  'nat-keepalive': within(10, 120),
  'ipv6-transport': isBoolean,
  'split-tunneling': { subnets: isTexts, excluded: isTexts, 'block-ipv4': isBoolean, 'block-ipv6': isBoolean },
};

describe('a profile of the strongSwan app', () => {
  it.each([
    ['a certificate', sample()],
    ['a password', sample({ member: { auth: 'eap' } })],
    [
      'another port and a full tunnel',
      sample({ gateway: { portIke: 1500, portNatT: 14_500 }, options: { fullTunnel: true } }),
    ],
    ['a small MTU', sample({ network: { mtu: 900 } })],
  ])('holds nothing but what the app reads, with %s', (_what, input) => {
    expect(strays(read(input), SCHEMA)).toEqual([]);
    expect(read(input)).toMatchObject({
      uuid: expect.anything(),
      name: 'Acme corp',
      type: expect.anything(),
      remote: { addr: '203.0.113.1' },
    });
  });

  it('finds strays where there are some', () => {
    expect(strays({ remote: { ca_cert: 'x', port: 0 }, password: 'x' }, SCHEMA)).toEqual([
      'remote.ca_cert',
      'remote.port',
      'password',
    ]);
  });

  it('holds the certificate behind its password', () => {
    const { type, local, remote } = read(sample({ options: { pkcs12Password: PKCS12_PASSWORD } }));
    expect([type, local.id]).toEqual(['ikev2-cert', 'laptop@corp']);
    const pfx = Buffer.from(local.p12, 'base64');
    expect(() => createSecureContext({ pfx, passphrase: PKCS12_PASSWORD })).not.toThrow();
    expect(new X509Certificate(Buffer.from(remote.cert, 'base64')).raw.equals(ROOT)).toBe(true);
    expect(remote.id).toBe('vpn.example.com');
  });

  it('holds the password of EAP', () => {
    const { type, local } = read(sample({ member: { auth: 'eap' } }));
    expect(type).toBe('ikev2-eap');
    expect(local).toEqual({
      id: 'laptop@corp',
      eap_id: 'laptop@corp',
      shared_secret: sample({ member: { auth: 'eap' } }).member.secret,
    });
  });

  it('names the port where it is not the usual one', () => {
    expect(read(sample()).remote).not.toHaveProperty('port');
    expect(read(sample({ gateway: { portNatT: 14_500 } })).remote.port).toBe(14_500);
  });

  it('lets nothing pass beside a full tunnel', () => {
    expect(read(sample())).not.toHaveProperty('split-tunneling');
    expect(read(sample({ options: { fullTunnel: true } }))['split-tunneling']).toEqual({
      'block-ipv4': true,
      'block-ipv6': true,
    });
  });

  it('tells the password of the certificate when nobody was given one', () => {
    const steps = sswan.steps(sample()).join('\n');
    const password = /type the password ([0-9a-f-]{36})/.exec(steps)![1]!;
    const pfx = Buffer.from(read(sample()).local.p12, 'base64');
    expect(() => createSecureContext({ pfx, passphrase: password })).not.toThrow();
  });
});

// biome-ignore lint/suspicious/noExplicitAny: whatever the file holds.
function read(input: ProfileInput): any {
  return JSON.parse(texts(sswan, input)[`${input.member.name}.sswan`]!);
}

/** Paths of what the schema does not know or allow. */
function strays(value: Record<string, unknown>, schema: Schema, path = ''): string[] {
  return Object.entries(value).flatMap(([key, each]) => {
    const known = schema[key];
    if (known === undefined) return [path + key];
    if (typeof known === 'function') return known(each) ? [] : [path + key];
    return strays(each as Record<string, unknown>, known, `${path}${key}.`);
  });
}
