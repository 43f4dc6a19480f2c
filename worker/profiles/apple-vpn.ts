// The payload com.apple.vpn.managed with VPNType IKEv2 (Apple, Device Management: VPN). One proposal only: it must be the gateway's.

import { viewCertificate } from '../ca/certificate.ts';
import { toHex } from '../../src/bytes/octets.ts';
import { certificateOf, secretOf } from './file.ts';
import { rekeySeconds } from './lifetimes.ts';
import { connectionName } from './names.ts';
import type { PlistDictionary } from './plist.ts';
import type { ProfileInput } from './profile.ts';

/** Bounds that the system sets. */
const MTU = { least: 1280, most: 1400 };
const MINUTES = { least: 10, most: 1440 };

/** Curves and key types by what their SubjectPublicKeyInfo holds (RFC 5480, RFC 8017), as the profile names them. */
const KEY_KINDS: readonly (readonly [oid: string, kind: string])[] = [
  ['2a8648ce3d030107', 'ECDSA256'],
  ['2b81040022', 'ECDSA384'],
  ['2b81040023', 'ECDSA521'],
  ['2a864886f70d010101', 'RSA'],
];

/** @param identity UUID of the payload that holds the member's certificate. */
export function appleVpn(input: ProfileInput, identity: string | null): PlistDictionary {
  return {
    UserDefinedName: connectionName(input),
    VPNType: 'IKEv2',
    IKEv2: ikev2(input, identity),
    DNS: dns(input),
  };
}

function ikev2(input: ProfileInput, identity: string | null): PlistDictionary {
  const { gateway, network, member, options } = input;
  return {
    RemoteAddress: gateway.address,
    RemoteIdentifier: gateway.name,
    LocalIdentifier: member.identity,
    ...authentication(input, identity),
    IKESecurityAssociationParameters: suite(network.ikeLifetimeSeconds),
    ChildSecurityAssociationParameters: suite(network.childLifetimeSeconds),
    // Without it macOS replaces keys without a key exchange.
    EnablePFS: 1,
    DisableMOBIKE: 0,
    DeadPeerDetectionRate: 'High',
    MTU: clamp(network.mtu, MTU),
    IncludeAllNetworks: options.fullTunnel ? 1 : 0,
    ExcludeLocalNetworks: options.fullTunnel ? 1 : undefined,
    OnDemandEnabled: options.onDemand ? 1 : 0,
    OnDemandRules: options.onDemand ? [{ Action: 'Connect' }] : undefined,
  };
}

function authentication(input: ProfileInput, identity: string | null): PlistDictionary {
  const { gateway, member } = input;
  // The issuer's name makes the client send CERTREQ, and must be there where the type is.
  const server = {
    ServerCertificateIssuerCommonName: gateway.caCommonName,
    ServerCertificateCommonName: gateway.name,
  };
  switch (member.auth) {
    case 'cert':
      return {
        AuthenticationMethod: 'Certificate',
        PayloadCertificateUUID: identity ?? undefined,
        CertificateType: memberKeyKind(input),
        ...server,
      };
    case 'eap':
      return {
        AuthenticationMethod: 'None',
        ExtendedAuthEnabled: 1,
        AuthName: member.identity,
        AuthPassword: secretOf(input),
        CertificateType: gateway.serverCertificateKind,
        ...server,
      };
    case 'psk':
      return { AuthenticationMethod: 'SharedSecret', SharedSecret: secretOf(input) };
  }
}

function memberKeyKind(input: ProfileInput): string {
  const view = viewCertificate(certificateOf(input).der);
  const publicKey = view === null ? '' : toHex(view.publicKey);
  const kind = KEY_KINDS.find(([oid]) => publicKey.includes(oid))?.[1];
  if (kind === undefined) throw new Error('the member has a certificate of a kind that Apple does not take');
  return kind;
}

/** The integrity algorithm gives the PRF: AES-GCM needs no other. Group 20 is ECP-384. */
function suite(lifetimeSeconds: number): PlistDictionary {
  return {
    EncryptionAlgorithm: 'AES-256-GCM',
    IntegrityAlgorithm: 'SHA2-384',
    DiffieHellmanGroup: 20,
    LifeTimeInMinutes: clamp(Math.floor(rekeySeconds(lifetimeSeconds) / 60), MINUTES),
  };
}

/** Split DNS: only names below the domains go to the network's servers. With a full tunnel all do. */
function dns({ network, options }: ProfileInput): PlistDictionary | undefined {
  if (network.dns.length === 0) return undefined;
  if (network.domains.length === 0 && !options.fullTunnel) return undefined;
  return {
    DNSProtocol: 'Cleartext',
    ServerAddresses: network.dns,
    SearchDomains: network.domains.length > 0 ? network.domains : undefined,
    SupplementalMatchDomains: options.fullTunnel ? undefined : network.domains,
  };
}

function clamp(value: number, { least, most }: { least: number; most: number }): number {
  return Math.max(least, Math.min(most, value));
}
