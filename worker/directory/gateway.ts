// The gateway's credential: one key and certificate for the whole deployment, made on first use and again before it ends.

import { viewCertificate } from '../ca/certificate.ts';
import { importPrivateKey } from '../ca/key-pair.ts';
import { type AlternativeName, issueGateway } from '../ca/issue.ts';
import type { Vault } from '../ca/vault.ts';
import { parseAddress } from '../../src/wire/prefix.ts';
import type { Env } from '../env.ts';
import { rootAuthority } from './authorities.ts';
import { octetsOf, type SqlBlob } from './blob.ts';

export interface GatewayKey {
  /** DER. */
  readonly certificate: Uint8Array;
  /** DER of its SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly signingKey: CryptoKey;
  /** Milliseconds. */
  readonly notAfter: number;
}

/** A certificate with less left than this is followed by another one. */
const RENEW_MS = 60 * 86_400_000;

interface Row {
  readonly id: string;
  readonly certificate: SqlBlob;
  readonly private_key: SqlBlob;
  readonly not_after: number;
  readonly generation: number;
}

/** What clients may find us under: the name in IKE first. */
export function gatewayNames(env: Pick<Env, 'GATEWAY_NAME' | 'PUBLIC_ADDRESS'>): string[] {
  const names = [env.GATEWAY_NAME, env.PUBLIC_ADDRESS].filter((name) => name !== undefined && name !== '');
  return [...new Set(names.map((name) => name!.toLowerCase()))];
}

/** An address stands there as dNSName too: Windows looks for it nowhere else. */
export function alternativeNames(names: readonly string[]): AlternativeName[] {
  return names.flatMap((value) => [
    { type: 'dns', value } as const,
    ...(parseAddress(value) ? [{ type: 'ip', value } as const] : []),
  ]);
}

export async function gatewayKey(
  db: D1Database,
  vault: Vault,
  names: readonly string[],
  now: number,
): Promise<GatewayKey> {
  const key = names.join(' ');
  const newest = await read(db, key);
  if (newest && newest.not_after - now > RENEW_MS) return unlock(newest, vault);
  await makeNext(db, vault, names, (newest?.generation ?? 0) + 1, now);
  return unlock((await read(db, key))!, vault);
}

/** Of two that are made at once the first one written stays. */
async function makeNext(
  db: D1Database,
  vault: Vault,
  names: readonly string[],
  generation: number,
  now: number,
): Promise<void> {
  const root = await rootAuthority(db, vault, now);
  const { certificate, privateKey, notAfter } = await issueGateway(root.issuer, alternativeNames(names), now);
  const id = crypto.randomUUID();
  const sealed = await vault.seal('gateway-key', id, privateKey);
  await db
    .prepare(
      `INSERT INTO gateway_credentials (id, names, generation, certificate, private_key, not_after, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    .bind(id, names.join(' '), generation, certificate, sealed, notAfter, now)
    .run();
}

function read(db: D1Database, names: string): Promise<Row | null> {
  return db
    .prepare('SELECT * FROM gateway_credentials WHERE names = ? ORDER BY generation DESC LIMIT 1')
    .bind(names)
    .first<Row>();
}

async function unlock(row: Row, vault: Vault): Promise<GatewayKey> {
  const privateKey = await vault.open('gateway-key', row.id, octetsOf(row.private_key));
  const { der, publicKey } = viewCertificate(octetsOf(row.certificate))!;
  return {
    certificate: der,
    publicKey,
    signingKey: await importPrivateKey(privateKey, 'P-256'),
    notAfter: row.not_after,
  };
}
