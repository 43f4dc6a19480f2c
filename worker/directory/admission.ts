// Who is meant by an identity or a certificate: one member with its network, read anew for each handshake.

import type { Member } from '../../src/ike/pad.ts';
import { type MemberRecord, type MemberRow, memberIn, padMember, SELECT_MEMBER } from './member-record.ts';
import type { MemberName } from './names.ts';
import { type NetworkRow, networkIn, SELECT_NETWORK } from './networks.ts';

export interface Known {
  readonly record: MemberRecord;
  readonly member: Member;
}

/** A name that was revoked may have been given again: the one in force comes first, then the last one. */
const BY_NAME = `SELECT m.id FROM members m JOIN networks n ON n.id = m.network_id WHERE n.label = ?1 AND m.name = ?2
  ORDER BY m.revoked_at IS NOT NULL, m.revoked_at DESC LIMIT 1`;

const BY_FINGERPRINT = 'SELECT member_id FROM certificates WHERE fingerprint = ?1';

export function knownByName(db: D1Database, { name, network }: MemberName): Promise<Known | null> {
  return read(db, BY_NAME, network, name);
}

/** @param fingerprint of a certificate, in force or not. */
export function knownByFingerprint(db: D1Database, fingerprint: string): Promise<Known | null> {
  return read(db, BY_FINGERPRINT, fingerprint);
}

/** @param choice a query for the member's id. */
async function read(db: D1Database, choice: string, ...values: string[]): Promise<Known | null> {
  const network = `SELECT network_id FROM members WHERE id = (${choice})`;
  const [members, networks, prefixes] = await db.batch([
    db.prepare(`${SELECT_MEMBER} WHERE m.id = (${choice})`).bind(...values),
    db.prepare(`${SELECT_NETWORK} WHERE n.id = (${network})`).bind(...values),
    db
      .prepare(`SELECT prefix FROM site_prefixes WHERE network_id = (${network}) ORDER BY family, first`)
      .bind(...values),
  ]);
  const memberRow = members?.results[0] as MemberRow | undefined;
  const networkRow = networks?.results[0] as NetworkRow | undefined;
  if (!memberRow || !networkRow) return null;
  const found = networkIn(networkRow);
  const record = memberIn(memberRow, found);
  const sitePrefixes = (prefixes?.results ?? []).map((row) => (row as { prefix: string }).prefix);
  return { record, member: padMember(record, found, sitePrefixes) };
}
