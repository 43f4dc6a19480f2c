// What the API shows of networks and members.

import { formatAddress, formatPrefix } from '../../src/wire/prefix.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { memberIdentity } from '../directory/names.ts';
import { gatewayAddresses, type Network } from '../directory/networks.ts';
import type { MemberView, NetworkView } from './json.ts';

export function viewNetwork(network: Network): NetworkView {
  const { id, name, label, organisation, mtu, domains, legacy, nullEncryption } = network;
  const { ikeLifetimeSeconds, childLifetimeSeconds } = network;
  return {
    ...{ id, name, label, organisation },
    ipv4: network.ipv4 && formatPrefix(network.ipv4),
    ipv6: network.ipv6 && formatPrefix(network.ipv6),
    gateway: gatewayAddresses(network).map(formatAddress),
    dns: network.dns.map(formatAddress),
    ...{ mtu, domains, legacy, nullEncryption, ikeLifetimeSeconds, childLifetimeSeconds },
    ...{ devices: network.devices, sites: network.sites, createdAt: network.createdAt },
  };
}

/** @param domain last labels of FQDN identities. */
export function viewMember(record: MemberRecord, network: Network, domain: string): MemberView {
  const { id, name, kind, auth, certificate, owner, createdAt, suspendedAt, revokedAt } = record;
  return {
    ...{ id, name, network: network.name, kind, auth },
    identity: memberIdentity({ name, network: network.label, kind, auth }, domain),
    addresses: record.addresses.map(formatAddress),
    prefixes: record.prefixes.map(formatPrefix),
    ...{ certificate, owner, createdAt, suspendedAt, revokedAt },
  };
}
