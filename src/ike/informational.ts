// INFORMATIONAL, either side (RFC 7296 sections 1.4, 1.4.1): deletes, liveness, notifies.
//
//   HDR, SK {[N,] [D,] [CP,] ...}  -->
//                                  <--  HDR, SK {[N,] [D,] ...}

import { Reader } from '../bytes/reader.ts';
import type { Output } from './output.ts';
import { Notify, Protocol } from '../wire/ike-numbers.ts';
import type { DeletePayload, Payload } from '../wire/payload.ts';
import { failedAttempt } from './attempt.ts';
import { spiOctets } from './child.ts';
import { all, findNotify } from './find.ts';
import { CLOSED_MS } from './limits.ts';
import { refusalNotify } from './refusal.ts';
import { checkRules, INFORMATIONAL } from './rules.ts';
import { currentSa, type IkeSa, memberOf, ownSpi, type PeerState, withoutChildren, withSa } from './state.ts';
import type { Reply, Turn } from './turn.ts';

export function respondInformational(turn: Turn, state: PeerState, sa: IkeSa, payloads: readonly Payload[]): Reply {
  const refusal = checkRules(INFORMATIONAL, payloads);
  if (refusal !== null) return { state, payloads: [refusalNotify(refusal)], outputs: [] };
  const deletes = all(payloads, 'D');
  const rejected = findNotify(payloads, Notify.AUTHENTICATION_FAILED) !== null;
  if (rejected || deletes.some((d) => d.protocol === Protocol.IKE)) return closeIke(turn, state, sa, rejected);
  const gone = deletes.flatMap((d) => deletedChildren(state, sa, d));
  if (gone.length === 0) return { state, payloads: [], outputs: [] };
  // Of those that we are deleting too, both sides say nothing more (RFC 7296 section 1.4.1).
  const ours = gone
    .filter((child) => !child.deleting || child.replacedBy !== null)
    .map((child) => spiOctets(child.spiIn));
  return {
    state: withoutChildren(
      state,
      gone.map((child) => child.spiIn),
    ),
    payloads: ours.length === 0 ? [] : [{ type: 'D', protocol: Protocol.ESP, spis: ours }],
    outputs: [],
  };
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
  const next = withSa({ ...state, children: state.children.filter((child) => child.ike !== own) }, closed);
  const member = memberOf(sa);
  const outputs: Output[] = [];
  if (rejected) {
    outputs.push(
      failedAttempt(
        turn,
        sa.path,
        null,
        'gateway-not-trusted',
        "the device does not accept the gateway's certificate or key",
        member,
      ),
    );
  }
  if (member !== null && currentSa(next) === null)
    outputs.push({ kind: 'left', member, reason: 'deleted by the peer' });
  return { state: next, payloads: [], outputs };
}

/** The peer names the SPIs that it receives on. */
function deletedChildren(state: PeerState, sa: IkeSa, payload: DeletePayload) {
  if (payload.protocol !== Protocol.ESP) return [];
  const spis = payload.spis.filter((spi) => spi.length === 4).map((spi) => new Reader(spi).u32());
  return state.children.filter((child) => child.ike === ownSpi(sa) && spis.includes(child.spiOut));
}
