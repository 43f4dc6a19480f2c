// INFORMATIONAL, either side (RFC 7296 sections 1.4, 1.4.1): deletes, liveness, notifies.
//
//   HDR, SK {[N,] [D,] [CP,] ...}  -->
//                                  <--  HDR, SK {[N,] [D,] ...}

import { Reader } from '../bytes/reader.ts';
import { Notify, Protocol } from '../wire/ike-numbers.ts';
import type { Path } from '../wire/path.ts';
import type { DeletePayload, Payload } from '../wire/payload.ts';
import { failedAttempt } from './attempt.ts';
import { spiOctets } from './child.ts';
import { all, findNotify } from './find.ts';
import { CLOSED_MS } from './limits.ts';
import { respondMobile } from './mobike.ts';
import { refusalNotify } from './refusal.ts';
import { checkRules, INFORMATIONAL } from './rules.ts';
import { currentSa, memberOf, ownSpi, saByOwnSpi, withSa, withoutChildren } from './sad.ts';
import type { ChildSa, IkeSa, PeerState } from './state.ts';
import { bequeath, reinstate } from './succession.ts';
import { withoutDeletes } from './task.ts';
import type { Reply, Turn } from './turn.ts';

/** @param path where the request came from. */
export function respondInformational(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  payloads: readonly Payload[],
  path: Path,
): Reply {
  const refusal = checkRules(INFORMATIONAL, payloads);
  if (refusal !== null) return { state, payloads: [refusalNotify(refusal)], outputs: [] };
  if (sa.phase.name === 'closed') return { state, payloads: [], outputs: [] };
  if (sa.mobility === null || memberOf(sa) === null) return respondDeletes(turn, state, sa, payloads);
  const mobile = respondMobile(turn, state, sa, payloads, path);
  if ('refused' in mobile) return { state, payloads: [refusalNotify(mobile)], outputs: [] };
  const reply = respondDeletes(turn, mobile.state, saByOwnSpi(mobile.state, ownSpi(sa)) ?? sa, payloads);
  return { ...mobile, ...reply, payloads: [...mobile.payloads, ...reply.payloads] };
}

function respondDeletes(turn: Turn, state: PeerState, sa: IkeSa, payloads: readonly Payload[]): Reply {
  const deletes = all(payloads, 'D');
  const rejected = findNotify(payloads, Notify.AUTHENTICATION_FAILED) !== null;
  if (rejected || deletes.some((d) => d.protocol === Protocol.IKE)) return closeIke(turn, state, sa, rejected);
  return deleteChildren(state, memberOf(sa) === null ? [] : deletes.flatMap((d) => namedChildren(state, d)));
}

export function deleteChildrenPayload(spisIn: readonly number[]): Payload {
  return { type: 'D', protocol: Protocol.ESP, spis: spisIn.map(spiOctets) };
}

export function deleteIkePayload(): Payload {
  return { type: 'D', protocol: Protocol.IKE, spis: [] };
}

/** The SA is over; it stays a moment to repeat the response. With the last one the member has left. */
function closeIke(turn: Turn, state: PeerState, sa: IkeSa, rejected: boolean): Reply {
  const own = ownSpi(sa);
  const closed: IkeSa = {
    ...sa,
    phase: { name: 'closed', until: turn.now + CLOSED_MS },
    outbound: { ...sa.outbound, pending: null, queue: [] },
  };
  const freed = bequeath(reinstate(state, sa), sa);
  const next = withSa({ ...freed, children: freed.children.filter((child) => child.ike !== own) }, closed);
  const member = memberOf(sa);
  const detail = "the device does not accept the gateway's certificate or key";
  const rejection = rejected ? [failedAttempt(turn, sa, null, 'gateway-not-trusted', detail, member)] : [];
  const last = member !== null && currentSa(state) !== null && currentSa(next) === null;
  return {
    state: next,
    payloads: [],
    outputs: last ? [...rejection, { kind: 'left', member, reason: 'deleted by the peer' }] : rejection,
  };
}

/**
 * The other halves go back to the peer, but for those that it has been asked to delete itself: named twice, an SPI might by then belong
 * to another SA (RFC 7296 section 1.4.1).
 */
function deleteChildren(state: PeerState, gone: readonly ChildSa[]): Reply {
  const spisIn = gone.map((child) => child.spiIn);
  const asked = state.sas.flatMap(({ outbound: { pending } }) =>
    pending?.request.kind === 'delete-children' ? pending.request.spisIn : [],
  );
  const named = spisIn.filter((spiIn) => !asked.includes(spiIn));
  return {
    state: withoutDeletes(withoutChildren(state, spisIn), spisIn),
    payloads: named.length === 0 ? [] : [deleteChildrenPayload(named)],
    outputs: [],
  };
}

/** The peer names the SPIs that it receives on. Which IKE SA it does so on does not matter: a rekey may have moved the child meanwhile. */
function namedChildren(state: PeerState, payload: DeletePayload): ChildSa[] {
  if (payload.protocol !== Protocol.ESP) return [];
  const spis = payload.spis.filter((spi) => spi.length === 4).map((spi) => new Reader(spi).u32());
  return state.children.filter((child) => spis.includes(child.spiOut));
}
