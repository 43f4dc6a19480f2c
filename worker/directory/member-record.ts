// A device or a site as the directory has it on record, and as IKE is given it.

import type { Member } from '../../src/ike/pad.ts';
import { type Address, formatPrefix, parsePrefix, type Prefix } from '../../src/wire/prefix.ts';
import type { SqlBlob } from './blob.ts';
import { gatewayAddresses, type Network } from './networks.ts';
import { addressAt } from './pool.ts';

export type MemberKind = 'device' | 'site';
export type MemberAuth = 'cert' | 'eap' | 'psk';

export interface MemberRecord {
  readonly id: string;
  readonly name: string;
  readonly kind: MemberKind;
  readonly auth: MemberAuth;
  /** IPv4 before IPv6; empty for a site. */
  readonly addresses: readonly Address[];
  /** Empty for a device. */
  readonly prefixes: readonly Prefix[];
  /** Sealed. */
  readonly secret: SqlBlob | null;
  readonly certificate: { readonly fingerprint: string; readonly notAfter: number } | null;
  /** Id of the user whose device it is. */
  readonly owner: string | null;
  readonly createdAt: number;
  /** Since when it may not connect; null while it may. */
  readonly suspendedAt: number | null;
  readonly revokedAt: number | null;
}

/** To be followed by a WHERE clause about `m`. Positions are a JSON array of [family, position], prefixes one of text. */
export const SELECT_MEMBER = selection('members m');

/** The same for a page of one kind by name: left to itself, the database reads through all of the other kind. */
export const SELECT_MEMBERS_BY_NAME = selection('members m INDEXED BY members_list');

function selection(source: string): string {
  return `SELECT m.*, c.fingerprint, c.not_after,
  (SELECT json_group_array(json_array(a.family, a.position)) FROM addresses a WHERE a.member_id = m.id AND a.released_at IS NULL) AS positions,
  (SELECT json_group_array(p.prefix) FROM site_prefixes p WHERE p.member_id = m.id) AS prefixes
  FROM ${source} LEFT JOIN certificates c ON c.member_id = m.id AND c.revoked_at IS NULL AND c.accepted_until IS NULL`;
}

export interface MemberRow {
  readonly id: string;
  readonly network_id: string;
  readonly name: string;
  readonly kind: MemberKind;
  readonly auth: MemberAuth;
  readonly secret: SqlBlob | null;
  readonly owner_user_id: string | null;
  readonly created_at: number;
  readonly suspended_at: number | null;
  readonly revoked_at: number | null;
  readonly fingerprint: string | null;
  readonly not_after: number | null;
  readonly positions: string;
  readonly prefixes: string;
}

export function memberIn(row: MemberRow, network: Pick<Network, 'ipv4' | 'ipv6'>): MemberRecord {
  const { fingerprint, not_after: notAfter } = row;
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    auth: row.auth,
    addresses: addressesIn(row.positions, network),
    prefixes: (JSON.parse(row.prefixes) as string[]).sort().map((text) => parsePrefix(text)!),
    secret: row.secret,
    certificate: fingerprint === null || notAfter === null ? null : { fingerprint, notAfter },
    owner: row.owner_user_id,
    createdAt: row.created_at,
    suspendedAt: row.suspended_at,
    revokedAt: row.revoked_at,
  };
}

/** @param sitePrefixes of all sites of the network, as text. */
export function padMember(record: MemberRecord, network: Network, sitePrefixes: readonly string[]): Member {
  const own = new Set(record.prefixes.map(formatPrefix));
  const others = sitePrefixes.filter((prefix) => !own.has(prefix)).map((prefix) => parsePrefix(prefix)!);
  const pools = [network.ipv4, network.ipv6].filter((pool) => pool !== null);
  return {
    organisation: network.organisation,
    network: network.id,
    networkName: network.name,
    member: record.id,
    name: record.name,
    kind: record.kind,
    addresses: record.addresses,
    prefixes: record.prefixes,
    reachable: [...pools, ...others],
    dns: network.dns,
    domains: network.domains,
    gateway: gatewayAddresses(network),
    mtu: network.mtu,
    legacy: network.legacy,
    nullEncryption: network.nullEncryption,
    ikeLifetimeSeconds: network.ikeLifetimeSeconds,
    childLifetimeSeconds: network.childLifetimeSeconds,
  };
}

export function addressesIn(positions: string, { ipv4, ipv6 }: Pick<Network, 'ipv4' | 'ipv6'>): Address[] {
  const pairs = (JSON.parse(positions) as [number, number][]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return pairs.flatMap(([family, position]) => {
    const pool = family === 4 ? ipv4 : ipv6;
    return pool ? [addressAt(pool, position)] : [];
  });
}
