// CREATE_CHILD_SA begun by the client: a further child, a rekeyed child, a rekeyed IKE SA. RFC 7296 sections 1.3, 2.8, 2.18, 2.25.

import { compare } from '../../../src/bytes/octets.ts';
import { deriveRekeyedIkeKeys } from '../../../src/crypto/keymat.ts';
import type { KeyExchange } from '../../../src/crypto/primitives.ts';
import { ExchangeType, KeId, Notify, Protocol } from '../../../src/wire/ike-numbers.ts';
import type { Payload, TrafficSelector } from '../../../src/wire/payload.ts';
import { adopt, freshSpi, keysOf } from './adopt.ts';
import type { ChildSa } from './child.ts';
import { IkeSa } from './ike-sa.ts';
import { deleteChild, deleteIke } from './informational.ts';
import { only } from './init.ts';
import { errorName, errorOf, groupAskedFor, notify, readU64, u32, u64 } from './notify.ts';
import { childProposals, faultOfChoice, ikeSuiteOf, keMethodsOf, proposalsOf, withoutKe } from './proposals.ts';
import type { Session } from './session.ts';

const RETRY_MS = 5000;
const RETRIES = 5;
const REST_MS = 60_000;

export interface ChildWish {
  readonly near: readonly TrafficSelector[];
  readonly far: readonly TrafficSelector[];
  /** The child that this one replaces. */
  readonly old: ChildSa | null;
  /** KeId, or NONE without perfect forward secrecy. */
  readonly ke: number;
  readonly attempt: number;
}

/** What a wish for a child begins with: the preferred group of the ESP proposals, or none. */
export function childWish(session: Session, old: ChildSa | null): ChildWish {
  const { TSi, TSr, esp, rekeySelectors } = session.options;
  const granted = old !== null && rekeySelectors === 'granted';
  const ke = keMethodsOf(esp.slice(0, 1))[0] ?? KeId.NONE;
  return { near: granted ? old.terms.near : TSi, far: granted ? old.terms.far : TSr, old, ke, attempt: 1 };
}

export async function createChild(session: Session, sa: IkeSa, wish: ChildWish, now: number): Promise<void> {
  const { primitives, esp } = session.options;
  const ownSpi = freshSpi(session);
  const Ni = session.nonce('request');
  const offers = wish.ke === KeId.NONE ? esp.map(withoutKe) : esp;
  const offered = childProposals(session.options.ah, offers, u32(ownSpi));
  const exchange = wish.ke === KeId.NONE ? null : await primitives.keyExchange(wish.ke);
  await session.request(
    sa,
    {
      exchange: ExchangeType.CREATE_CHILD_SA,
      payloads: async () => {
        if (wish.old !== null && (wish.old.deleting || !session.children.has(wish.old.terms.ownSpi))) return null;
        if (wish.old !== null) wish.old.rekeying = Ni;
        const payloads: Payload[] = [];
        if (wish.old !== null)
          payloads.push(notify(Notify.REKEY_SA, undefined, Protocol.ESP, u32(wish.old.terms.ownSpi)));
        payloads.push({ type: 'SA', proposals: offered }, { type: 'NONCE', data: Ni });
        if (exchange !== null) payloads.push({ type: 'KE', method: exchange.method, data: exchange.publicValue });
        payloads.push({ type: 'TSi', selectors: wish.near }, { type: 'TSr', selectors: wish.far });
        return payloads;
      },
      conclude: (payloads, at, on) =>
        concludeChild(
          session,
          on,
          wish,
          { Ni, exchange, proposed: { offered, near: wish.near, far: wish.far, ownSpi } },
          payloads,
          at,
        ),
    },
    now,
  );
}

type Made = {
  readonly Ni: Uint8Array;
  readonly exchange: KeyExchange | null;
  readonly proposed: Parameters<typeof adopt>[2];
};

