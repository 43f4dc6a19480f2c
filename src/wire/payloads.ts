// A chain of payloads, each behind its generic header, RFC 7296 section 3.2.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import { emitAUTH, parseAUTH } from './auth.ts';
import { emitCERT, emitCERTREQ, parseCERT, parseCERTREQ } from './cert.ts';
import { emitCP, parseCP } from './cp.ts';
import { emitD, parseD } from './delete.ts';
import { emitEAP, parseEAP } from './eap-payload.ts';
import { emitIdentity, parseIDi, parseIDr } from './id.ts';
import { PayloadType } from './ike-numbers.ts';
import { emitKE, parseKE } from './ke.ts';
import { emitNONCE, parseNONCE } from './nonce.ts';
import { emitN, parseN } from './notify.ts';
import type { Payload } from './payload.ts';
import { emitSA, parseSA } from './sa.ts';
import { emitTS, parseTSi, parseTSr } from './ts.ts';
import { emitV, parseV } from './vendor-id.ts';

/*
                        1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   | Next Payload  |C|  RESERVED   |         Payload Length        |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

const PAYLOADS = 64;
const HEADER = 4;
const CRITICAL = 0x80;

/**
 * Reads all that an encrypted payload held.
 * @param first type of the first payload, 0 for none.
 * @throws Malformed also for an encrypted payload among them (RFC 7296 section 3.1).
 */
export function parsePayloads(first: number, octets: Uint8Array): Payload[] {
  const { payloads, encrypted } = parseChain(first, new Reader(octets));
  if (encrypted !== null) throw new Malformed('an encrypted payload inside an encrypted payload');
  return payloads;
}

/** @returns the type of the first payload and the octets of all. */
export function emitPayloads(payloads: readonly Payload[]): { first: number; octets: Uint8Array } {
  const w = new Writer(512);
  writePayloads(w, payloads);
  return { first: typeOf(payloads[0]), octets: w.finish() };
}

/** Where an encrypted payload ended a chain: it is always the last, and its Next Payload speaks of what is inside. */
export interface Encrypted {
  readonly type: number;
  readonly next: number;
  /** Bounded by the end of the payload. */
  readonly body: Reader;
}

/** As parsePayloads, but stops at an encrypted payload and hands it out. */
export function parseChain(first: number, r: Reader): { payloads: Payload[]; encrypted: Encrypted | null } {
  const payloads: Payload[] = [];
  let type = first;
  while (type !== PayloadType.NONE) {
    if (payloads.length === PAYLOADS) throw new Malformed(`more than ${PAYLOADS} payloads`);
    const next = r.u8();
    const critical = (r.u8() & CRITICAL) !== 0;
    const body = r.sub(r.u16() - HEADER);
    if (type === PayloadType.SK || type === PayloadType.SKF) {
      r.expectEmpty('the encrypted payload');
      return { payloads, encrypted: { type, next, body } };
    }
    payloads.push(parsePayload(type, critical, body.rest()));
    type = next;
  }
  r.expectEmpty('the last payload');
  return { payloads, encrypted: null };
}

export function writePayloads(w: Writer, payloads: readonly Payload[]): void {
  for (const [i, payload] of payloads.entries()) {
    const body = emitBody(payload);
    w.u8(typeOf(payloads[i + 1]));
    w.u8(payload.type === 'UNKNOWN' && payload.critical ? CRITICAL : 0);
    const length = w.reserve16();
    w.octets(body);
    w.patch16(length, HEADER + body.length);
  }
}

export function typeOf(payload: Payload | undefined): number {
  if (payload === undefined) return PayloadType.NONE;
  return payload.type === 'UNKNOWN' ? payload.payloadType : PayloadType[payload.type];
}

const PARSE: { readonly [type: number]: (body: Uint8Array) => Payload } = {
  [PayloadType.SA]: parseSA,
  [PayloadType.KE]: parseKE,
  [PayloadType.IDi]: parseIDi,
  [PayloadType.IDr]: parseIDr,
  [PayloadType.CERT]: parseCERT,
  [PayloadType.CERTREQ]: parseCERTREQ,
  [PayloadType.AUTH]: parseAUTH,
  [PayloadType.NONCE]: parseNONCE,
  [PayloadType.N]: parseN,
  [PayloadType.D]: parseD,
  [PayloadType.V]: parseV,
  [PayloadType.TSi]: parseTSi,
  [PayloadType.TSr]: parseTSr,
  [PayloadType.CP]: parseCP,
  [PayloadType.EAP]: parseEAP,
};

/** A payload that we do not know is kept with its critical flag; of one that we know the flag is ignored (RFC 7296 section 3.2). */
function parsePayload(type: number, critical: boolean, body: Uint8Array): Payload {
  const parse = PARSE[type];
  return parse === undefined ? { type: 'UNKNOWN', payloadType: type, critical, data: body } : parse(body);
}

function emitBody(payload: Payload): Uint8Array {
  switch (payload.type) {
    case 'SA':
      return emitSA(payload);
    case 'KE':
      return emitKE(payload);
    case 'IDi':
    case 'IDr':
      return emitIdentity(payload);
    case 'CERT':
      return emitCERT(payload);
    case 'CERTREQ':
      return emitCERTREQ(payload);
    case 'AUTH':
      return emitAUTH(payload);
    case 'NONCE':
      return emitNONCE(payload);
    case 'N':
      return emitN(payload);
    case 'D':
      return emitD(payload);
    case 'V':
      return emitV(payload);
    case 'TSi':
    case 'TSr':
      return emitTS(payload);
    case 'CP':
      return emitCP(payload);
    case 'EAP':
      return emitEAP(payload);
    case 'UNKNOWN':
      return payload.data;
  }
}
