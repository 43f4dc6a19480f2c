// Apple profiles against the table of keys that the system knows: what it does not know it ignores without a word.

import { describe, expect, it } from 'vitest';
import { apple } from '../../../worker/profiles/apple.ts';
import type { ProfileInput } from '../../../worker/profiles/profile.ts';
import { type Plist, readPlist } from './plist-reader.ts';
import { CERTIFICATE, PKCS12_PASSWORD, ROOT, sample, texts } from './sample.ts';

type Dictionary = Record<string, Plist>;
type Check = (value: Plist) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isFlag: Check = (value) => value === 0 || value === 1;
const isBoolean: Check = (value) => typeof value === 'boolean';
const isOctets: Check = (value) => value instanceof Uint8Array && value.length > 0;
const isUuid: Check = (value) => /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/.test(String(value));
const isTexts: Check = (value) => Array.isArray(value) && value.length > 0 && value.every(isText);
const oneOf =
  (...values: Plist[]): Check =>
  (value) =>
    values.includes(value);
const within =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;

const COMMON: Record<string, Check> = {
  PayloadVersion: oneOf(1),
  PayloadIdentifier: isText,
  PayloadUUID: isUuid,
  PayloadDisplayName: isText,
};
const SUITE = {
  EncryptionAlgorithm: oneOf('AES-256-GCM', 'AES-128-GCM', 'AES-256', 'AES-128', 'ChaCha20Poly1305'),
  IntegrityAlgorithm: oneOf('SHA2-256', 'SHA2-384', 'SHA2-512'),
  DiffieHellmanGroup: oneOf(14, 15, 16, 17, 18, 19, 20, 21, 31, 32),
  LifeTimeInMinutes: within(10, 1440),
};
const KNOWN: Record<string, Record<string, Check>> = {
  Configuration: {
    ...COMMON,
    PayloadType: oneOf('Configuration'),
    PayloadDescription: isText,
    PayloadOrganization: isText,
    PayloadRemovalDisallowed: isBoolean,
    PayloadExpirationDate: (value) => value instanceof Date,
    PayloadContent: Array.isArray,
  },
  'com.apple.vpn.managed': {
    ...COMMON,
    PayloadType: isText,
    UserDefinedName: isText,
    VPNType: oneOf('IKEv2'),
    IKEv2: (value) => typeof value === 'object',
    DNS: (value) => typeof value === 'object',
  },
  'com.apple.security.pkcs12': {
    ...COMMON,
    PayloadType: isText,
    PayloadCertificateFileName: isText,
    PayloadContent: isOctets,
    Password: isText,
    KeyIsExtractable: isBoolean,
  },
  'com.apple.security.root': {
    ...COMMON,
    PayloadType: isText,
    PayloadCertificateFileName: isText,
    PayloadContent: isOctets,
  },
  IKEv2: {
    RemoteAddress: isText,
    RemoteIdentifier: isText,
    LocalIdentifier: isText,
    AuthenticationMethod: oneOf('None', 'SharedSecret', 'Certificate'),
    PayloadCertificateUUID: isUuid,
    CertificateType: oneOf('RSA', 'ECDSA256', 'ECDSA384', 'ECDSA521', 'RSA-PSS'),
    ServerCertificateIssuerCommonName: isText,
    ServerCertificateCommonName: isText,
    ExtendedAuthEnabled: isFlag,
    AuthName: isText,
    AuthPassword: isText,
    SharedSecret: isText,
    IKESecurityAssociationParameters: (value) => fits(value, SUITE),
    ChildSecurityAssociationParameters: (value) => fits(value, SUITE),
    EnablePFS: isFlag,
    DisableMOBIKE: isFlag,
    DeadPeerDetectionRate: oneOf('None', 'Low', 'Medium', 'High'),
    MTU: within(1280, 1400),
    IncludeAllNetworks: isFlag,
    ExcludeLocalNetworks: isFlag,
    OnDemandEnabled: isFlag,
    OnDemandRules: (value) =>
      Array.isArray(value) && value.every((rule) => fits(rule, { Action: oneOf('Connect', 'Disconnect', 'Ignore') })),
  },
  DNS: {
    DNSProtocol: oneOf('Cleartext'),
    ServerAddresses: isTexts,
    SearchDomains: isTexts,
    SupplementalMatchDomains: isTexts,
  },
};

