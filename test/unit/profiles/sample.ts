// A network, a gateway and its members for tests of profiles, with certificates made when the test starts.

import type { ProfileFile, ProfileFormat, ProfileInput } from '../../../worker/profiles/profile.ts';
import { PROFILE_FORMATS, whyNot } from '../../../worker/profiles/formats.ts';
import { stableUuid } from '../../../worker/profiles/stable-uuid.ts';
import { createAuthority, issue } from '../../sim/certificates.ts';

const NOT_AFTER = new Date('2027-11-01T00:00:00Z');

const root = await createAuthority('Culvert root');
const authority = await createAuthority('Culvert Acme CA');
const wanted = { name: 'laptop@corp', emails: ['laptop@corp'], dns: ['laptop.corp.culvert'], notAfter: NOT_AFTER };
const client = await issue(authority, wanted);

export const ROOT = root.der;
export const PKCS12_PASSWORD = 'correct-horse';

type Part<K extends keyof ProfileInput> = Partial<ProfileInput[K]>;

/** A device with a certificate, unless told otherwise. */
export function sample(
  changes: {
    gateway?: Part<'gateway'>;
    network?: Part<'network'>;
    member?: Part<'member'>;
    options?: Part<'options'>;
  } = {},
): ProfileInput {
  const auth = changes.member?.auth ?? 'cert';
  const isSite = changes.member?.kind === 'site';
  const id = '0198a3b0-0000-4000-8000-000000000001';
  return {
    gateway: {
      name: 'vpn.example.com',
      address: '203.0.113.1',
      ...{ portIke: 500, portNatT: 4500, caCertificates: [root.der] },
      ...{ serverCertificateKind: 'ECDSA256', caCommonName: 'Culvert root' },
      ...changes.gateway,
    },
    network: {
      ...{ id: 'n1', name: 'corp', label: 'corp', ipv4: '10.0.0.0/16', ipv6: 'fd00:c0::/64' },
      ...{ dns: ['10.1.0.53'], domains: ['corp.example'], reach: ['10.0.0.0/16', 'fd00:c0::/64', '192.168.10.0/24'] },
      ...{ mtu: 1380, ikeLifetimeSeconds: 86_400, childLifetimeSeconds: 28_800 },
      ...changes.network,
    },
    member: {
      ...{ id, name: isSite ? 'branch' : 'laptop', kind: 'device', auth },
      identity: isSite || auth === 'psk' ? `${isSite ? 'branch' : 'laptop'}.corp.culvert` : 'laptop@corp',
      prefixes: isSite ? ['192.168.20.0/24', '2001:db8:20::/48'] : [],
      certificate: auth === 'cert' ? CERTIFICATE : null,
      secret: auth === 'cert' ? null : 'k7Rm2xQpVw9TnBs4LdFg8HjYc3Za5eUoE1iN6tKr',
      ...changes.member,
    },
    options: {
      ...{ fullTunnel: false, onDemand: false, start: isSite, pkcs12Password: null, organisationName: 'Acme' },
      uuid: (purpose) => stableUuid(id, purpose),
      ...changes.options,
    },
  };
}

export const CERTIFICATE = {
  der: client.der,
  pkcs8: client.privateKey,
  chain: [authority.der],
  notAfter: NOT_AFTER.getTime(),
};

/** Every format with every kind of member and proof that it is for. */
export const COMBINATIONS = PROFILE_FORMATS.flatMap((format) =>
  format.for.flatMap((kind) =>
    format.auth
      .filter((auth) => !(kind === 'site' && auth === 'eap'))
      .map((auth) => ({ format, kind, auth, label: `${format.id} for a ${kind} with ${auth}` })),
  ),
);

/** Contents by path; text unless it is none. @throws Error where the format is not for the member. */
export function texts(format: ProfileFormat, input: ProfileInput): Record<string, string> {
  const reason = whyNot(format, input);
  if (reason !== null) throw new Error(reason);
  return Object.fromEntries(format.make(input).map((file) => [file.path, textOf(file)]));
}

export function textOf(file: ProfileFile): string {
  return Buffer.from(file.content).toString('utf8');
}
