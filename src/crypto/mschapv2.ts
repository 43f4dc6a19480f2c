// MS-CHAPv2 and the MSK that EAP takes from it: RFC 2759 section 8, RFC 3079 section 3.

import { concat, toHex, utf8 } from '../bytes/octets.ts';
import { desEncrypt } from './des.ts';
import { md4 } from './md4.ts';
import type { Primitives } from './primitives.ts';

/** One exchange of challenges, before anything is computed from it. */
export interface MschapExchange {
  /** 16 octets, ours. */
  readonly authenticatorChallenge: Uint8Array;
  /** 16 octets, from the peer's Response. */
  readonly peerChallenge: Uint8Array;
  /** The Name field of the peer's Response; a leading `DOMAIN\` does not count. */
  readonly userName: Uint8Array;
  readonly password: string;
}

/** @returns the 24 octets that prove that the peer knows the password. */
export function ntResponse(p: Primitives, exchange: MschapExchange): Uint8Array {
  const key = concat(ntPasswordHash(exchange.password), new Uint8Array(5));
  const challenge = challengeHash(p, exchange);
  // Three DES keys of 7 octets each make up the hash and its padding.
  return concat(...[0, 7, 14].map((at) => desEncrypt(spread(key.subarray(at, at + 7)), challenge)));
}

/** @returns `S=` and 40 hexadecimal digits: proof that we know the password too. `response` is the peer's NT-Response. */
export function authenticatorResponse(p: Primitives, exchange: MschapExchange, response: Uint8Array): string {
  const hashHash = md4(ntPasswordHash(exchange.password));
  const digest = p.hash('sha1', hashHash, response, utf8(SERVER_TO_CLIENT));
  return `S=${toHex(p.hash('sha1', digest, challengeHash(p, exchange), utf8(MORE_ITERATION))).toUpperCase()}`;
}

/** @returns the 64 octets that RFC 7296 section 2.16 takes as shared secret: the server's receive key, its send key, and zeros. */
export function masterSessionKey(p: Primitives, password: string, response: Uint8Array): Uint8Array {
  const hashHash = md4(ntPasswordHash(password));
  const masterKey = p.hash('sha1', hashHash, response, utf8(MASTER_KEY)).subarray(0, 16);
  return concat(startKey(p, masterKey, CLIENT_SENDS), startKey(p, masterKey, CLIENT_RECEIVES), new Uint8Array(32));
}

const SERVER_TO_CLIENT = 'Magic server to client signing constant';
const MORE_ITERATION = 'Pad to make it do more than one iteration';
const MASTER_KEY = 'This is the MPPE Master Key';
const CLIENT_SENDS = 'On the client side, this is the send key; on the server side, it is the receive key.';
const CLIENT_RECEIVES = 'On the client side, this is the receive key; on the server side, it is the send key.';

/** GetAsymmetricStartKey of RFC 3079 section 3.4, 16 octets. */
function startKey(p: Primitives, masterKey: Uint8Array, magic: string): Uint8Array {
  return p.hash('sha1', masterKey, new Uint8Array(40), utf8(magic), new Uint8Array(40).fill(0xf2)).subarray(0, 16);
}

/** MD4 of the password in UTF-16LE. */
function ntPasswordHash(password: string): Uint8Array {
  const unicode = new DataView(new ArrayBuffer(2 * password.length));
  for (let i = 0; i < password.length; i++) unicode.setUint16(2 * i, password.charCodeAt(i), true);
  return md4(new Uint8Array(unicode.buffer));
}

function challengeHash(p: Primitives, exchange: MschapExchange): Uint8Array {
  const { peerChallenge, authenticatorChallenge, userName } = exchange;
  const user = userName.subarray(userName.lastIndexOf(BACKSLASH) + 1);
  return p.hash('sha1', peerChallenge, authenticatorChallenge, user).subarray(0, 8);
}

const BACKSLASH = 0x5c;

/** 56 bits as a DES key: seven to an octet, the parity bits left 0. */
function spread(octets: Uint8Array): Uint8Array {
  let bits = 0n;
  for (const octet of octets) bits = (bits << 8n) | BigInt(octet);
  return Uint8Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(7 * (7 - i))) & 0x7fn) << 1);
}
