// Runs our own vector files against primitives. No test framework here: it runs inside workerd too.

import { concat, fromHex, toHex } from '../../../src/bytes/octets.ts';
import { derElement } from '../../../src/crypto/der.ts';
import type { HashName, Primitives, PublicKeyKind, SignatureScheme } from '../../../src/crypto/primitives.ts';
import { KeId } from '../../../src/wire/ike-numbers.ts';
import { startKeyExchange } from '../../../worker/edge/key-exchange.ts';
import type { Outcome } from './outcome.ts';

// biome-ignore lint/suspicious/noExplicitAny: each file has its own shape
type Vector = any;

/** A comparison by name: what came out, and what should have. */
type Comparison = readonly [name: string, got: unknown, expected: unknown];

export const PRIMITIVE_CHECKS: Readonly<
  Record<string, (p: Primitives, file: Vector) => AsyncGenerator<Comparison> | Generator<Comparison>>
> = {
  'rfc2202.json': hmacs,
  'rfc4231.json': hmacs,
  'rfc3602.json': cbc,
  'gcm-specification.json': gcm,
  'rfc7634.json': chaCha20Poly1305,
  'rfc5903.json': keyExchanges,
  'rfc8031.json': keyExchanges,
  'rfc4754.json': ecdsa,
  'rfc8032.json': ed25519,
};

export async function checkPrimitives(p: Primitives, name: string, file: Vector): Promise<Outcome> {
  const failures: string[] = [];
  let ran = 0;
  const check = name === 'keys' ? signatures : PRIMITIVE_CHECKS[name]!;
  for await (const [what, got, expected] of check(p, file)) {
    ran++;
    if (got !== expected) failures.push(`${what}: ${got} and not ${expected}`);
  }
  return { ran, failures };
}

function* hmacs(p: Primitives, file: Vector): Generator<Comparison> {
  for (const vector of file.vectors) {
    for (const hash of ['sha1', 'sha256', 'sha384', 'sha512'] as const) {
      const expected = vector[hash];
      if (expected === undefined) continue;
      const data = fromHex(vector.data);
      const whole = toHex(p.hmac(hash, fromHex(vector.key), data));
      yield [`case ${vector.case} ${hash}`, whole.slice(0, expected.length), expected];
      const parts = p.hmac(hash, fromHex(vector.key), data.subarray(0, 3), data.subarray(3));
      yield [`case ${vector.case} ${hash} in parts`, toHex(parts), whole];
    }
  }
}

function* cbc(p: Primitives, file: Vector): Generator<Comparison> {
  for (const vector of file.vectors) {
    const key = p.aesCbc(fromHex(vector.key));
    const iv = fromHex(vector.iv);
    yield [`case ${vector.case}`, toHex(key.encrypt(iv, fromHex(vector.plaintext))), vector.ciphertext];
    yield [`case ${vector.case} back`, toHex(key.decrypt(iv, fromHex(vector.ciphertext))), vector.plaintext];
  }
}

async function* gcm(p: Primitives, file: Vector): AsyncGenerator<Comparison> {
  for (const vector of file.vectors) yield* aead(`case ${vector.case}`, p.aesGcm(fromHex(vector.key)), vector);
}

async function* chaCha20Poly1305(p: Primitives, file: Vector): AsyncGenerator<Comparison> {
  yield* aead('ESP', p.chaCha20Poly1305(fromHex(file.keymat).subarray(0, 32)), file.esp);
}

async function* aead(name: string, key: ReturnType<Primitives['aesGcm']>, vector: Vector): AsyncGenerator<Comparison> {
  const [nonce, aad] = [fromHex(vector.nonce), fromHex(vector.aad)];
  const sealed = await key.seal(nonce, aad, fromHex(vector.plaintext));
  yield [`${name} sealed`, toHex(sealed), vector.ciphertext + vector.icv];
  const opened = await key.open(nonce, aad, sealed);
  yield [`${name} opened`, opened === null ? null : toHex(opened), vector.plaintext];
  for (let at = 0; at < sealed.length; at++) {
    yield [`${name} octet ${at} changed`, await key.open(nonce, aad, flipped(sealed, at)), null];
  }
  for (let at = 0; at < aad.length; at++) {
    yield [`${name} associated octet ${at} changed`, await key.open(nonce, flipped(aad, at), sealed), null];
  }
  for (let length = 0; length < 17; length++) {
    yield [`${name} cut to ${length}`, await key.open(nonce, aad, sealed.subarray(0, length - 1)), null];
  }
}

async function* keyExchanges(_: Primitives, file: Vector): AsyncGenerator<Comparison> {
  for (const vector of file.vectors) {
    const initiator = (await startKeyExchange(vector.method, fromHex(vector.i)))!;
    const responder = (await startKeyExchange(vector.method, fromHex(vector.r)))!;
    yield [`${vector.method} KEi`, toHex(initiator.publicValue), vector.KEi];
    yield [`${vector.method} KEr`, toHex(responder.publicValue), vector.KEr];
    yield [`${vector.method} initiator`, toHex((await initiator.agree(responder.publicValue))!), vector.shared];
    yield [`${vector.method} responder`, toHex((await responder.agree(initiator.publicValue))!), vector.shared];
  }
}

const CURVE_OIDS: Readonly<Record<number, string>> = { 9: '2a8648ce3d030107', 10: '2b81040022', 11: '2b81040023' };
const CURVE_HASHES: Readonly<Record<number, HashName>> = { 9: 'sha256', 10: 'sha384', 11: 'sha512' };

