// Enrolling devices and sites: identity, proof and address in one write, or nothing of it.

import type { Prefix } from '../../src/wire/prefix.ts';
import { formatPrefix, overlaps, prefixRange } from '../../src/wire/prefix.ts';
import { toHex, utf8 } from '../../src/bytes/octets.ts';
import { fingerprintOf } from '../ca/certificate.ts';
import { type AlternativeName, issueClient } from '../ca/issue.ts';
import type { Vault } from '../ca/vault.ts';
import { organisationAuthority, organisationLabel } from './authorities.ts';
import { brokenConstraint } from './constraint.ts';
import type { MemberAuth, MemberKind, MemberRecord } from './member-record.ts';
import { findMember } from './members.ts';
import { fqdnIdentity, mailIdentity } from './names.ts';
import type { Network } from './networks.ts';
import { GATEWAY_POSITION, lastPosition } from './pool.ts';
import { done, type Refused, refuse, type Result } from './refusal.ts';
import { makeSecret } from './secret.ts';

export interface Enrolment {
  readonly kind: MemberKind;
  readonly name: string;
  readonly auth: MemberAuth;
  /** Behind a site; none for a device. */
  readonly prefixes: readonly Prefix[];
  /** Id of the user whose device it is. */
  readonly owner?: string | null;
}

/** The rooms and keys that enrolling takes. */
export interface Registrar {
  readonly db: D1Database;
  readonly vault: Vault;
  /** Last labels of FQDN identities. */
  readonly domain: string;
  /** What the gateway goes by: nobody else may. */
  readonly gatewayNames: readonly string[];
}

export interface Enrolled {
  readonly record: MemberRecord;
  /** EAP password or pre-shared key; null for a certificate. */
  readonly secret: string | null;
}

/** The address of somebody who was revoked is given to nobody else for so long: routes to it are still remembered. */
const QUARANTINE_MS = 3_600_000;

