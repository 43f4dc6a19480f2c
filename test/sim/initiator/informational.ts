// INFORMATIONAL exchanges begun by the client: Delete, liveness, new addresses. RFC 7296 sections 1.4 and 2.4, RFC 4555 section 3.5.

import { ExchangeType, Notify, Protocol } from '../../../src/wire/ike-numbers.ts';
import type { Payload } from '../../../src/wire/payload.ts';
import type { ChildSa } from './child.ts';
import type { IkeSa } from './ike-sa.ts';
import { natDetectionOf } from './init.ts';
import { errorName, errorOf, findNotify, notifies, notify, readU32, saysAddress, u32 } from './notify.ts';
import type { Session } from './session.ts';

/** The answer must delete the other half, unless that half was being deleted from the far side already. */
export async function deleteChild(session: Session, child: ChildSa, now: number): Promise<void> {
  const sa = session.current;
  if (sa === null || child.deleting) return;
  child.deleting = true;
  const { ownSpi, peerSpi } = child.terms;
  const conclude = async (payloads: readonly Payload[]) => {
    const spis = payloads.flatMap((payload) => (payload.type === 'D' ? payload.spis.map(readU32) : []));
    if (spis.some((spi) => spi !== peerSpi))
      session.journal.complain(
        `the Delete of ${ownSpi.toString(16)} was answered with ${spis.map((spi) => spi.toString(16))}`,
      );
    // Nothing is named where the gateway's own Delete is on its way (RFC 7296 section 1.4.1), or was answered before.
    if (session.children.has(ownSpi) && spis.length === 0)
      session.journal.ignore('a Delete answered without the other half');
    session.children.delete(ownSpi);
  };
  await inform(session, sa, [{ type: 'D', protocol: Protocol.ESP, spis: [u32(ownSpi)] }], conclude, now);
}

export async function deleteIke(session: Session, sa: IkeSa, now: number): Promise<void> {
  if (sa.deleting) return;
  sa.deleting = true;
  sa.queue.length = 0;
  const conclude = async (payloads: readonly Payload[]) => {
    if (payloads.some((payload) => payload.type === 'D'))
      session.journal.complain('the Delete of an IKE SA was answered with a Delete');
    dropIke(session, sa, 'deleted by the client');
  };
  await inform(session, sa, [{ type: 'D', protocol: Protocol.IKE, spis: [] }], conclude, now);
}

/** Forgets an IKE SA; with the last one goes everything. */
export function dropIke(session: Session, sa: IkeSa, reason: string): void {
  session.sas = session.sas.filter((other) => other !== sa);
  if (session.current === null) session.close(reason);
}

/** With MOBIKE it asks, too, whether the mapping is still the same, and says so when it is not (RFC 4555 section 3.8). */
export async function liveness(session: Session, now: number): Promise<void> {
  const sa = session.current;
  if (sa === null) return;
  if (!session.mobike || !session.natHere) return inform(session, sa, [], async () => {}, now);
  const conclude = async (payloads: readonly Payload[], at: number) => {
    if (noteMapping(session, sa, payloads)) await updateAddresses(session, at);
  };
  await inform(session, sa, natDetectionOf(session, sa.SPIi, sa.SPIr), conclude, now);
}

/** @returns whether the gateway sees this client elsewhere than it said last. */
export function noteMapping(session: Session, sa: Pick<IkeSa, 'SPIr'>, payloads: readonly Payload[]): boolean {
  const seen = findNotify(payloads, Notify.NAT_DETECTION_DESTINATION_IP);
  if (seen === null) return false;
  const before = session.seenAs;
  session.seenAs = { SPIr: sa.SPIr, hash: seen.data.slice() };
  return before?.SPIr === sa.SPIr && !saysAddress(seen, before.hash);
}

/** Any payloads at all, for tests of what a gateway must refuse. */
export async function inform(
  session: Session,
  sa: IkeSa,
  payloads: readonly Payload[],
  conclude: (payloads: readonly Payload[], now: number) => Promise<void>,
  now: number,
): Promise<void> {
  const request = { exchange: ExchangeType.INFORMATIONAL, payloads: async () => payloads, conclude };
  await session.request(sa, request, now);
}

/** Tells the gateway that the addresses of the IKE SA and its children are those this very message comes from. */
export async function updateAddresses(session: Session, now: number): Promise<void> {
  const sa = session.current;
  if (sa === null) return;
  const cookie = session.options.primitives.random(16);
  const request = {
    exchange: ExchangeType.INFORMATIONAL,
    payloads: async () => [
      notify(Notify.UPDATE_SA_ADDRESSES),
      ...natDetectionOf(session, sa.SPIi, sa.SPIr),
      notify(Notify.COOKIE2, cookie),
    ],
    conclude: async (payloads: readonly Payload[]) => {
      const error = errorOf(payloads);
      if (error !== null) return session.journal.complain(`UPDATE_SA_ADDRESSES was answered with ${errorName(error)}`);
      const echoed = findNotify(payloads, Notify.COOKIE2);
      if (echoed === null || !saysAddress(echoed, cookie)) session.journal.complain('COOKIE2 was not echoed');
      const detected = notifies(payloads).filter(
        (payload) =>
          payload.notify === Notify.NAT_DETECTION_SOURCE_IP || payload.notify === Notify.NAT_DETECTION_DESTINATION_IP,
      );
      if (detected.length < 2) session.journal.complain('UPDATE_SA_ADDRESSES was answered without NAT detection');
      noteMapping(session, sa, payloads);
    },
  };
  await session.request(sa, request, now);
}
