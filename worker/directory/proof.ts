// What a member proves itself with, in clear: for its profile, and for nothing else.

import { text } from '../../src/bytes/octets.ts';
import type { Vault } from '../ca/vault.ts';
import { octetsOf, type SqlBlob } from './blob.ts';
import type { MemberRecord } from './member-record.ts';

export type Proof =
  | { readonly auth: 'eap' | 'psk'; readonly secret: string }
  /** DER, and PKCS#8 DER. */
  | { readonly auth: 'cert'; readonly certificate: Uint8Array; readonly privateKey: Uint8Array };

/** @throws when the member has been revoked, or the deployment key is another one. */
export async function proofOf(db: D1Database, vault: Vault, record: MemberRecord): Promise<Proof> {
  if (record.auth !== 'cert') {
    if (record.secret === null) throw new Error(`the member ${record.id} has no secret`);
    return { auth: record.auth, secret: text(await vault.open('member-secret', record.id, octetsOf(record.secret))) };
  }
  const fingerprint = record.certificate?.fingerprint ?? '';
  const query = db.prepare('SELECT certificate, private_key FROM certificates WHERE fingerprint = ?').bind(fingerprint);
  const row = await query.first<{ certificate: SqlBlob; private_key: SqlBlob }>();
  if (!row) throw new Error(`the member ${record.id} has no certificate`);
  const privateKey = await vault.open('certificate-key', fingerprint, octetsOf(row.private_key));
  return { auth: 'cert', certificate: octetsOf(row.certificate), privateKey };
}
