// PKCS#12 (RFC 7292) in the one encoding that Apple and Android import: 3DES under the KDF of appendix B, SHA-1, and a password.
// What it protects is the format's promise only: secrecy comes from how the file travels.

import { Buffer } from 'node:buffer';
import { createCipheriv } from 'node:crypto';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../src/bytes/octets.ts';
import { bmpString, integer, nothing, octetString, oid, sequence, setOf, tagged } from './der.ts';
import type { MemberCertificate } from './profile.ts';
import { Diversifier, pkcs12Key } from './pkcs12-key.ts';

const ITERATIONS = 2048;
const SALT_OCTETS = 8;

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const PBE_SHA1_3DES = '1.2.840.113549.1.12.1.3';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const SHA1 = '1.3.14.3.2.26';

/**
 * The same octets for the same input: salts come of what they salt.
 * @param name shown where the identity is chosen. @throws Error for an empty password, which Apple refuses to import.
 */
export function emitPkcs12(certificate: MemberCertificate, name: string, password: string): Uint8Array {
  if (password === '') throw new Error('a PKCS#12 file needs a password');
  const salt = (purpose: string) => saltFor(purpose, certificate.pkcs8, password);
  const keyId = attribute(LOCAL_KEY_ID, octetString(sha1(certificate.der)));
  const friendly = attribute(FRIENDLY_NAME, bmpString(name));
  const attributes = orderedSet(friendly, keyId);
  const certificates = [
    bag(CERT_BAG, certificateValue(certificate.der), attributes),
    ...certificate.chain.map((der) => bag(CERT_BAG, certificateValue(der))),
  ];
  const key = bag(SHROUDED_KEY_BAG, shroudedKey(certificate.pkcs8, password, salt('key')), attributes);
  const safe = sequence(
    encryptedContent(sequence(...certificates), password, salt('certificates')),
    plainContent(sequence(key)),
  );
  return sequence(integer(3), plainContent(safe), macData(safe, password, salt('mac')));
}

function plainContent(content: Uint8Array): Uint8Array {
  return sequence(oid(DATA), tagged(0, octetString(content)));
}

/** EncryptedData of CMS (RFC 5652 section 8), whose content stands in an implicit, primitive [0]. */
function encryptedContent(content: Uint8Array, password: string, salt: Uint8Array): Uint8Array {
  const encrypted = octetString(encrypt(content, password, salt));
  encrypted[0] = 0x80;
  const info = sequence(oid(DATA), encryption(salt), encrypted);
  return sequence(oid(ENCRYPTED_DATA), tagged(0, sequence(integer(0), info)));
}

function shroudedKey(pkcs8: Uint8Array, password: string, salt: Uint8Array): Uint8Array {
  return sequence(encryption(salt), octetString(encrypt(pkcs8, password, salt)));
}

function certificateValue(der: Uint8Array): Uint8Array {
  return sequence(oid(X509_CERTIFICATE), tagged(0, octetString(der)));
}

function bag(type: string, value: Uint8Array, attributes: Uint8Array = new Uint8Array(0)): Uint8Array {
  return sequence(oid(type), tagged(0, value), attributes);
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return sequence(oid(type), setOf(value));
}

/** DER sorts a SET OF by its octets (X.690 section 11.6). */
function orderedSet(...parts: Uint8Array[]): Uint8Array {
  return setOf(concat(...parts.sort((a, b) => Buffer.compare(a, b))));
}

function encryption(salt: Uint8Array): Uint8Array {
  return sequence(oid(PBE_SHA1_3DES), sequence(octetString(salt), integer(ITERATIONS)));
}

function encrypt(octets: Uint8Array, password: string, salt: Uint8Array): Uint8Array {
  const key = pkcs12Key(password, salt, ITERATIONS, Diversifier.KEY, 24);
  const iv = pkcs12Key(password, salt, ITERATIONS, Diversifier.IV, 8);
  const cipher = createCipheriv('des-ede3-cbc', key, iv);
  return concat(cipher.update(octets), cipher.final());
}

function macData(safe: Uint8Array, password: string, salt: Uint8Array): Uint8Array {
  const key = pkcs12Key(password, salt, ITERATIONS, Diversifier.MAC, 20);
  const digest = sequence(sequence(oid(SHA1), nothing()), octetString(hmac(sha1, key, safe)));
  return sequence(digest, octetString(salt), integer(ITERATIONS));
}

/** A salt must differ, not be secret; the private key makes it unforeseeable as well. */
function saltFor(purpose: string, pkcs8: Uint8Array, password: string): Uint8Array {
  return hmac(sha256, pkcs8, utf8(`${purpose}\0${password}`)).slice(0, SALT_OCTETS);
}
