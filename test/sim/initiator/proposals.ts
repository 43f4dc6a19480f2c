// Proposals written as strongSwan writes them, and what a chosen proposal means: RFC 7296 section 3.3.

import type { EspSuite, IkeSuite } from '../../../src/crypto/suite.ts';
import { EncrId, Esn, IntegId, KeId, PrfId, Protocol, TransformType } from '../../../src/wire/ike-numbers.ts';
import type { Proposal, Transform } from '../../../src/wire/payload.ts';

const PRF_AES128_XCBC = 4;
const PRF_AES128_CMAC = 8;
const AUTH_AES_XCBC_96 = 5;
const AUTH_AES_CMAC_96 = 8;

const encr = (id: number, keyBits?: number): Transform =>
  keyBits === undefined ? { type: TransformType.ENCR, id } : { type: TransformType.ENCR, id, keyBits };
const prf = (id: number): Transform => ({ type: TransformType.PRF, id });
const integ = (id: number): Transform => ({ type: TransformType.INTEG, id });
const ke = (id: number): Transform => ({ type: TransformType.KE, id });

const WORDS: Record<string, Transform> = {
  '3des': encr(EncrId.DES3),
  null: encr(EncrId.NULL),
  aes128: encr(EncrId.AES_CBC, 128),
  aes192: encr(EncrId.AES_CBC, 192),
  aes256: encr(EncrId.AES_CBC, 256),
  aes128gmac: encr(EncrId.NULL_AUTH_AES_GMAC, 128),
  aes256gmac: encr(EncrId.NULL_AUTH_AES_GMAC, 256),
  aes128ctr: encr(EncrId.AES_CTR, 128),
  aes192ctr: encr(EncrId.AES_CTR, 192),
  aes256ctr: encr(EncrId.AES_CTR, 256),
  aes128gcm8: encr(EncrId.AES_GCM_8, 128),
  aes192gcm8: encr(EncrId.AES_GCM_8, 192),
  aes256gcm8: encr(EncrId.AES_GCM_8, 256),
  aes128gcm12: encr(EncrId.AES_GCM_12, 128),
  aes192gcm12: encr(EncrId.AES_GCM_12, 192),
  aes256gcm12: encr(EncrId.AES_GCM_12, 256),
  aes128gcm16: encr(EncrId.AES_GCM_16, 128),
  aes192gcm16: encr(EncrId.AES_GCM_16, 192),
  aes256gcm16: encr(EncrId.AES_GCM_16, 256),
  chacha20poly1305: encr(EncrId.CHACHA20_POLY1305),
  prfsha1: prf(PrfId.HMAC_SHA1),
  prfsha256: prf(PrfId.HMAC_SHA2_256),
  prfsha384: prf(PrfId.HMAC_SHA2_384),
  prfsha512: prf(PrfId.HMAC_SHA2_512),
  prfaesxcbc: prf(PRF_AES128_XCBC),
  prfaescmac: prf(PRF_AES128_CMAC),
  sha1: integ(IntegId.HMAC_SHA1_96),
  sha256: integ(IntegId.HMAC_SHA2_256_128),
  sha384: integ(IntegId.HMAC_SHA2_384_192),
  sha512: integ(IntegId.HMAC_SHA2_512_256),
  aesxcbc: integ(AUTH_AES_XCBC_96),
  aescmac: integ(AUTH_AES_CMAC_96),
  modp1024: ke(KeId.MODP_1024),
  modp1536: ke(KeId.MODP_1536),
  modp2048: ke(KeId.MODP_2048),
  modp3072: ke(KeId.MODP_3072),
  modp4096: ke(KeId.MODP_4096),
  ecp256: ke(KeId.ECP_256),
  ecp384: ke(KeId.ECP_384),
  ecp521: ke(KeId.ECP_521),
  x25519: ke(KeId.CURVE25519),
  nopfs: ke(KeId.NONE),
  noesn: { type: TransformType.ESN, id: Esn.NO },
  esn: { type: TransformType.ESN, id: Esn.YES },
};

const PRF_OF_INTEG: Record<number, number> = {
  [IntegId.HMAC_SHA1_96]: PrfId.HMAC_SHA1,
  [IntegId.HMAC_SHA2_256_128]: PrfId.HMAC_SHA2_256,
  [IntegId.HMAC_SHA2_384_192]: PrfId.HMAC_SHA2_384,
  [IntegId.HMAC_SHA2_512_256]: PrfId.HMAC_SHA2_512,
};

/** Transforms of one proposal, in the order offered. */
export type Offer = readonly Transform[];

/** `aes256-sha256-modp2048`, `aes256gcm16-prfsha256-ecp256`: without a prf word, the PRFs follow from the integrity words. */
export function ikeOffer(text: string): Offer {
  const transforms = words(text);
  if (transforms.some((transform) => transform.type === TransformType.PRF)) return transforms;
  const prfs = ofType(transforms, TransformType.INTEG)
    .map((transform) => PRF_OF_INTEG[transform.id])
    .filter((id) => id !== undefined)
    .map(prf);
  return [...transforms, ...prfs];
}

/** `aes256-sha1`, `aes128gcm16-x25519-esn`: without an ESN word, sequence numbers have 32 bits. */
export function espOffer(text: string): Offer {
  const transforms = words(text);
  if (transforms.some((transform) => transform.type === TransformType.ESN)) return transforms;
  return [...transforms, WORDS.noesn!];
}

/** One offer per combination, as Windows writes its proposals out: `3des,aes256/sha1,sha256/modp1024`. */
export function combinations(text: string): string[] {
  return text
    .split('/')
    .map((part) => part.split(','))
    .reduce<string[]>(
      (heads, tails) => heads.flatMap((head) => tails.map((tail) => (head === '' ? tail : `${head}-${tail}`))),
      [''],
    );
}

