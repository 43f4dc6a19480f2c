// What a client answers to the gateway's own requests: RFC 7296 sections 1.3, 1.4, 2.8, 2.25.

import { deriveChildKeys } from '../../../src/crypto/keymat.ts';
import type { KeyExchange } from '../../../src/crypto/primitives.ts';
import { ExchangeType, KeId, Notify, Protocol } from '../../../src/wire/ike-numbers.ts';
import type { NotifyPayload, Payload, Proposal } from '../../../src/wire/payload.ts';
import { freshSpi, within } from './adopt.ts';
import { ChildSa } from './child.ts';
import { childWish, createChild } from './create-child.ts';
import type { IkeSa } from './ike-sa.ts';
import { dropIke } from './informational.ts';
import { natDetectionOf, only } from './init.ts';
import { findNotify, notify, readU32, readU64, u16, u32, u64 } from './notify.ts';
import { chooseFrom, espSuiteOf, ikeSuiteOf, withPrf } from './proposals.ts';
import { replacementOf } from './rekey-ike.ts';
import type { Session } from './session.ts';
import { lowest } from './settle.ts';

export interface Answer {
  readonly payloads: readonly Payload[];
  /** Done once the answer has been sealed. */
  readonly after?: () => void;
}

export async function answerTo(
  session: Session,
  sa: IkeSa,
  exchange: number,
  payloads: readonly Payload[],
  now: number,
): Promise<Answer> {
  if (exchange === ExchangeType.INFORMATIONAL) return answerInformational(session, sa, payloads, now);
  if (exchange !== ExchangeType.CREATE_CHILD_SA) return refusal(Notify.INVALID_SYNTAX);
  const SA = only(payloads, 'SA');
  if (SA === null) return refusal(Notify.INVALID_SYNTAX);
  if (sa.deleting || sa.replaced) return refusal(Notify.TEMPORARY_FAILURE);
  const rekeyed = findNotify(payloads, Notify.REKEY_SA);
  if (SA.proposals.some((proposal) => proposal.protocol === Protocol.IKE))
    return answerIkeRekey(session, sa, payloads, now);
  return answerChild(session, sa, payloads, rekeyed, now);
}

function answerInformational(session: Session, sa: IkeSa, payloads: readonly Payload[], now: number): Answer {
  const answer: Payload[] = [];
  for (const payload of payloads) {
    if (payload.type === 'N' && payload.notify === Notify.COOKIE2) answer.push(...cookieCopy(session, payload));
    if (payload.type === 'N' && payload.notify === Notify.NAT_DETECTION_SOURCE_IP && session.mobike)
      answer.push(...natDetectionOf(session, sa.SPIi, sa.SPIr));
    if (payload.type !== 'D') continue;
    if (payload.protocol === Protocol.IKE)
      return { payloads: [], after: () => dropIke(session, sa, 'deleted by the gateway') };
    const spis = payload.spis.map(readU32).flatMap((spi) => deleteByPeerSpi(session, spi));
    answer.push({ type: 'D', protocol: Protocol.ESP, spis: spis.map(u32) });
  }
  if (answer.some(({ type }) => type === 'D') && session.options.whenChildless === 'renew' && session.child === null)
    session.laters.push({ at: now, run: (at) => createChild(session, sa, childWish(session, null), at) });
  return { payloads: answer };
}

function cookieCopy(session: Session, cookie: NotifyPayload): Payload[] {
  const { onCookie } = session.options;
  if (onCookie === 'omit') return [];
  if (cookie.data.length < 8 || cookie.data.length > 64)
    session.journal.complain(`COOKIE2 of ${cookie.data.length} octets`);
  return [onCookie === 'copy' ? cookie : { ...cookie, data: cookie.data.map((octet) => octet ^ 1) }];
}

/** A half that this client is deleting as well is not named again (RFC 7296 section 1.4.1). */
function deleteByPeerSpi(session: Session, peerSpi: number): number[] {
  const child = [...session.children.values()].find(({ terms }) => terms.peerSpi === peerSpi);
  if (child === undefined) {
    session.journal.ignore('Delete of an unknown child');
    return [];
  }
  session.children.delete(child.terms.ownSpi);
  return child.deleting ? [] : [child.terms.ownSpi];
}