describe.each(['cert', 'eap', 'psk'] as const)('an Apple profile with %s', (auth) => {
  it.each([
    ['as usual', {}],
    ['with everything', { fullTunnel: true, onDemand: true }],
  ])('holds nothing but what the system knows, %s', (_how, options) => {
    const { profile, payloads, ikev2, vpn } = read(sample({ member: { auth }, options }));
    expect(unknown(profile, KNOWN.Configuration!)).toEqual([]);
    for (const payload of payloads) expect(unknown(payload, KNOWN[String(payload.PayloadType)] ?? {})).toEqual([]);
    expect(unknown(ikev2, KNOWN.IKEv2!)).toEqual([]);
    if (vpn.DNS) expect(unknown(vpn.DNS as Dictionary, KNOWN.DNS!)).toEqual([]);
  });

  it('holds what must be there, each identifier once', () => {
    const { profile, payloads, ikev2, vpn } = read(sample({ member: { auth } }));
    const every = [profile, ...payloads];
    for (const key of ['PayloadType', 'PayloadVersion', 'PayloadIdentifier', 'PayloadUUID']) {
      expect(every.map((each) => each[key]).every((value) => value !== undefined)).toBe(true);
    }
    for (const key of ['PayloadIdentifier', 'PayloadUUID']) {
      expect(new Set(every.map((each) => each[key])).size).toBe(every.length);
    }
    expect(vpn).toMatchObject({ UserDefinedName: 'Acme corp', VPNType: 'IKEv2' });
    const server = { RemoteAddress: '203.0.113.1', RemoteIdentifier: 'vpn.example.com' };
    expect(ikev2).toMatchObject({ ...server, EnablePFS: 1, DisableMOBIKE: 0, OnDemandEnabled: 0 });
    expect(ikev2.LocalIdentifier).toBe(auth === 'psk' ? 'laptop.corp.culvert' : 'laptop@corp');
  });

  it('is followed by one that takes its place', () => {
    const first = read(sample({ member: { auth } })).profile;
    const next = read(sample({ member: { auth, name: 'renamed' }, network: { name: 'other' } })).profile;
    expect(next.PayloadIdentifier).toBe(first.PayloadIdentifier);
    expect(next.PayloadUUID).toBe(first.PayloadUUID);
    const other = read(sample({ member: { auth }, options: { uuid: () => 'ffffffff-ffff-4fff-8fff-ffffffffffff' } }));
    expect(other.profile.PayloadIdentifier).not.toBe(first.PayloadIdentifier);
  });
});

describe('the proof in an Apple profile', () => {
  it('is a certificate that a payload of its own holds, and the root is another', () => {
    const { ikev2, payloads, profile } = read(sample());
    const [, identity, root] = payloads;
    expect(identity!.PayloadType).toBe('com.apple.security.pkcs12');
    expect(ikev2.PayloadCertificateUUID).toBe(identity!.PayloadUUID);
    expect(root!.PayloadType).toBe('com.apple.security.root');
    expect(Buffer.from(root!.PayloadContent as Uint8Array).equals(ROOT)).toBe(true);
    const issuer = {
      ServerCertificateIssuerCommonName: 'Culvert root',
      ServerCertificateCommonName: 'vpn.example.com',
    };
    expect(ikev2).toMatchObject({ AuthenticationMethod: 'Certificate', CertificateType: 'ECDSA256', ...issuer });
    expect(profile.PayloadExpirationDate).toEqual(new Date(CERTIFICATE.notAfter - 14 * 86_400_000));
  });

  it('opens by a password in the file, unless somebody was given it to type', () => {
    expect(read(sample()).payloads[1]!.Password).toBeTypeOf('string');
    const typed = sample({ options: { pkcs12Password: PKCS12_PASSWORD } });
    expect(read(typed).payloads[1]).not.toHaveProperty('Password');
    expect(texts(apple, typed)['laptop.mobileconfig']).not.toContain(PKCS12_PASSWORD);
    expect(apple.steps(typed).join()).toMatch(/type the one that was shown/);
    expect(apple.steps(sample()).join()).not.toMatch(/type the one that was shown/);
  });

  it('is a password for EAP, with the server still checked', () => {
    const { ikev2, payloads, profile } = read(sample({ member: { auth: 'eap' } }));
    const password = {
      ExtendedAuthEnabled: 1,
      AuthName: 'laptop@corp',
      AuthPassword: sample({ member: { auth: 'eap' } }).member.secret,
    };
    expect(ikev2).toMatchObject({ AuthenticationMethod: 'None', CertificateType: 'ECDSA256', ...password });
    expect(ikev2).toHaveProperty('ServerCertificateIssuerCommonName');
    expect(payloads.map(({ PayloadType }) => PayloadType)).toEqual([
      'com.apple.vpn.managed',
      'com.apple.security.root',
    ]);
    expect(profile).not.toHaveProperty('PayloadExpirationDate');
  });

  it('is a shared secret', () => {
    const { ikev2, payloads } = read(sample({ member: { auth: 'psk' } }));
    expect(ikev2.AuthenticationMethod).toBe('SharedSecret');
    expect(ikev2.SharedSecret).toHaveLength(40);
    expect(payloads).toHaveLength(1);
  });
});

