// Choosing one suite out of what the peer proposes, and proposing when we rekey (RFC 7296 sections 2.7, 3.3; RFC 8247).
// The peer's order of proposals counts; within a proposal ours does.

import { encrAlgorithm, isWeak } from '../crypto/algorithms.ts';
import type { EspSuite, IkeSuite } from '../crypto/suite.ts';
import { EncrId, Esn, IntegId, KeId, nameOf, PrfId, Protocol, TransformType } from '../wire/ike-numbers.ts';
import type { Proposal, Transform } from '../wire/payload.ts';
import type { Member } from './pad.ts';

type Choice = readonly [id: number, keyBits?: number];

const ENCR: readonly Choice[] = [
  [EncrId.AES_GCM_16, 256],
  [EncrId.AES_GCM_16, 128],
  [EncrId.CHACHA20_POLY1305],
  [EncrId.AES_CBC, 256],
  [EncrId.AES_CBC, 128],
];
/** Authenticated, not encrypted. */
const PLAIN_ENCR: readonly Choice[] = [
  [EncrId.NULL_AUTH_AES_GMAC, 256],
  [EncrId.NULL_AUTH_AES_GMAC, 128],
  [EncrId.NULL],
];
const INTEG: readonly Choice[] = [
  [IntegId.HMAC_SHA2_256_128],
  [IntegId.HMAC_SHA2_384_192],
  [IntegId.HMAC_SHA2_512_256],
];
const PRF: readonly Choice[] = [[PrfId.HMAC_SHA2_256], [PrfId.HMAC_SHA2_384], [PrfId.HMAC_SHA2_512]];
const KE: readonly Choice[] = [
  [KeId.CURVE25519],
  [KeId.ECP_256],
  [KeId.ECP_384],
  [KeId.MODP_3072],
  [KeId.MODP_4096],
  [KeId.MODP_2048],
];
const LEGACY_INTEG: readonly Choice[] = [...INTEG, [IntegId.HMAC_SHA1_96]];
const LEGACY_PRF: readonly Choice[] = [...PRF, [PrfId.HMAC_SHA1]];
const LEGACY_KE: readonly Choice[] = [...KE, [KeId.MODP_1024]];

export interface Chosen<S> {
  readonly suite: S;
  /** As it goes back to the peer: one transform a type, the SPI left to the caller. */
  readonly number: number;
  readonly transforms: readonly Transform[];
  /** The peer's SPI. */
  readonly peerSpi: Uint8Array;
}

/**
 * @param keMethod of the KE payload: preferred where the proposal has it, which saves a round trip.
 * @param oldPrf of the IKE SA that is rekeyed: kept wherever the peer offers it, because strongSwan 5.9 derives other keys when it changes.
 */
export function chooseIke(
  proposals: readonly Proposal[],
  legacy: boolean,
  keMethod: number,
  oldPrf: number | null = null,
): Chosen<IkeSuite> | null {
  const prfs = legacy ? LEGACY_PRF : PRF;
  const same = prfs.filter(([id]) => id === oldPrf);
  return chooseIkeWith(same, proposals, legacy, keMethod) ?? chooseIkeWith(prfs, proposals, legacy, keMethod);
}

function chooseIkeWith(
  prfs: readonly Choice[],
  proposals: readonly Proposal[],
  legacy: boolean,
  keMethod: number,
): Chosen<IkeSuite> | null {
  const ke = preferring(legacy ? LEGACY_KE : KE, keMethod);
  for (const proposal of proposals) {
    if (proposal.protocol !== Protocol.IKE) continue;
    const encr = pick(proposal, TransformType.ENCR, ENCR);
    const prf = pick(proposal, TransformType.PRF, prfs);
    const method = pick(proposal, TransformType.KE, ke);
    if (!encr || !prf || !method) continue;
    const integ = pickInteg(proposal, encr, legacy);
    const others = pickOthers(proposal, [TransformType.ENCR, TransformType.PRF, TransformType.INTEG, TransformType.KE]);
    if (integ === undefined || others === null) continue;
    return {
      suite: {
        encr: encr.id,
        encrKeyBits: encrBits(encr),
        prf: prf.id,
        integ: integ?.id ?? IntegId.NONE,
        ke: method.id,
      },
      number: proposal.number,
      transforms: [encr, prf, ...(integ ? [integ] : []), method, ...others],
      peerSpi: proposal.spi,
    };
  }
  return null;
}

