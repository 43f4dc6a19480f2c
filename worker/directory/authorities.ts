// The certificate authorities of the deployment: the root, and one intermediate per organisation. Made on first use, once.

import { importPrivateKey } from '../ca/key-pair.ts';
import { type CertificateView, viewCertificate } from '../ca/certificate.ts';
import { type Issued, type Issuer, issueOrganisationCa, issueRoot } from '../ca/issue.ts';
import type { Vault } from '../ca/vault.ts';
import { octetsOf, type SqlBlob } from './blob.ts';

export interface Authority {
  readonly id: string;
  /** null for the root. */
  readonly organisation: string | null;
  readonly view: CertificateView;
  /** Milliseconds; null while it signs. */
  readonly acceptedUntil: number | null;
}

export interface SigningAuthority extends Authority {
  readonly issuer: Issuer;
}

const ROOT = 'root';

interface Row {
  readonly id: string;
  readonly organisation_id: string | null;
  readonly certificate: SqlBlob;
  readonly private_key: SqlBlob;
  readonly accepted_until: number | null;
}

export async function rootAuthority(db: D1Database, vault: Vault, now: number): Promise<SigningAuthority> {
  const known = await read(db, 'id', ROOT);
  if (known) return unlock(known, vault);
  await keep(db, vault, ROOT, null, await issueRoot(now), now);
  return unlock((await read(db, 'id', ROOT))!, vault);
}

/** @throws when there is no such organisation. */
export async function organisationAuthority(
  db: D1Database,
  vault: Vault,
  organisation: string,
  now: number,
): Promise<SigningAuthority> {
  const known = await read(db, 'signs_for', organisation);
  if (known) return unlock(known, vault);
  const label = await organisationLabel(db, organisation);
  const root = await rootAuthority(db, vault, now);
  const issued = await issueOrganisationCa(root.issuer, label, now);
  await keep(db, vault, `ca-${organisation}`, organisation, issued, now);
  return unlock((await read(db, 'signs_for', organisation))!, vault);
}

/** Of which a client certificate may come; null when it is none of ours. */
export async function authorityByKeyId(db: D1Database, keyId: string): Promise<Authority | null> {
  const row = await read(db, 'key_id', keyId);
  return row && authorityIn(row);
}

/** Those of one organisation: the one that signs, and the ones before it that are still accepted or were. */
export async function authoritiesOf(db: D1Database, organisation: string): Promise<Authority[]> {
  const query = db
    .prepare('SELECT * FROM authorities WHERE organisation_id = ? ORDER BY created_at DESC LIMIT 20')
    .bind(organisation);
  return (await query.all<Row>()).results.map(authorityIn);
}

/**
 * Another authority signs from now on; what the one before has signed is accepted until the time given.
 * @param also statements that are written with it.
 */
export async function rotateAuthority(
  db: D1Database,
  vault: Vault,
  organisation: string,
  acceptedUntil: number,
  also: readonly D1PreparedStatement[],
  now: number,
): Promise<SigningAuthority> {
  const before = await organisationAuthority(db, vault, organisation, now);
  const label = await organisationLabel(db, organisation);
  const root = await rootAuthority(db, vault, now);
  const id = `ca-${crypto.randomUUID()}`;
  const next = await insertion(db, vault, id, organisation, await issueOrganisationCa(root.issuer, label, now), now);
  await db.batch([
    db
      .prepare('UPDATE authorities SET signs_for = NULL, accepted_until = ? WHERE id = ? AND signs_for IS NOT NULL')
      .bind(acceptedUntil, before.id),
    next,
    ...also,
  ]);
  return unlock((await read(db, 'signs_for', organisation))!, vault);
}

/** The root first, and those that sign before those that did. */
export async function listAuthorities(db: D1Database, limit: number): Promise<Authority[]> {
  const query = db
    .prepare(
      'SELECT * FROM authorities ORDER BY organisation_id IS NOT NULL, accepted_until IS NOT NULL, created_at LIMIT ?',
    )
    .bind(limit);
  return (await query.all<Row>()).results.map(authorityIn);
}

/** What stands for it in certificates: plain text that no other organisation has. */
export async function organisationLabel(db: D1Database, organisation: string): Promise<string> {
  const query = db.prepare('SELECT label FROM organisations WHERE id = ?').bind(organisation);
  const label = await query.first<string>('label');
  if (label === null) throw new Error(`there is no organisation ${organisation}`);
  return label;
}

/** Of two that are made at once the first one written stays. */
async function keep(
  db: D1Database,
  vault: Vault,
  id: string,
  organisation: string | null,
  made: Issued,
  now: number,
): Promise<void> {
  await (await insertion(db, vault, id, organisation, made, now)).run();
}

async function insertion(
  db: D1Database,
  vault: Vault,
  id: string,
  organisation: string | null,
  { certificate, privateKey, notAfter }: Issued,
  now: number,
): Promise<D1PreparedStatement> {
  const sealed = await vault.seal('authority-key', id, privateKey);
  const keyId = viewCertificate(certificate)!.keyId;
  return db
    .prepare(
      `INSERT INTO authorities (id, organisation_id, signs_for, key_id, certificate, private_key, not_after, created_at)
       VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING`,
    )
    .bind(id, organisation, keyId, certificate, sealed, notAfter, now);
}

function read(db: D1Database, column: 'id' | 'signs_for' | 'key_id', value: string): Promise<Row | null> {
  return db.prepare(`SELECT * FROM authorities WHERE ${column} = ?`).bind(value).first<Row>();
}

function authorityIn({
  id,
  organisation_id: organisation,
  certificate,
  accepted_until: acceptedUntil,
}: Row): Authority {
  return { id, organisation, view: viewCertificate(octetsOf(certificate))!, acceptedUntil };
}

async function unlock(row: Row, vault: Vault): Promise<SigningAuthority> {
  const authority = authorityIn(row);
  const privateKey = await vault.open('authority-key', row.id, octetsOf(row.private_key));
  return {
    ...authority,
    issuer: { certificate: authority.view.der, signingKey: await importPrivateKey(privateKey, 'P-384') },
  };
}
