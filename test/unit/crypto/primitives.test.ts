// The primitives against published vectors, in Node and in workerd alike.

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { describeShared, ownVectors, sharedJson } from '../../vector-files.ts';
import type { Outcome } from './outcome.ts';
import { PRIMITIVE_CHECKS } from './primitive-vectors.ts';
import { runVectors } from './run-vectors.ts';

const WYCHEPROOF = {
  'wycheproof/aes_gcm_test.json': 203,
  'wycheproof/chacha20_poly1305_test.json': 325,
  'wycheproof/x25519_test.json': 518,
  'wycheproof/ecdh_secp256r1_ecpoint_test.json': 355,
  'wycheproof/ecdh_secp384r1_ecpoint_test.json': 790,
  'wycheproof/ecdsa_secp256r1_sha256_p1363_test.json': 262,
  'wycheproof/rsa_pss_2048_sha256_mgf1_32_test.json': 108,
};

let workerd: Miniflare;

beforeAll(async () => {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('vector-worker.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    external: ['node:*'],
    write: false,
  });
  workerd = new Miniflare({
    modules: true,
    script: bundle.outputFiles[0]!.text,
    compatibilityDate: '2026-04-20',
    compatibilityFlags: ['nodejs_compat'],
  });
});

afterAll(() => workerd.dispose());

describe.each<[string, (name: string, file: unknown) => Promise<Outcome>]>([
  ['Node', (name, file) => runVectors(workerPrimitives(), name, file)],
  [
    'workerd',
    async (name, file) => {
      const body = JSON.stringify({ name, file });
      const response = await workerd.dispatchFetch('http://vectors/', { method: 'POST', body });
      return (await response.json()) as Outcome;
    },
  ],
])('primitives in %s', (_, run) => {
  it.each(Object.keys(PRIMITIVE_CHECKS))('%s', async (name) => {
    const { ran, failures } = await run(name, ownVectors(name));
    expect(failures).toEqual([]);
    expect(ran).toBeGreaterThan(0);
  });

  it('agree by every key exchange method and refuse unacceptable values', async () => {
    expect(await run('key exchanges', null)).toEqual({ ran: 9, failures: [] });
  });

  it('sign and verify with every kind of key and no other', async () => {
    const { ran, failures } = await run('keys', KEYS);
    expect(failures).toEqual([]);
    expect(ran).toBeGreaterThan(300);
  });

  for (const [name, count] of Object.entries(WYCHEPROOF)) {
    describeShared(name, name, () => {
      it('opens and verifies what is valid and refuses what is not', async () => {
        expect(await run(name, sharedJson(name))).toEqual({ ran: count, failures: [] });
      });
    });
  }
});

const KEYS = {
  rsa: exported(generateKeyPairSync('rsa', { modulusLength: 2048 })),
  p256: exported(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  p384: exported(generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  p521: exported(generateKeyPairSync('ec', { namedCurve: 'P-521' })),
  ed25519: exported(generateKeyPairSync('ed25519')),
};

function exported(pair: { privateKey: KeyObject; publicKey: KeyObject }): [string, string] {
  return [
    pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('hex'),
    pair.publicKey.export({ format: 'der', type: 'spki' }).toString('hex'),
  ];
}