/**
 * AH is passed over: it covers the outer addresses, which a NAT changes (RFC 3715 section 2.1 a).
 * @param keMethod of the KE payload, null when there is none; in IKE_AUTH there never is one and transforms of that type are passed over.
 * PFS is optional both ways: what the peer offers decides.
 * Where the network allows ESP without encryption, a peer still gets a cipher if any of its proposals holds one.
 */
export function chooseEsp(
  proposals: readonly Proposal[],
  { legacy, nullEncryption }: Pick<Member, 'legacy' | 'nullEncryption'>,
  keMethod: number | null,
  exchange: 'IKE_AUTH' | 'CREATE_CHILD_SA',
): Chosen<EspSuite> | null {
  const among = (ciphers: readonly Choice[]) => chooseEspAmong(ciphers, proposals, legacy, keMethod, exchange);
  return among(ENCR) ?? (nullEncryption ? among(PLAIN_ENCR) : null);
}

function chooseEspAmong(
  ciphers: readonly Choice[],
  proposals: readonly Proposal[],
  legacy: boolean,
  keMethod: number | null,
  exchange: 'IKE_AUTH' | 'CREATE_CHILD_SA',
): Chosen<EspSuite> | null {
  for (const proposal of proposals) {
    if (proposal.protocol !== Protocol.ESP || proposal.spi.length !== 4) continue;
    const encr = pick(proposal, TransformType.ENCR, ciphers);
    if (!encr) continue;
    const integ = pickInteg(proposal, encr, legacy);
    const esn = pickEsn(proposal);
    const ke = exchange === 'IKE_AUTH' ? null : pickPfs(proposal, legacy, keMethod);
    const others = pickOthers(proposal, [TransformType.ENCR, TransformType.INTEG, TransformType.ESN, TransformType.KE]);
    if (integ === undefined || esn === undefined || ke === undefined || others === null) continue;
    return {
      suite: {
        encr: encr.id,
        encrKeyBits: encrBits(encr),
        integ: integ?.id ?? IntegId.NONE,
        esn: esn?.id === Esn.YES,
        ke: ke?.id ?? KeId.NONE,
      },
      number: proposal.number,
      transforms: [encr, ...(integ ? [integ] : []), ...(ke ? [ke] : []), ...(esn ? [esn] : []), ...others],
      peerSpi: proposal.spi,
    };
  }
  return null;
}

/** What we propose when we rekey an IKE SA: the suite in force, its key exchange first, then the others that we can do. */
export function offerIke(suite: IkeSuite, spi: Uint8Array, ke: number): Proposal[] {
  const integ = suite.integ === IntegId.NONE ? [] : [{ type: TransformType.INTEG, id: suite.integ }];
  const transforms = [encrTransform(suite), { type: TransformType.PRF, id: suite.prf }, ...integ, ...keTransforms(ke)];
  return [{ number: 1, protocol: Protocol.IKE, spi, transforms }];
}

/** What we propose when we rekey a child SA: with PFS, and without for peers that want none. */
export function offerEsp(suite: EspSuite, spi: Uint8Array, ke: number): Proposal[] {
  const integ = suite.integ === IntegId.NONE ? [] : [{ type: TransformType.INTEG, id: suite.integ }];
  const esn = { type: TransformType.ESN, id: suite.esn ? Esn.YES : Esn.NO };
  const base = [encrTransform(suite), ...integ];
  return [
    { number: 1, protocol: Protocol.ESP, spi, transforms: [...base, ...keTransforms(ke), esn] },
    { number: 2, protocol: Protocol.ESP, spi, transforms: [...base, esn] },
  ];
}

/** The peer's choice must be one transform a type out of one proposal of ours (RFC 7296 section 2.7). */
export function isChoiceOf(offer: readonly Proposal[], answer: Proposal): boolean {
  const proposal = offer.find((p) => p.number === answer.number && p.protocol === answer.protocol);
  if (!proposal) return false;
  const types = new Set(proposal.transforms.map((t) => t.type));
  return (
    types.size === answer.transforms.length &&
    answer.transforms.every(
      (t) =>
        types.delete(t.type) &&
        proposal.transforms.some((o) => o.type === t.type && o.id === t.id && o.keyBits === t.keyBits),
    )
  );
}

