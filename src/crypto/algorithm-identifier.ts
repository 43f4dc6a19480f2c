// ASN.1 AlgorithmIdentifier of a signature: RFC 7427 Appendix A, RFC 4055 section 3.1 (RSASSA-PSS), RFC 8420 section 2 (Ed25519).

import { fromHex, toHex } from '../bytes/octets.ts';
import { type DerElement, derContent, derElement } from './der.ts';
import type { HashName, SignatureScheme } from './primitives.ts';

// OBJECT IDENTIFIERs as hex of their DER content.
const RSA_PKCS1: Readonly<Record<HashName, string>> = {
  sha1: '2a864886f70d010105',
  sha256: '2a864886f70d01010b',
  sha384: '2a864886f70d01010c',
  sha512: '2a864886f70d01010d',
};
const ECDSA: Readonly<Record<HashName, string>> = {
  sha1: '2a8648ce3d0401',
  sha256: '2a8648ce3d040302',
  sha384: '2a8648ce3d040303',
  sha512: '2a8648ce3d040304',
};
const HASH: Readonly<Record<HashName, string>> = {
  sha1: '2b0e03021a',
  sha256: '608648016503040201',
  sha384: '608648016503040202',
  sha512: '608648016503040203',
};
const RSASSA_PSS = '2a864886f70d01010a';
const MGF1 = '2a864886f70d010108';
const ED25519 = '2b6570';

const Tag = { INTEGER: 0x02, NULL: 0x05, OID: 0x06, SEQUENCE: 0x30, CONTEXT_0: 0xa0 } as const;

export function emitAlgorithmIdentifier(scheme: SignatureScheme): Uint8Array {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
      return derElement(Tag.SEQUENCE, oid(RSA_PKCS1[scheme.hash]), derElement(Tag.NULL));
    case 'ecdsa':
      return derElement(Tag.SEQUENCE, oid(ECDSA[scheme.hash]));
    case 'ed25519':
      return derElement(Tag.SEQUENCE, oid(ED25519));
    case 'rsa-pss':
      return derElement(Tag.SEQUENCE, oid(RSASSA_PSS), emitPssParameters(scheme.hash, scheme.saltLength));
  }
}

/** @returns null for anything that is not one whole AlgorithmIdentifier of a scheme that we know. ECDSA comes out as not raw. */
export function parseAlgorithmIdentifier(octets: Uint8Array): SignatureScheme | null {
  const outer = derContent(octets);
  if (outer?.length !== 1 || outer[0]?.tag !== Tag.SEQUENCE) return null;
  const [algorithm, parameters, ...more] = derContent(outer[0].content) ?? [];
  if (algorithm?.tag !== Tag.OID || more.length > 0) return null;
  const id = toHex(algorithm.content);
  if (id === RSASSA_PSS) return parsePssParameters(parameters);
  // NULL or absent: implementations differ, and it says nothing either way.
  if (parameters !== undefined && (parameters.tag !== Tag.NULL || parameters.content.length > 0)) return null;
  if (id === ED25519) return { kind: 'ed25519' };
  const pkcs1 = hashNamed(RSA_PKCS1, id);
  if (pkcs1 !== null) return { kind: 'rsa-pkcs1', hash: pkcs1 };
  const ecdsa = hashNamed(ECDSA, id);
  return ecdsa === null ? null : { kind: 'ecdsa', hash: ecdsa, raw: false };
}

function emitPssParameters(hash: HashName, saltLength: number): Uint8Array {
  const hashId = derElement(Tag.SEQUENCE, oid(HASH[hash]), derElement(Tag.NULL));
  return derElement(
    Tag.SEQUENCE,
    derElement(Tag.CONTEXT_0, hashId),
    derElement(Tag.CONTEXT_0 + 1, derElement(Tag.SEQUENCE, oid(MGF1), hashId)),
    derElement(Tag.CONTEXT_0 + 2, derElement(Tag.INTEGER, Uint8Array.of(saltLength))),
    derElement(Tag.CONTEXT_0 + 3, derElement(Tag.INTEGER, Uint8Array.of(1))),
  );
}

/** What is left out has the defaults of RFC 4055: SHA-1, MGF1 with SHA-1, 20 octets of salt. */
function parsePssParameters(parameters: DerElement | undefined): SignatureScheme | null {
  if (parameters !== undefined && parameters.tag !== Tag.SEQUENCE) return null;
  const fields = derContent(parameters?.content ?? new Uint8Array(0));
  if (fields === null) return null;
  let hash: HashName | null = 'sha1';
  let mask: HashName | null = 'sha1';
  let saltLength = 20;
  for (const { tag, content } of fields) {
    if (tag === Tag.CONTEXT_0) hash = parseHash(content);
    else if (tag === Tag.CONTEXT_0 + 1) mask = parseMask(content);
    else if (tag === Tag.CONTEXT_0 + 2) saltLength = parseSmallInteger(content);
    else if (tag !== Tag.CONTEXT_0 + 3 || parseSmallInteger(content) !== 1) return null;
  }
  // The primitives have one hash for both, as RFC 4055 section 3.1 recommends.
  if (hash === null || hash !== mask || saltLength < 0) return null;
  return { kind: 'rsa-pss', hash, saltLength };
}

function parseHash(octets: Uint8Array): HashName | null {
  const [sequence] = derContent(octets) ?? [];
  if (sequence?.tag !== Tag.SEQUENCE) return null;
  const [algorithm] = derContent(sequence.content) ?? [];
  return algorithm?.tag === Tag.OID ? hashNamed(HASH, toHex(algorithm.content)) : null;
}

function parseMask(octets: Uint8Array): HashName | null {
  const [sequence] = derContent(octets) ?? [];
  if (sequence?.tag !== Tag.SEQUENCE) return null;
  const [algorithm, hash] = derContent(sequence.content) ?? [];
  if (algorithm?.tag !== Tag.OID || toHex(algorithm.content) !== MGF1) return null;
  if (hash === undefined) return 'sha1';
  return parseHash(derElement(hash.tag, hash.content));
}

/** @returns -1 for anything but an INTEGER of 0 to 127, more than any hash is long. */
function parseSmallInteger(octets: Uint8Array): number {
  const [integer] = derContent(octets) ?? [];
  if (integer?.tag !== Tag.INTEGER || integer.content.length !== 1) return -1;
  const value = integer.content[0] ?? 0xff;
  return value < 0x80 ? value : -1;
}

function hashNamed(table: Readonly<Record<HashName, string>>, id: string): HashName | null {
  for (const name of ['sha1', 'sha256', 'sha384', 'sha512'] as const) if (table[name] === id) return name;
  return null;
}

function oid(hex: string): Uint8Array {
  return derElement(Tag.OID, fromHex(hex));
}