/** The SA payload's proposals, numbered from one. */
export function proposalsOf(protocol: number, offers: readonly Offer[], spi: Uint8Array): Proposal[] {
  return offers.map((transforms, index) => ({ number: index + 1, protocol, spi, transforms }));
}

/** What is offered for a child SA: AH, where a client wants it, before ESP. */
export function childProposals(ah: readonly Offer[], esp: readonly Offer[], spi: Uint8Array): Proposal[] {
  const first = proposalsOf(Protocol.AH, ah, spi);
  const then = proposalsOf(Protocol.ESP, esp, spi);
  return [...first, ...then.map((proposal) => ({ ...proposal, number: proposal.number + first.length }))];
}

/** Without its KE transforms: what is offered for the child SA of IKE_AUTH, which has no key exchange of its own. */
export function withoutKe(offer: Offer): Offer {
  return offer.filter((transform) => transform.type !== TransformType.KE);
}

/** With no other PRF than this one. */
export function withPrf(offer: Offer, id: number): Offer {
  return offer.filter((transform) => transform.type !== TransformType.PRF || transform.id === id);
}

/** @returns what is wrong with `chosen` as an answer to `offered`, or null (RFC 7296 section 2.7). */
export function faultOfChoice(chosen: readonly Proposal[], offered: readonly Proposal[]): string | null {
  const [proposal] = chosen;
  if (proposal === undefined || chosen.length !== 1) return `the answer has ${chosen.length} proposals`;
  const asked = offered.find((candidate) => candidate.number === proposal.number);
  if (asked === undefined) return `proposal ${proposal.number} was not offered`;
  if (asked.protocol !== proposal.protocol) return 'the chosen proposal is for another protocol';
  for (const transform of proposal.transforms) {
    if (!asked.transforms.some((candidate) => sameTransform(candidate, transform)))
      return `transform ${transform.type}/${transform.id}/${transform.keyBits ?? '-'} was not offered`;
  }
  for (const type of new Set([...asked.transforms, ...proposal.transforms].map((transform) => transform.type))) {
    const count = ofType(proposal.transforms, type).length;
    const mayBeNone = ofType(asked.transforms, type).some((transform) => transform.id === 0);
    if (count > 1 || (count === 0 && !mayBeNone && type !== TransformType.ESN))
      return `${count} transforms of type ${type}`;
  }
  return null;
}

export function ikeSuiteOf(proposal: Proposal): IkeSuite {
  const { transforms } = proposal;
  const cipher = ofType(transforms, TransformType.ENCR)[0];
  return {
    encr: cipher?.id ?? 0,
    encrKeyBits: cipher?.keyBits ?? 0,
    prf: idOf(transforms, TransformType.PRF),
    integ: idOf(transforms, TransformType.INTEG),
    ke: idOf(transforms, TransformType.KE),
  };
}

export function espSuiteOf(proposal: Proposal): EspSuite {
  const { transforms } = proposal;
  const cipher = ofType(transforms, TransformType.ENCR)[0];
  return {
    encr: cipher?.id ?? 0,
    encrKeyBits: cipher?.keyBits ?? 0,
    integ: idOf(transforms, TransformType.INTEG),
    esn: idOf(transforms, TransformType.ESN) === Esn.YES,
    ke: idOf(transforms, TransformType.KE),
  };
}

/** The first proposal that has a transform of each type in common with `mine`, narrowed to it, with the group of KEi where it can be; or null. */
export function chooseFrom(
  theirs: readonly Proposal[],
  protocol: number,
  mine: readonly Offer[],
  ke: number | null,
): Proposal | null {
  for (const offer of mine) {
    for (const proposal of theirs) {
      if (proposal.protocol !== protocol) continue;
      const transforms = intersect(proposal.transforms, inFront(offer, ke));
      if (transforms !== null) return { ...proposal, transforms };
    }
  }
  return null;
}

export function keMethodsOf(offers: readonly Offer[]): number[] {
  return [...new Set(offers.flatMap((offer) => ofType(offer, TransformType.KE).map((transform) => transform.id)))];
}

function inFront(offer: Offer, ke: number | null): Offer {
  const isIt = ({ type, id }: Transform) => type === TransformType.KE && id === ke;
  return [...offer.filter(isIt), ...offer.filter((transform) => !isIt(transform))];
}

function intersect(theirs: Offer, mine: Offer): Transform[] | null {
  const result: Transform[] = [];
  for (const type of new Set(theirs.map((transform) => transform.type))) {
    const found = ofType(mine, type).find((transform) =>
      theirs.some((candidate) => sameTransform(candidate, transform)),
    );
    if (found !== undefined) result.push(found);
    else if (type === TransformType.KE && ofType(theirs, type).some((transform) => transform.id === KeId.NONE))
      continue;
    else return null;
  }
  const mustHave = new Set(mine.map((transform) => transform.type).filter((type) => type !== TransformType.KE));
  for (const type of mustHave) if (!result.some((transform) => transform.type === type)) return null;
  return result;
}

function words(text: string): Transform[] {
  return text.split('-').map((word) => {
    const transform = WORDS[word];
    if (transform === undefined) throw new Error(`no transform is called ${word}`);
    return transform;
  });
}

function sameTransform(a: Transform, b: Transform): boolean {
  return a.type === b.type && a.id === b.id && a.keyBits === b.keyBits;
}

function ofType(transforms: Offer, type: number): Transform[] {
  return transforms.filter((transform) => transform.type === type);
}

function idOf(transforms: Offer, type: number): number {
  return ofType(transforms, type)[0]?.id ?? 0;
}