async function* ecdsa(p: Primitives, file: Vector): AsyncGenerator<Comparison> {
  for (const vector of file.vectors) {
    const curve = derElement(6, fromHex(CURVE_OIDS[vector.method]!));
    const algorithm = derElement(0x30, derElement(6, fromHex('2a8648ce3d0201')), curve);
    const point = derElement(3, fromHex(`0004${vector.gw}`));
    const publicKey = derElement(0x30, algorithm, point);
    const scheme = { kind: 'ecdsa', hash: CURVE_HASHES[vector.method]!, raw: true } as const;
    const signature = fromHex(vector.signature);
    yield [`${vector.method}`, await p.verify(publicKey, scheme, fromHex(vector.message), signature), true];
    yield [`${vector.method} other message`, await p.verify(publicKey, scheme, fromHex('616264'), signature), false];
    const cut = signature.subarray(0, -1);
    yield [`${vector.method} cut`, await p.verify(publicKey, scheme, fromHex(vector.message), cut), false];
  }
}

async function* ed25519(p: Primitives, file: Vector): AsyncGenerator<Comparison> {
  for (const vector of file.vectors) {
    const privateKey = fromHex(`302e020100300506032b657004220420${vector.secret}`);
    const publicKey = fromHex(`302a300506032b6570032100${vector.public}`);
    const signature = await p.sign(privateKey, { kind: 'ed25519' }, fromHex(vector.message));
    yield ['signature', toHex(signature), vector.signature];
    yield ['verified', await p.verify(publicKey, { kind: 'ed25519' }, fromHex(vector.message), signature), true];
    const wrong = await p.verify(publicKey, { kind: 'ed25519' }, fromHex('616264'), signature);
    yield ['other message', wrong, false];
  }
}

/** `file`: kind of key -> [PKCS#8, SubjectPublicKeyInfo], in hexadecimal. Each scheme with the keys that it fits and those it does not. */
async function* signatures(p: Primitives, file: Record<PublicKeyKind, [string, string]>): AsyncGenerator<Comparison> {
  const message = p.random(100);
  const kinds = Object.keys(file) as PublicKeyKind[];
  for (const kind of kinds) {
    const [privateKey, publicKey] = file[kind].map(fromHex) as [Uint8Array, Uint8Array];
    yield [`${kind} is known`, p.publicKeyKind(publicKey), kind];
    yield [`${kind} cut is refused`, p.publicKeyKind(publicKey.subarray(0, -1)), null];
    for (const scheme of schemesOf(kind)) {
      const name = `${kind} ${JSON.stringify(scheme)}`;
      const signature = await p.sign(privateKey, scheme, message);
      yield [name, await p.verify(publicKey, scheme, message, signature), true];
      yield [`${name} changed`, await p.verify(publicKey, scheme, message, flipped(signature, 12)), false];
      yield [`${name} empty`, await p.verify(publicKey, scheme, message, new Uint8Array(0)), false];
      for (const other of kinds) {
        if (other === kind) continue;
        yield [`${name} under ${other}`, await p.verify(fromHex(file[other][1]), scheme, message, signature), false];
      }
      for (const wrong of kinds.flatMap(schemesOf)) {
        if (JSON.stringify(wrong) === JSON.stringify(scheme)) continue;
        yield [`${name} as ${JSON.stringify(wrong)}`, await p.verify(publicKey, wrong, message, signature), false];
      }
    }
  }
}

function schemesOf(kind: PublicKeyKind): SignatureScheme[] {
  if (kind === 'ed25519') return [{ kind: 'ed25519' }];
  if (kind !== 'rsa') {
    const hashes = ['sha256', 'sha384', 'sha512'] as const;
    return hashes.flatMap((hash) => [true, false].map((raw) => ({ kind: 'ecdsa', hash, raw }) as const));
  }
  return (['sha1', 'sha256', 'sha384', 'sha512'] as const).flatMap((hash): SignatureScheme[] => [
    { kind: 'rsa-pkcs1', hash },
    { kind: 'rsa-pss', hash, saltLength: 20 },
    { kind: 'rsa-pss', hash, saltLength: 32 },
  ]);
}

/** Fresh keys of every method: both sides agree, and what is no acceptable value is refused (RFC 6989, RFC 8031 section 4). */
export async function checkKeyExchanges(p: Primitives): Promise<Outcome> {
  const failures: string[] = [];
  let ran = 0;
  for (const [name, method] of Object.entries(KeId)) {
    if (method === KeId.NONE) continue;
    ran++;
    const a = (await p.keyExchange(method))!;
    const b = (await p.keyExchange(method))!;
    const [fromA, fromB] = [await a.agree(b.publicValue), await b.agree(a.publicValue)];
    if (fromA === null || fromB === null || toHex(fromA) !== toHex(fromB)) failures.push(`${name} does not agree`);
    const { length } = a.publicValue;
    const zero = new Uint8Array(length);
    for (const value of [
      zero,
      a.publicValue.subarray(1),
      concat(a.publicValue, zero.subarray(0, 1)),
      zero.subarray(0, 0),
    ]) {
      if ((await a.agree(value)) !== null) failures.push(`${name} takes ${toHex(value)}`);
    }
  }
  if ((await p.keyExchange(1)) !== null) failures.push('768-bit MODP is not refused');
  return { ran, failures };
}

function flipped(octets: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(octets);
  copy[at]! ^= 1;
  return copy;
}