async function concludeChild(
  session: Session,
  sa: IkeSa,
  wish: ChildWish,
  made: Made,
  payloads: readonly Payload[],
  now: number,
): Promise<void> {
  const error = errorOf(payloads);
  const { old } = wish;
  if (old !== null) old.rekeying = null;
  if (error !== null) return refused(session, sa, wish, error, now);
  const nonce = only(payloads, 'NONCE');
  const chosen = only(payloads, 'SA')?.proposals[0];
  if (nonce === null || chosen === undefined)
    return session.journal.complain('CREATE_CHILD_SA response without nonce or SA');
  const shared = await agree(
    session,
    made.exchange,
    payloads,
    chosen.transforms.find((transform) => transform.type === 4)?.id ?? 0,
  );
  if (shared === undefined) return;
  const seed = { Ni: made.Ni, Nr: nonce.data.slice(), shared };
  const child = adopt(session, payloads, made.proposed, (suite) => keysOf(session, sa, suite, seed), now);
  session.childRefusal = child === null ? session.childRefusal : null;
  if (child === null || old === null) return;
  await settleChildren(session, old, child, lowest(seed.Ni, seed.Nr), now);
}

/** After simultaneous rekeying, whoever made the SA with the lowest nonce deletes it; otherwise the old child goes (section 2.8.1). */
async function settleChildren(
  session: Session,
  old: ChildSa,
  child: ChildSa,
  mine: Uint8Array,
  now: number,
): Promise<void> {
  const theirs = old.rekeyedByPeer;
  const lost = theirs !== null && compare(mine, theirs) < 0;
  if (lost) {
    child.replaced = true;
    return deleteChild(session, child, now);
  }
  old.replaced = true;
  if (old.replacement !== null) old.replacement.replaced = true;
  if (!old.deleting && session.children.has(old.terms.ownSpi)) await deleteChild(session, old, now);
}

async function refused(
  session: Session,
  sa: IkeSa,
  wish: ChildWish,
  error: NonNullable<ReturnType<typeof errorOf>>,
  now: number,
): Promise<void> {
  session.childRefusal = errorName(error);
  session.rekeysAfter = now + REST_MS;
  const again = (ke: number, at: number) =>
    createChild(session, session.current ?? sa, { ...wish, ke, attempt: wish.attempt + 1 }, at);
  if (wish.attempt > RETRIES) return;
  if (error.notify === Notify.INVALID_KE_PAYLOAD) {
    const group = groupAskedFor(error);
    if (group !== null && keMethodsOf(session.options.esp).includes(group)) return again(group, now);
    session.journal.complain(`INVALID_KE_PAYLOAD asks for ${group}`);
  } else if (error.notify === Notify.TEMPORARY_FAILURE) {
    session.laters.push({ at: now + RETRY_MS * wish.attempt, run: (at) => again(wish.ke, at) });
  } else if (error.notify === Notify.CHILD_SA_NOT_FOUND && wish.old !== null) {
    session.children.delete(wish.old.terms.ownSpi);
    if (session.child === null) await createChild(session, sa, { ...wish, old: null, attempt: wish.attempt + 1 }, now);
  }
}

export async function rekeyIke(session: Session, sa: IkeSa, now: number, ke = sa.suite.ke, attempt = 1): Promise<void> {
  const { primitives, ike } = session.options;
  const SPIi = readU64(primitives.random(8)) | 1n;
  const Ni = session.nonce('request');
  const exchange = await primitives.keyExchange(ke);
  if (exchange === null) return;
  const offered = proposalsOf(Protocol.IKE, ike, u64(SPIi));
  await session.request(
    sa,
    {
      exchange: ExchangeType.CREATE_CHILD_SA,
      payloads: async () => {
        if (sa.replaced) return null;
        sa.rekeying = Ni;
        return [
          { type: 'SA', proposals: offered },
          { type: 'NONCE', data: Ni },
          { type: 'KE', method: exchange.method, data: exchange.publicValue },
        ];
      },
      conclude: async (payloads, at) => {
        sa.rekeying = null;
        const error = errorOf(payloads);
        if (error !== null) return retryIke(session, sa, error, ke, attempt, at);
        await concludeIke(session, sa, { SPIi, Ni, exchange, offered }, payloads, at);
      },
    },
    now,
  );
}

