// Keys of IKE SAs and child SAs: RFC 7296 sections 2.14, 2.17 and 2.18.

import { concat } from '../bytes/octets.ts';
import { encrAlgorithm, integAlgorithm } from './algorithms.ts';
import { prf, prfKeyOctets, prfPlus } from './prf.ts';
import type { Primitives } from './primitives.ts';
import type { EspKeys, EspSuite, IkeSuite } from './suite.ts';

/** SK_a* are empty with an AEAD; SK_e* carry its salt at their end (RFC 5282 section 7.1). */
export interface IkeKeys {
  readonly SK_d: Uint8Array;
  readonly SK_ai: Uint8Array;
  readonly SK_ar: Uint8Array;
  readonly SK_ei: Uint8Array;
  readonly SK_er: Uint8Array;
  readonly SK_pi: Uint8Array;
  readonly SK_pr: Uint8Array;
}

/** What both sides put into an exchange that makes an IKE SA. */
export interface IkeSeed {
  /** Nonces without payload header. */
  readonly Ni: Uint8Array;
  readonly Nr: Uint8Array;
  /** g^ir, as KeyExchange.agree returns it. */
  readonly shared: Uint8Array;
  readonly SPIi: bigint;
  readonly SPIr: bigint;
}

export function deriveIkeKeys(p: Primitives, suite: IkeSuite, seed: IkeSeed): IkeKeys {
  // SKEYSEED = prf(Ni | Nr, g^ir)
  const SKEYSEED = prf(p, suite.prf, concat(seed.Ni, seed.Nr), seed.shared);
  return splitIkeKeys(p, suite, SKEYSEED, seed);
}

/** `oldPrf` and `SK_d` belong to the IKE SA that is replaced, everything else to the new one. */
export function deriveRekeyedIkeKeys(
  p: Primitives,
  oldPrf: number,
  SK_d: Uint8Array,
  suite: IkeSuite,
  seed: IkeSeed,
): IkeKeys {
  // SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr)
  const SKEYSEED = prf(p, oldPrf, SK_d, seed.shared, seed.Ni, seed.Nr);
  return splitIkeKeys(p, suite, SKEYSEED, seed);
}

/** `shared` is null without perfect forward secrecy. `initiator` and `responder` are of the exchange that made the child SA. */
export function deriveChildKeys(
  p: Primitives,
  prfId: number,
  SK_d: Uint8Array,
  suite: EspSuite,
  seed: { readonly Ni: Uint8Array; readonly Nr: Uint8Array; readonly shared: Uint8Array | null },
): { readonly initiator: EspKeys; readonly responder: EspKeys } {
  const encr = encrKeyOctets(suite.encr, suite.encrKeyBits);
  const integ = integKeyOctets(suite.integ);
  // KEYMAT = prf+(SK_d, [ g^ir (new) | ] Ni | Nr)
  const input = concat(seed.shared ?? new Uint8Array(0), seed.Ni, seed.Nr);
  const next = cutter(prfPlus(p, prfId, SK_d, input, 2 * (encr + integ)));
  const initiator = { encr: next(encr), integ: next(integ) };
  return { initiator, responder: { encr: next(encr), integ: next(integ) } };
}

function splitIkeKeys(p: Primitives, suite: IkeSuite, SKEYSEED: Uint8Array, seed: IkeSeed): IkeKeys {
  const prfKey = prfKeyOctets(suite.prf);
  const integ = integKeyOctets(suite.integ);
  const encr = encrKeyOctets(suite.encr, suite.encrKeyBits);
  // {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr)
  const input = concat(seed.Ni, seed.Nr, spiOctets(seed.SPIi), spiOctets(seed.SPIr));
  const next = cutter(prfPlus(p, suite.prf, SKEYSEED, input, 3 * prfKey + 2 * integ + 2 * encr));
  return {
    SK_d: next(prfKey),
    SK_ai: next(integ),
    SK_ar: next(integ),
    SK_ei: next(encr),
    SK_er: next(encr),
    SK_pi: next(prfKey),
    SK_pr: next(prfKey),
  };
}

function encrKeyOctets(id: number, bits: number): number {
  const encr = encrAlgorithm(id);
  return encr.keyOctets(bits) + encr.saltOctets;
}

function integKeyOctets(id: number): number {
  return integAlgorithm(id)?.keyOctets ?? 0;
}

/** Cuts off one piece after the other: copies, so that no key keeps its neighbours alive in a checkpoint. */
function cutter(octets: Uint8Array): (length: number) => Uint8Array {
  let offset = 0;
  return (length) => octets.slice(offset, (offset += length));
}

function spiOctets(spi: bigint): Uint8Array {
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setBigUint64(0, spi);
  return octets;
}
