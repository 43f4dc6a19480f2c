// A further certificate for a member, while the one before is still accepted.

import { fingerprintOf } from '../ca/certificate.ts';
import { issueClient } from '../ca/issue.ts';
import { organisationAuthority, organisationLabel } from './authorities.ts';
import { brokenConstraint } from './constraint.ts';
import { alternativeNamesOf, type Registrar } from './enrol.ts';
import type { MemberRecord } from './member-record.ts';
import { findMember } from './members.ts';
import type { Network } from './networks.ts';
import { refuse, type Result } from './refusal.ts';

/** Time to bring the new profile to the device. */
export const OVERLAP_DAYS = 14;
const DAY_MS = 86_400_000;

/** @param also statements that are written with it. */
export async function renewCertificate(
  { db, vault, domain }: Pick<Registrar, 'db' | 'vault' | 'domain'>,
  network: Network,
  record: MemberRecord,
  also: readonly D1PreparedStatement[],
  now: number,
): Promise<Result<MemberRecord>> {
  if (record.certificate === null) {
    return refuse(
      'not-certified',
      `'${record.name}' proves itself by a secret and has no certificate.`,
      'Enrol it anew to give it another secret.',
    );
  }
  const authority = await organisationAuthority(db, vault, network.organisation, now);
  const label = await organisationLabel(db, network.organisation);
  const names = alternativeNamesOf(record.kind, record.name, network.label, domain);
  const issued = await issueClient(authority.issuer, label, network.label, names, now);
  const fingerprint = await fingerprintOf(issued.certificate);
  const sealed = await vault.seal('certificate-key', fingerprint, issued.privateKey);
  try {
    await db.batch([
      db
        .prepare('UPDATE certificates SET accepted_until = ?1 WHERE fingerprint = ?2 AND revoked_at IS NULL')
        .bind(now + OVERLAP_DAYS * DAY_MS, record.certificate.fingerprint),
      db
        .prepare(
          `INSERT INTO certificates
           (fingerprint, organisation_id, member_id, authority_id, certificate, private_key, not_before, not_after, created_at)
           SELECT ?1, ?2, id, ?4, ?5, ?6, ?7, ?8, ?9 FROM members WHERE id = ?3 AND revoked_at IS NULL`,
        )
        .bind(
          ...[fingerprint, network.organisation, record.id, authority.id, issued.certificate, sealed],
          ...[issued.notBefore, issued.notAfter, now],
        ),
      ...also,
    ]);
  } catch (thrown) {
    // Somebody else has renewed it at the same moment: theirs is as good.
    if (!brokenConstraint(thrown)) throw thrown;
  }
  return findMember(db, network, record.kind, record.name);
}

/** Whether a certificate that another one has taken the place of is still accepted. */
export async function isAcceptedStill(db: D1Database, fingerprint: string, now: number): Promise<boolean> {
  const query = db.prepare(
    'SELECT 1 AS yes FROM certificates WHERE fingerprint = ? AND revoked_at IS NULL AND accepted_until > ?',
  );
  return (await query.bind(fingerprint, now).first()) !== null;
}