export async function enrol(
  registrar: Registrar,
  network: Network,
  input: Enrolment,
  now: number,
  also: readonly D1PreparedStatement[] = [],
): Promise<Result<Enrolled>> {
  const { db, vault } = registrar;
  const obstacle =
    impersonation(registrar, network, input) ??
    overlapWithPools(network, input.prefixes) ??
    (await clash(db, network, input));
  if (obstacle) return obstacle;
  const id = crypto.randomUUID();
  const secret = input.auth === 'cert' ? null : makeSecret();
  const sealed = secret === null ? null : await vault.seal('member-secret', id, utf8(secret));
  const statements = [
    db.prepare('DELETE FROM addresses WHERE network_id = ? AND released_at < ?').bind(network.id, now - QUARANTINE_MS),
    db
      .prepare(
        `INSERT INTO members (id, organisation_id, network_id, name, kind, auth, secret, owner_user_id, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .bind(id, network.organisation, network.id, input.name, input.kind, input.auth, sealed, input.owner ?? null, now),
    ...(input.kind === 'device' ? addressClaims(db, network, id) : []),
    ...input.prefixes.map((prefix) => prefixClaim(db, network, id, prefix)),
    ...(input.auth === 'cert' ? [await certificateEntry(registrar, network, id, input, now)] : []),
    ...also,
  ];
  try {
    await db.batch(statements);
  } catch (thrown) {
    return (await explain(db, network, input, thrown)) ?? rethrow(thrown);
  }
  const found = await findMember(db, network, input.kind, input.name);
  return found.ok ? done({ record: found.value, secret }) : found;
}

/** Both forms of the identity; the one that such a member is known by stands first. */
export function alternativeNamesOf(kind: MemberKind, name: string, network: string, domain: string): AlternativeName[] {
  const mail = { type: 'email', value: mailIdentity({ name, network }) } as const;
  const fqdn = { type: 'dns', value: fqdnIdentity({ name, network }, domain) } as const;
  return kind === 'device' ? [mail, fqdn] : [fqdn, mail];
}

/**
 * The lowest free position of each pool, found and taken by one statement; NULL, which is refused, when there is none.
 * Those below the highest that is taken stand in free_positions.
 */
function addressClaims(db: D1Database, network: Network, member: string): D1PreparedStatement[] {
  const pools = [network.ipv4, network.ipv6].filter((pool) => pool !== null);
  return pools.map((pool) =>
    db
      .prepare(
        `INSERT INTO addresses (network_id, family, position, organisation_id, member_id)
         SELECT ?1, ?2, (
           SELECT min(free) FROM (
             SELECT min(position) AS free FROM free_positions WHERE network_id = ?1 AND family = ?2
             UNION ALL
             SELECT max(?3, 1 + coalesce((SELECT max(position) FROM addresses WHERE network_id = ?1 AND family = ?2), 0))
           ) WHERE free <= ?4
         ), ?5, ?6`,
      )
      .bind(
        network.id,
        pool.address.length === 4 ? 4 : 6,
        GATEWAY_POSITION + 1,
        lastPosition(pool),
        network.organisation,
        member,
      ),
  );
}

/** The owner is NULL, which is refused, when another site holds some of the prefix. */
function prefixClaim(db: D1Database, network: Network, member: string, prefix: Prefix): D1PreparedStatement {
  const { start, end } = prefixRange(prefix);
  const family = prefix.address.length === 4 ? 4 : 6;
  return db
    .prepare(
      `INSERT INTO site_prefixes (network_id, prefix, organisation_id, family, first, last, member_id)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, CASE WHEN EXISTS (
         SELECT 1 FROM site_prefixes WHERE network_id = ?1 AND family = ?4 AND first <= ?6 AND last >= ?5
       ) THEN NULL ELSE ?7 END`,
    )
    .bind(network.id, formatPrefix(prefix), network.organisation, family, toHex(start), toHex(end), member);
}

async function certificateEntry(
  { db, vault, domain }: Registrar,
  network: Network,
  member: string,
  { kind, name }: Enrolment,
  now: number,
): Promise<D1PreparedStatement> {
  const authority = await organisationAuthority(db, vault, network.organisation, now);
  const organisation = await organisationLabel(db, network.organisation);
  const names = alternativeNamesOf(kind, name, network.label, domain);
  const issued = await issueClient(authority.issuer, organisation, network.label, names, now);
  const fingerprint = await fingerprintOf(issued.certificate);
  const sealed = await vault.seal('certificate-key', fingerprint, issued.privateKey);
  return db
    .prepare(
      `INSERT INTO certificates (fingerprint, organisation_id, member_id, authority_id, certificate, private_key, not_before, not_after, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      ...[fingerprint, network.organisation, member, authority.id, issued.certificate, sealed],
      ...[issued.notBefore, issued.notAfter, now],
    );
}

/** The refusal that a broken constraint means; null when it means none. */
async function explain(db: D1Database, network: Network, input: Enrolment, thrown: unknown): Promise<Refused | null> {
  const columns = brokenConstraint(thrown);
  if (!columns) return null;
  if (columns.includes('addresses.position')) return exhausted(network);
  if (columns.includes('foreign key')) {
    return refuse(
      'unknown-network',
      `The network '${network.name}' has just been removed.`,
      'Add it again, or choose another network.',
    );
  }
  return clash(db, network, input);
}

/** Somebody else who has the name, or prefixes in common. */
async function clash(db: D1Database, network: Network, input: Enrolment): Promise<Refused | null> {
  const named = await findMember(db, network, null, input.name);
  if (named.ok) {
    const { kind } = named.value;
    return refuse(
      'name-taken',
      `The network '${network.name}' has a ${kind} '${input.name}' already.`,
      `Choose another name, or revoke that one first: 'culvert ${kind} revoke ${input.name}'.`,
    );
  }
  for (const prefix of input.prefixes) {
    const holder = await prefixHolder(db, network, prefix);
    if (holder) {
      return refuse(
        'prefix-overlap',
        `${formatPrefix(prefix)} overlaps ${holder.prefix} of the site '${holder.name}': packets for the addresses in common could go to one of them only.`,
        'Give each site prefixes of its own; longer ones if only a part of the range is there.',
      );
    }
  }
  return null;
}

function prefixHolder(
  db: D1Database,
  network: Network,
  prefix: Prefix,
): Promise<{ prefix: string; name: string } | null> {
  const { start, end } = prefixRange(prefix);
  return db
    .prepare(
      `SELECT p.prefix, m.name FROM site_prefixes p JOIN members m ON m.id = p.member_id
       WHERE p.network_id = ? AND p.family = ? AND p.first <= ? AND p.last >= ? LIMIT 1`,
    )
    .bind(network.id, prefix.address.length === 4 ? 4 : 6, toHex(end), toHex(start))
    .first();
}

/** With such a certificate a member could pass for the gateway. */
function impersonation(
  { domain, gatewayNames }: Registrar,
  network: Network,
  { kind, name }: Enrolment,
): Refused | null {
  const identity = fqdnIdentity({ name, network: network.label }, domain);
  if (!gatewayNames.includes(identity)) return null;
  return refuse(
    'bad-name',
    `The ${kind} would be known as '${identity}', which is the name of the gateway.`,
    'Choose another name.',
  );
}

function overlapWithPools(network: Network, prefixes: readonly Prefix[]): Refused | null {
  const pools = [network.ipv4, network.ipv6].filter((pool) => pool !== null);
  for (const prefix of prefixes) {
    const pool = pools.find((each) => overlaps(each, prefix));
    if (pool) {
      return refuse(
        'prefix-overlap',
        `${formatPrefix(prefix)} overlaps ${formatPrefix(pool)}, from which the devices of '${network.name}' have their addresses.`,
        'Give the prefix that really stands behind the site, or use a network with another pool for it.',
      );
    }
  }
  return null;
}

function exhausted(network: Network): Refused {
  const pools = [network.ipv4, network.ipv6].filter((pool) => pool !== null).map(formatPrefix);
  return refuse(
    'pool-exhausted',
    `All addresses of '${network.name}' (${pools.join(', ')}) are taken; those of revoked devices become free an hour after.`,
    'Revoke devices that are no longer used and try again in an hour, or add a network with a larger pool.',
  );
}

function rethrow(thrown: unknown): never {
  throw thrown;
}