async function answerChild(
  session: Session,
  sa: IkeSa,
  payloads: readonly Payload[],
  rekeyed: NotifyPayload | null,
  now: number,
): Promise<Answer> {
  const { options } = session;
  const policy = rekeyed === null ? options.onNewChild : options.onChildRekey;
  if (policy !== 'accept') return refusal(policy);
  if (sa.rekeying !== null) return refusal(Notify.TEMPORARY_FAILURE);
  const old = rekeyed === null ? null : childOf(session, rekeyed);
  // The child may be one that this client has asked for, and of which the answer is still on its way.
  if (rekeyed !== null && old === null)
    return sa.flight === null ? notFound(rekeyed) : refusal(Notify.TEMPORARY_FAILURE);
  if (old?.deleting) return refusal(Notify.TEMPORARY_FAILURE);
  const TSi = only(payloads, 'TSi');
  const TSr = only(payloads, 'TSr');
  const Ni = only(payloads, 'NONCE');
  const theirs = only(payloads, 'SA')!.proposals;
  if (TSi === null || TSr === null || Ni === null) return refusal(Notify.INVALID_SYNTAX);
  const chosen = chooseFrom(theirs, Protocol.ESP, options.esp, only(payloads, 'KE')?.method ?? null);
  if (chosen === null) return refusal(Notify.NO_PROPOSAL_CHOSEN);
  if (old !== null && !(within(old.terms.far, TSi.selectors) && within(old.terms.near, TSr.selectors))) {
    session.journal.complain('the gateway rekeys a child with narrower selectors (RFC 7296 section 2.9.2)');
    return refusal(Notify.TS_UNACCEPTABLE);
  }
  const suite = espSuiteOf(chosen);
  const KE = await keyExchangeFor(session, payloads, suite.ke);
  if (KE.kind === 'wrong') return refusal(Notify.INVALID_KE_PAYLOAD, u16(suite.ke));
  const Nr = session.nonce('answer');
  const seed = { Ni: Ni.data.slice(), Nr, shared: KE.shared };
  const keys = deriveChildKeys(options.primitives, sa.suite.prf, sa.keys.SK_d, suite, seed);
  const near = old?.terms.near ?? TSr.selectors;
  // As strongSwan does it: of a rekey too, all that its own settings allow.
  const far = old === null || options.rekeyWidens ? TSi.selectors : old.terms.far;
  const ownSpi = freshSpi(session);
  const terms = { ownSpi, peerSpi: readU32(chosen.spi), suite, near, far, born: now };
  const child = new ChildSa(options.primitives, {
    ...terms,
    inboundKeys: keys.initiator,
    outboundKeys: keys.responder,
  });
  child.confirmed = false;
  session.children.set(ownSpi, child);
  if (old !== null) {
    old.rekeyedByPeer = lowest(seed.Ni, Nr);
    old.replacement = child;
    if (old.rekeying === null) old.replaced = true;
  }
  const answer: Payload[] = [
    { type: 'SA', proposals: [{ ...chosen, spi: u32(ownSpi) }] },
    { type: 'NONCE', data: Nr },
    ...KE.payloads,
    { type: 'TSi', selectors: far },
    { type: 'TSr', selectors: near },
  ];
  return { payloads: answer };
}

async function answerIkeRekey(session: Session, sa: IkeSa, payloads: readonly Payload[], now: number): Promise<Answer> {
  const { options } = session;
  if (options.onIkeRekey !== 'accept') return refusal(options.onIkeRekey);
  const busy = [...session.children.values()].some((child) => child.rekeying !== null || child.deleting);
  if (busy) return refusal(Notify.TEMPORARY_FAILURE);
  const Ni = only(payloads, 'NONCE');
  const theirs: readonly Proposal[] = only(payloads, 'SA')!.proposals;
  // The PRF stays where it can: strongSwan 5.9 derives wrong keys when it changes.
  const same = options.ike.map((offer) => withPrf(offer, sa.suite.prf));
  const chosen = chooseFrom(theirs, Protocol.IKE, [...same, ...options.ike], only(payloads, 'KE')?.method ?? null);
  if (Ni === null) return refusal(Notify.INVALID_SYNTAX);
  if (chosen === null || chosen.spi.length !== 8) return refusal(Notify.NO_PROPOSAL_CHOSEN);
  const suite = ikeSuiteOf(chosen);
  const KE = await keyExchangeFor(session, payloads, suite.ke);
  if (KE.kind === 'wrong' || KE.shared === null) return refusal(Notify.INVALID_KE_PAYLOAD, u16(suite.ke));
  const SPIr = readU64(options.primitives.random(8)) | 1n;
  const Nr = session.nonce('answer');
  const seed = { Ni: Ni.data.slice(), Nr, shared: KE.shared, SPIi: readU64(chosen.spi), SPIr };
  const next = replacementOf(session, sa, suite, seed, false, now);
  sa.rekeyedByPeer = lowest(seed.Ni, Nr);
  sa.replacement = next;
  const answer: Payload[] = [
    { type: 'SA', proposals: [{ ...chosen, spi: u64(SPIr) }] },
    { type: 'NONCE', data: Nr },
    ...KE.payloads,
  ];
  const after = () => {
    if (sa.rekeying !== null) return;
    sa.replacedAt = now;
    next.queue.push(...sa.queue.splice(0));
  };
  return { payloads: answer, after };
}

type Agreed =
  | { readonly kind: 'agreed'; readonly payloads: readonly Payload[]; readonly shared: Uint8Array | null }
  | { readonly kind: 'wrong' };

async function keyExchangeFor(session: Session, payloads: readonly Payload[], method: number): Promise<Agreed> {
  if (method === KeId.NONE) return { kind: 'agreed', payloads: [], shared: null };
  const KE = only(payloads, 'KE');
  if (KE === null || KE.method !== method) return { kind: 'wrong' };
  const exchange: KeyExchange | null = await session.options.primitives.keyExchange(method);
  const shared = (await exchange?.agree(KE.data)) ?? null;
  if (exchange === null || shared === null) return { kind: 'wrong' };
  return { kind: 'agreed', payloads: [{ type: 'KE', method, data: exchange.publicValue }], shared };
}

function childOf(session: Session, rekeyed: NotifyPayload): ChildSa | null {
  const spi = readU32(rekeyed.spi);
  return [...session.children.values()].find(({ terms }) => terms.peerSpi === spi) ?? null;
}

function notFound(rekeyed: NotifyPayload): Answer {
  return { payloads: [notify(Notify.CHILD_SA_NOT_FOUND, undefined, Protocol.ESP, rekeyed.spi)] };
}

function refusal(type: number, data?: Uint8Array): Answer {
  return { payloads: [notify(type, data)] };
}
