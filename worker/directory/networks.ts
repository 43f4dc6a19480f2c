// Networks of an organisation: added, listed, changed, removed.

import {
  type Address,
  formatAddress,
  formatPrefix,
  parseAddress,
  parsePrefix,
  type Prefix,
} from '../../src/wire/prefix.ts';
import type { Access } from '../../src/policy/policy.ts';
import { brokenConstraint } from './constraint.ts';
import { labelFor } from './label.ts';
import { shorten } from './names.ts';
import { initialPolicy } from './policies.ts';
import { addressAt, drawIpv4Pool, drawIpv6Pool, GATEWAY_POSITION } from './pool.ts';
import { done, inField, type Refused, refuse, type Result } from './refusal.ts';

export interface NetworkSettings {
  /** Largest inner packet, octets. */
  readonly mtu: number;
  readonly dns: readonly Address[];
  readonly domains: readonly string[];
  readonly legacy: boolean;
  /** Whether ESP may go without encryption (NULL, GMAC) where a peer offers nothing better. */
  readonly nullEncryption: boolean;
  readonly ikeLifetimeSeconds: number;
  readonly childLifetimeSeconds: number;
}

export interface NewNetwork extends NetworkSettings {
  readonly name: string;
  /** `null`: none of this family. */
  readonly ipv4: Prefix | 'drawn' | null;
  readonly ipv6: Prefix | 'drawn' | null;
  /** What its members may do before there are rules. */
  readonly access: Access;
}

export interface Network extends NetworkSettings {
  readonly id: string;
  readonly organisation: string;
  readonly name: string;
  /** Stands in identities, and is unique in the deployment. */
  readonly label: string;
  readonly ipv4: Prefix | null;
  readonly ipv6: Prefix | null;
  readonly createdAt: number;
  /** Those that are not revoked. */
  readonly devices: number;
  readonly sites: number;
}

export const DEFAULT_SETTINGS: NetworkSettings = {
  mtu: 1400,
  dns: [],
  domains: [],
  legacy: false,
  nullEncryption: false,
  ikeLifetimeSeconds: 86_400,
  childLifetimeSeconds: 28_800,
};

/** To be followed by a WHERE clause about `n`. */
export const SELECT_NETWORK = 'SELECT n.* FROM networks n';

export interface NetworkRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly name: string;
  readonly label: string;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  readonly mtu: number;
  readonly dns: string;
  readonly domains: string;
  readonly legacy: number;
  readonly null_encryption: number;
  readonly ike_lifetime_seconds: number;
  readonly child_lifetime_seconds: number;
  readonly created_at: number;
  readonly devices: number;
  readonly sites: number;
}

export async function addNetwork(
  db: D1Database,
  organisation: string,
  { access, ...input }: NewNetwork,
  now: number,
  also: readonly D1PreparedStatement[] = [],
): Promise<Result<Network>> {
  const used = (await listNetworks(db, organisation)).flatMap(({ ipv4 }) => (ipv4 ? [ipv4] : []));
  const ipv4 = input.ipv4 === 'drawn' ? drawIpv4Pool(used) : input.ipv4;
  const ipv6 = input.ipv6 === 'drawn' ? drawIpv6Pool() : input.ipv6;
  const id = crypto.randomUUID();
  const label = labelFor(organisation, input.name);
  const network: Network = { ...input, ipv4, ipv6, id, organisation, label, createdAt: now, devices: 0, sites: 0 };
  try {
    await db.batch([insertion(db, network), ...also, initialPolicy(db, network, access)]);
  } catch (thrown) {
    const broken = brokenConstraint(thrown);
    if (!broken?.some((column) => column === 'networks.name' || column === 'networks.label')) throw thrown;
    return nameTaken(input.name);
  }
  return done(network);
}

export async function listNetworks(db: D1Database, organisation: string): Promise<Network[]> {
  const query = db.prepare(`${SELECT_NETWORK} WHERE n.organisation_id = ? ORDER BY n.name`).bind(organisation);
  return (await query.all<NetworkRow>()).results.map(networkIn);
}

