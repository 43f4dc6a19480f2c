// CREATE_CHILD_SA begun by the client for a child: a further one, or a rekeyed one. RFC 7296 sections 1.3.1, 1.3.3, 2.8, 2.25.

import { compare } from '../../../src/bytes/octets.ts';
import type { KeyExchange } from '../../../src/crypto/primitives.ts';
import { ExchangeType, KeId, Notify, Protocol, TransformType } from '../../../src/wire/ike-numbers.ts';
import type { Payload, TrafficSelector } from '../../../src/wire/payload.ts';
import { adopt, freshSpi, keysOf } from './adopt.ts';
import type { ChildSa } from './child.ts';
import type { IkeSa } from './ike-sa.ts';
import { deleteChild } from './informational.ts';
import { only } from './init.ts';
import { errorName, errorOf, groupAskedFor, notify, u32 } from './notify.ts';
import { childProposals, keMethodsOf, withoutKe } from './proposals.ts';
import type { Session } from './session.ts';
import { agree, lowest, REST_MS, RETRIES, RETRY_MS } from './settle.ts';

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
    chosen.transforms.find((transform) => transform.type === TransformType.KE)?.id ?? 0,
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