describe('the rest of an Apple profile', () => {
  it('asks the name servers for names below the domains, or for all in a full tunnel', () => {
    const split = { DNSProtocol: 'Cleartext', ServerAddresses: ['10.1.0.53'], SearchDomains: ['corp.example'] };
    expect(read(sample()).vpn.DNS).toEqual({ ...split, SupplementalMatchDomains: ['corp.example'] });
    expect(read(sample({ options: { fullTunnel: true } })).vpn.DNS).toEqual(split);
    expect(read(sample({ network: { domains: [] } })).vpn.DNS).toBeUndefined();
    expect(read(sample({ network: { dns: [] } })).vpn.DNS).toBeUndefined();
  });

  it('connects by itself and takes everything only when asked', () => {
    expect(read(sample()).ikev2).toMatchObject({ IncludeAllNetworks: 0, OnDemandEnabled: 0 });
    expect(read(sample()).ikev2).not.toHaveProperty('OnDemandRules');
    const asked = read(sample({ options: { fullTunnel: true, onDemand: true } })).ikev2;
    expect(asked).toMatchObject({
      IncludeAllNetworks: 1,
      ExcludeLocalNetworks: 1,
      OnDemandRules: [{ Action: 'Connect' }],
    });
  });

  it('stays within the bounds of the system', () => {
    const short = read(sample({ network: { mtu: 900, ikeLifetimeSeconds: 300, childLifetimeSeconds: 300 } })).ikev2;
    expect(short.MTU).toBe(1280);
    expect(short.IKESecurityAssociationParameters).toMatchObject({ LifeTimeInMinutes: 10 });
    const long = read(sample({ network: { mtu: 1500, ikeLifetimeSeconds: 9_000_000 } })).ikev2;
    expect(long.MTU).toBe(1400);
    expect(long.IKESecurityAssociationParameters).toMatchObject({ LifeTimeInMinutes: 1440 });
    expect(read(sample()).ikev2.ChildSecurityAssociationParameters).toMatchObject({ LifeTimeInMinutes: 360 });
  });

  it('is opened in Safari', () => {
    expect(apple.steps(sample())[0]).toContain('Safari');
    expect(apple.steps(sample()).join()).toContain('VPN & Device Management');
  });
});

interface Read {
  readonly profile: Dictionary;
  readonly payloads: Dictionary[];
  readonly vpn: Dictionary;
  readonly ikev2: Dictionary;
}

function read(input: ProfileInput): Read {
  const profile = readPlist(texts(apple, input)[`${input.member.name}.mobileconfig`]!) as Dictionary;
  const payloads = profile.PayloadContent as Dictionary[];
  const vpn = payloads[0]!;
  return { profile, payloads, vpn, ikev2: vpn.IKEv2 as Dictionary };
}

/** Keys that the table does not hold, or whose value it does not allow. */
function unknown(dictionary: Dictionary, known: Record<string, Check>): string[] {
  return Object.entries(dictionary).flatMap(([key, value]) => (known[key]?.(value) ? [] : [key]));
}

function fits(value: Plist, known: Record<string, Check>): boolean {
  return (
    unknown(value as Dictionary, known).length === 0 && Object.keys(known).every((key) => key in (value as Dictionary))
  );
}