export async function findNetwork(db: D1Database, organisation: string, name: string): Promise<Result<Network>> {
  const query = db.prepare(`${SELECT_NETWORK} WHERE n.organisation_id = ? AND n.name = ?`).bind(organisation, name);
  const row = await query.first<NetworkRow>();
  if (row) return done(networkIn(row));
  const others = (await listNetworks(db, organisation)).slice(0, 10).map((network) => network.name);
  const next =
    others.length > 0 ? `The networks here are: ${others.join(', ')}.` : "Add one first: 'culvert network add NAME'.";
  return refuse('unknown-network', `There is no network '${shorten(name)}'.`, next);
}

/** Members meet new settings when they connect next. @param also statements that are written with it, as in all of these. */
export async function changeNetwork(
  db: D1Database,
  network: Network,
  changes: Partial<NetworkSettings>,
  also: readonly D1PreparedStatement[] = [],
): Promise<Network> {
  const changed = { ...network, ...changes };
  const update = db
    .prepare(
      `UPDATE networks SET mtu = ?, dns = ?, domains = ?, legacy = ?, null_encryption = ?, ike_lifetime_seconds = ?,
       child_lifetime_seconds = ? WHERE id = ?`,
    )
    .bind(...settingsOf(changed), network.id);
  await db.batch([update, ...also]);
  return changed;
}

/** Only an empty one, so that nobody is cut off by a slip. */
export async function removeNetwork(
  db: D1Database,
  network: Network,
  also: readonly D1PreparedStatement[] = [],
): Promise<Result<null>> {
  const removal = db
    .prepare(
      `DELETE FROM networks WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM members WHERE network_id = ?1 AND revoked_at IS NULL)`,
    )
    .bind(network.id);
  const [removed] = await db.batch([removal, ...also]);
  if (removed!.meta.changes > 0) return done(null);
  return refuse(
    'network-not-empty',
    `The network '${network.name}' still has ${network.devices} devices and ${network.sites} sites, which would be cut off.`,
    'Revoke its devices and sites first.',
  );
}

/** The gateway's own virtual addresses. */
export function gatewayAddresses({ ipv4, ipv6 }: Pick<Network, 'ipv4' | 'ipv6'>): Address[] {
  return [ipv4, ipv6].flatMap((pool) => (pool ? [addressAt(pool, GATEWAY_POSITION)] : []));
}

export function networkIn(row: NetworkRow): Network {
  return {
    id: row.id,
    organisation: row.organisation_id,
    name: row.name,
    label: row.label,
    ipv4: row.ipv4 === null ? null : parsePrefix(row.ipv4),
    ipv6: row.ipv6 === null ? null : parsePrefix(row.ipv6),
    mtu: row.mtu,
    dns: (JSON.parse(row.dns) as string[]).map((text) => parseAddress(text)!),
    domains: JSON.parse(row.domains) as string[],
    legacy: row.legacy === 1,
    nullEncryption: row.null_encryption === 1,
    ikeLifetimeSeconds: row.ike_lifetime_seconds,
    childLifetimeSeconds: row.child_lifetime_seconds,
    createdAt: row.created_at,
    devices: row.devices,
    sites: row.sites,
  };
}

function nameTaken(name: string): Refused {
  const message = `There is a network '${name}' already.`;
  return inField(refuse('name-taken', message, 'Choose another name, or use that network.'), 'name');
}

function insertion(db: D1Database, network: Network): D1PreparedStatement {
  const pools = [network.ipv4, network.ipv6].map((pool) => pool && formatPrefix(pool));
  return db
    .prepare(
      `INSERT INTO networks (id, organisation_id, name, label, ipv4, ipv6, mtu, dns, domains, legacy, null_encryption,
       ike_lifetime_seconds, child_lifetime_seconds, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      network.id,
      network.organisation,
      network.name,
      network.label,
      ...pools,
      ...settingsOf(network),
      network.createdAt,
    );
}

function settingsOf(settings: NetworkSettings): (string | number)[] {
  return [
    settings.mtu,
    JSON.stringify(settings.dns.map(formatAddress)),
    JSON.stringify(settings.domains),
    settings.legacy ? 1 : 0,
    settings.nullEncryption ? 1 : 0,
    settings.ikeLifetimeSeconds,
    settings.childLifetimeSeconds,
  ];
}