/** Whether a key exchange method is one that we do. */
export function acceptsKe(method: number, legacy: boolean): boolean {
  return (legacy ? LEGACY_KE : KE).some(([id]) => id === method);
}

export function isWeakIke(suite: IkeSuite): boolean {
  return (
    isWeak(TransformType.INTEG, suite.integ) ||
    isWeak(TransformType.PRF, suite.prf) ||
    isWeak(TransformType.KE, suite.ke)
  );
}

/** For the tenant: what was on offer, in the usual short form. */
export function describeProposals(proposals: readonly Proposal[]): string {
  const tables = [{}, EncrId, PrfId, IntegId, KeId, Esn];
  const words = ({ transforms }: Proposal) =>
    transforms.map((t) => nameOf(tables[t.type] ?? {}, t.id) + (t.keyBits ? `_${t.keyBits}` : ''));
  return proposals.map((p) => [...(p.protocol === Protocol.AH ? ['AH'] : []), ...words(p)].join(' ')).join(' | ');
}

function encrTransform(suite: { encr: number; encrKeyBits: number }): Transform {
  const transform = { type: TransformType.ENCR, id: suite.encr };
  return encrAlgorithm(suite.encr).keyBits.length === 0 ? transform : { ...transform, keyBits: suite.encrKeyBits };
}

function keTransforms(first: number): Transform[] {
  return preferring(KE, first).map(([id]) => ({ type: TransformType.KE, id }));
}

function encrBits(transform: Transform): number {
  return transform.keyBits ?? 256;
}

function preferring(choices: readonly Choice[], first: number | null): readonly Choice[] {
  const preferred = choices.filter(([id]) => id === first);
  return preferred.length === 0 ? choices : [...preferred, ...choices.filter(([id]) => id !== first)];
}

function transformsOf(proposal: Proposal, type: number): Transform[] {
  return proposal.transforms.filter((t) => t.type === type);
}

function pick(proposal: Proposal, type: number, choices: readonly Choice[]): Transform | undefined {
  const offered = transformsOf(proposal, type);
  for (const [id, keyBits] of choices) {
    const found = offered.find((t) => t.id === id && t.keyBits === keyBits && !t.otherAttributes);
    if (found) return found;
  }
  return undefined;
}

/** @returns null when an AEAD needs none, undefined when nothing fits. */
function pickInteg(proposal: Proposal, encr: Transform, legacy: boolean): Transform | null | undefined {
  if (encrAlgorithm(encr.id).aead) {
    return transformsOf(proposal, TransformType.INTEG).find((t) => t.id === IntegId.NONE) ?? null;
  }
  return pick(proposal, TransformType.INTEG, legacy ? LEGACY_INTEG : INTEG);
}

/** A proposal without an ESN transform means short sequence numbers. */
function pickEsn(proposal: Proposal): Transform | null | undefined {
  if (transformsOf(proposal, TransformType.ESN).length === 0) return null;
  return pick(proposal, TransformType.ESN, [[Esn.YES], [Esn.NO]]);
}

/** @returns null for no PFS, undefined when the proposal fits in no way. */
function pickPfs(proposal: Proposal, legacy: boolean, keMethod: number | null): Transform | null | undefined {
  const offered = transformsOf(proposal, TransformType.KE);
  if (offered.length === 0) return null;
  const none = offered.find((t) => t.id === KeId.NONE);
  if (keMethod === null && none) return none;
  return pick(proposal, TransformType.KE, preferring(legacy ? LEGACY_KE : KE, keMethod)) ?? none;
}

/** Transform types that we do not know are acceptable when one of them is 0, NONE (as RFC 9370 does it). */
function pickOthers(proposal: Proposal, known: readonly number[]): Transform[] | null {
  const others: Transform[] = [];
  for (const type of new Set(proposal.transforms.map((t) => t.type))) {
    if (known.includes(type)) continue;
    const none = proposal.transforms.find((t) => t.type === type && t.id === 0);
    if (!none) return null;
    others.push(none);
  }
  return others;
}
