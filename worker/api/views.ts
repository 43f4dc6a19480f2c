// What the API shows of networks and members: JSON with addresses as text and times in milliseconds.

import { formatAddress, formatPrefix } from '../../src/wire/prefix.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { memberIdentity } from '../directory/names.ts';
import { gatewayAddresses, type Network } from '../directory/networks.ts';

export interface NetworkView {
  readonly id: string;
  readonly name: string;
  readonly organisation: string;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  /** The gateway's own virtual addresses. */
  readonly gateway: readonly string[];
  readonly mtu: number;
  readonly dns: readonly string[];
  readonly domains: readonly string[];
  readonly legacy: boolean;
  readonly ikeLifetimeSeconds: number;
  readonly childLifetimeSeconds: number;
  readonly devices: number;
  readonly sites: number;
  readonly createdAt: number;
}

export interface MemberView {
  readonly id: string;
  readonly name: string;
  readonly network: string;
  readonly kind: 'device' | 'site';
  readonly auth: 'cert' | 'eap' | 'psk';
  /** What it calls itself in IKE. */
  readonly identity: string;
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
  readonly certificate: { readonly fingerprint: string; readonly notAfter: number } | null;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export function viewNetwork(network: Network): NetworkView {
  const { id, name, organisation, mtu, domains, legacy, ikeLifetimeSeconds, childLifetimeSeconds } = network;
  return {
    ...{ id, name, organisation },
    ipv4: network.ipv4 && formatPrefix(network.ipv4),
    ipv6: network.ipv6 && formatPrefix(network.ipv6),
    gateway: gatewayAddresses(network).map(formatAddress),
    dns: network.dns.map(formatAddress),
    ...{ mtu, domains, legacy, ikeLifetimeSeconds, childLifetimeSeconds },
    ...{ devices: network.devices, sites: network.sites, createdAt: network.createdAt },
  };
}

/** @param domain last labels of FQDN identities. */
export function viewMember(record: MemberRecord, network: Network, domain: string): MemberView {
  const { id, name, kind, auth, certificate, createdAt, revokedAt } = record;
  const named = { name, network: network.name, kind, auth };
  return {
    id,
    ...named,
    identity: memberIdentity(named, domain),
    addresses: record.addresses.map(formatAddress),
    prefixes: record.prefixes.map(formatPrefix),
    ...{ certificate, createdAt, revokedAt },
  };
}
