// Runs a file of Project Wycheproof against primitives. No test framework here: it runs inside workerd too.

import { concat, equal, fromHex, toHex } from '../../../src/bytes/octets.ts';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import { KeId } from '../../../src/wire/ike-numbers.ts';
import { startKeyExchange } from '../../../worker/edge/key-exchange.ts';
import type { Outcome } from './outcome.ts';

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON of several shapes
type Foreign = any;

export async function checkWycheproof(p: Primitives, file: Foreign): Promise<Outcome> {
  const failures: string[] = [];
  let ran = 0;
  for (const group of file.testGroups) {
    for (const test of group.tests) {
      const problem = await check(p, file.algorithm, group, test);
      if (problem === NOT_OURS) continue;
      ran++;
      if (problem !== null) failures.push(`${test.tcId} ${test.comment} [${test.flags}]: ${problem}`);
    }
  }
  return { ran, failures };
}

/** A valid use of the algorithm that IPsec does not make. */
const NOT_OURS = 'not ours';

async function check(p: Primitives, algorithm: string, group: Foreign, test: Foreign): Promise<string | null> {
  switch (group.type) {
    case 'AeadTest':
      return checkAead(p, algorithm, group, test);
    case 'XdhComp':
      return checkX25519(test);
    case 'EcdhEcpointTest':
      return checkEcdh(group, test);
    case 'EcdsaP1363Verify':
      return checkSignature(p, group, { kind: 'ecdsa', hash: 'sha256', raw: true }, test);
    case 'RsassaPssVerify':
      return checkSignature(p, group, { kind: 'rsa-pss', hash: 'sha256', saltLength: group.sLen }, test);
    default:
      throw new Error(`nothing runs ${group.type}`);
  }
}

async function checkAead(p: Primitives, algorithm: string, group: Foreign, test: Foreign) {
  if (group.ivSize !== 96 && test.result === 'valid') return NOT_OURS;
  const key = algorithm === 'AES-GCM' ? p.aesGcm(fromHex(test.key)) : p.chaCha20Poly1305(fromHex(test.key));
  const [iv, aad, ciphertext] = [fromHex(test.iv), fromHex(test.aad), fromHex(test.ct + test.tag)];
  const opened = await key.open(iv, aad, ciphertext);
  if (test.result === 'invalid') return opened === null ? null : 'was opened';
  if (opened === null || toHex(opened) !== test.msg) return 'was not opened';
  const sealed = await key.seal(iv, aad, fromHex(test.msg));
  return equal(sealed, ciphertext) ? null : `sealed as ${toHex(sealed)}`;
}

/** All-zero results are refused, everything else that Wycheproof calls acceptable is computed. */
async function checkX25519(test: Foreign) {
  const exchange = await startKeyExchange(KeId.CURVE25519, fromHex(test.private));
  const shared = await exchange?.agree(fromHex(test.public));
  const expected = test.flags.includes('ZeroSharedSecret') ? null : test.shared;
  return same(shared, expected);
}

/** IKE carries x|y: a compressed point cannot even be said, so whatever has no leading 4 is handed over as it is, and refused. */
async function checkEcdh(group: Foreign, test: Foreign) {
  const [method, octets] = group.curve === 'secp256r1' ? [KeId.ECP_256, 32] : [KeId.ECP_384, 48];
  const secret = fromHex(
    BigInt(`0x${test.private}`)
      .toString(16)
      .padStart(2 * octets, '0'),
  );
  const uncompressed = test.public.startsWith('04');
  const exchange = await startKeyExchange(method, secret);
  const shared = await exchange?.agree(fromHex(uncompressed ? test.public.slice(2) : test.public));
  return same(shared, uncompressed && test.result === 'valid' ? test.shared : null);
}

async function checkSignature(
  p: Primitives,
  group: Foreign,
  scheme: Parameters<Primitives['verify']>[1],
  test: Foreign,
) {
  const publicKey = fromHex(group.publicKeyDer);
  const verified = await p.verify(publicKey, scheme, fromHex(test.msg), fromHex(test.sig));
  if (verified !== (test.result === 'valid')) return verified ? 'was verified' : 'was not verified';
  const longer = concat(fromHex(test.sig), Uint8Array.of(0));
  return (await p.verify(publicKey, scheme, fromHex(test.msg), longer)) ? 'was verified with an octet more' : null;
}

function same(got: Uint8Array | null | undefined, expected: string | null): string | null {
  const text = got === null || got === undefined ? null : toHex(got);
  return text === expected ? null : `${text} and not ${expected}`;
}
