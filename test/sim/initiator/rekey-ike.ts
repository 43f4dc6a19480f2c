// The IKE SA rekeyed by the client, and how it is replaced whoever began: RFC 7296 sections 1.3.2, 2.8, 2.18.

import { compare } from '../../../src/bytes/octets.ts';
import { deriveRekeyedIkeKeys } from '../../../src/crypto/keymat.ts';
import type { KeyExchange } from '../../../src/crypto/primitives.ts';
import { ExchangeType, Notify, Protocol } from '../../../src/wire/ike-numbers.ts';
import type { Payload } from '../../../src/wire/payload.ts';
import { IkeSa } from './ike-sa.ts';
import { deleteIke } from './informational.ts';
import { only } from './init.ts';
import { errorName, errorOf, groupAskedFor, readU64, u64 } from './notify.ts';
import { faultOfChoice, ikeSuiteOf, proposalsOf } from './proposals.ts';
import type { Session } from './session.ts';
import { agree, lowest, REST_MS, RETRIES, RETRY_MS } from './settle.ts';

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
  if (sa.deleting) return deleteIke(session, next, now);
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
