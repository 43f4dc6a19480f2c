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
  const known = await read(db, 'organisation_id', organisation);
  if (known) return unlock(known, vault);
  const label = await organisationLabel(db, organisation);
  const root = await rootAuthority(db, vault, now);
  const issued = await issueOrganisationCa(root.issuer, label, now);
  await keep(db, vault, `ca-${organisation}`, organisation, issued, now);
  return unlock((await read(db, 'organisation_id', organisation))!, vault);
}

/** Of which a client certificate may come; null when it is none of ours. */
export async function authorityByKeyId(db: D1Database, keyId: string): Promise<Authority | null> {
  const row = await read(db, 'key_id', keyId);
  return row && authorityIn(row);
}

/** The root first. */
export async function listAuthorities(db: D1Database, limit: number): Promise<Authority[]> {
  const query = db
    .prepare('SELECT * FROM authorities ORDER BY organisation_id IS NOT NULL, created_at LIMIT ?')
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
  { certificate, privateKey, notAfter }: Issued,
  now: number,
): Promise<void> {
  const sealed = await vault.seal('authority-key', id, privateKey);
  const keyId = viewCertificate(certificate)!.keyId;
  await db
    .prepare(
      `INSERT INTO authorities (id, organisation_id, key_id, certificate, private_key, not_after, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    .bind(id, organisation, keyId, certificate, sealed, notAfter, now)
    .run();
}

function read(db: D1Database, column: 'id' | 'organisation_id' | 'key_id', value: string): Promise<Row | null> {
  return db.prepare(`SELECT * FROM authorities WHERE ${column} = ?`).bind(value).first<Row>();
}

function authorityIn({ id, organisation_id: organisation, certificate }: Row): Authority {
  return { id, organisation, view: viewCertificate(octetsOf(certificate))! };
}

async function unlock(row: Row, vault: Vault): Promise<SigningAuthority> {
  const authority = authorityIn(row);
  const privateKey = await vault.open('authority-key', row.id, octetsOf(row.private_key));
  return {
    ...authority,
    issuer: { certificate: authority.view.der, signingKey: await importPrivateKey(privateKey, 'P-384') },
  };
}