async function retryIke(
  session: Session,
  sa: IkeSa,
  error: NonNullable<ReturnType<typeof errorOf>>,
  ke: number,
  attempt: number,
  now: number,
): Promise<void> {
  session.childRefusal = errorName(error);
  session.rekeysAfter = now + REST_MS;
  if (attempt > RETRIES) return;
  const group = error.notify === Notify.INVALID_KE_PAYLOAD ? groupAskedFor(error) : null;
  if (group !== null) return rekeyIke(session, sa, now, group, attempt + 1);
  if (error.notify !== Notify.TEMPORARY_FAILURE) return;
  const run = async (at: number) => {
    if (!sa.replaced) await rekeyIke(session, sa, at, ke, attempt + 1);
  };
  session.laters.push({ at: now + RETRY_MS * attempt, run });
}

async function concludeIke(
  session: Session,
  sa: IkeSa,
  made: { SPIi: bigint; Ni: Uint8Array; exchange: KeyExchange; offered: Parameters<typeof faultOfChoice>[1] },
  payloads: readonly Payload[],
  now: number,
): Promise<void> {
  const SA = only(payloads, 'SA');
  const nonce = only(payloads, 'NONCE');
  const proposal = SA?.proposals[0];
  if (SA === null || nonce === null || proposal === undefined)
    return session.journal.complain('IKE rekey response without SA or nonce');
  const fault =
    faultOfChoice(SA.proposals, made.offered) ?? (proposal.spi.length === 8 ? null : 'IKE rekey without SPI');
  if (fault !== null) return session.journal.complain(fault);
  const suite = ikeSuiteOf(proposal);
  const shared = await agree(session, made.exchange, payloads, suite.ke);
  if (shared === undefined || shared === null) return;
  const seed = { Ni: made.Ni, Nr: nonce.data.slice(), shared, SPIi: made.SPIi, SPIr: readU64(proposal.spi) };
  const next = replacementOf(session, sa, suite, seed, true, now);
  const theirs = sa.rekeyedByPeer;
  if (theirs !== null && compare(lowest(seed.Ni, seed.Nr), theirs) < 0) {
    next.replacedAt = now;
    return deleteIke(session, next, now);
  }
  if (sa.replacement !== null) sa.replacement.replacedAt = now;
  sa.replacedAt = now;
  next.queue.push(...sa.queue.splice(0));
  await deleteIke(session, sa, now);
  await session.pump(next, now);
}

/** The new IKE SA of either side's rekeying; children go with it without any word. */
export function replacementOf(
  session: Session,
  sa: IkeSa,
  suite: IkeSa['suite'],
  seed: Parameters<typeof deriveRekeyedIkeKeys>[4],
  original: boolean,
  now: number,
): IkeSa {
  const { primitives } = session.options;
  const keys = deriveRekeyedIkeKeys(primitives, sa.suite.prf, sa.keys.SK_d, suite, seed);
  const how = { original, fragmentOctets: sa.fragmentOctets, born: now, nextRequest: 0 };
  const next = new IkeSa(primitives, seed, suite, keys, how);
  session.sas.push(next);
  return next;
}

export function lowest(Ni: Uint8Array, Nr: Uint8Array): Uint8Array {
  return compare(Ni, Nr) < 0 ? Ni : Nr;
}

/** @returns g^ir, null without a key exchange, undefined when the answer does not fit the request. */
async function agree(
  session: Session,
  exchange: KeyExchange | null,
  payloads: readonly Payload[],
  chosen: number,
): Promise<Uint8Array | null | undefined> {
  const KE = only(payloads, 'KE');
  if (chosen === KeId.NONE) {
    if (KE !== null) session.journal.complain('a KE payload, but no group was chosen');
    return null;
  }
  if (exchange === null || KE === null || KE.method !== exchange.method || chosen !== exchange.method) {
    session.journal.complain(`group ${chosen} was chosen, KEr is of ${KE?.method}, KEi of ${exchange?.method}`);
    return undefined;
  }
  const shared = await exchange.agree(KE.data);
  return shared ?? undefined;
}
