// What a child SA carries when the network grows: a rekey that the gateway begins offers more than before, and the peer takes of it what it
// asks for anyway (RFC 7296 section 2.9). Less is never offered: "the traffic selectors SHOULD NOT be narrower" (section 2.9.2).

import { renew } from './lifetime.ts';
import { SELECTORS } from './limits.ts';
import { coversAll, selectorsOf } from './narrow.ts';
import type { Member } from './pad.ts';
import { ownSpi, withSa } from './sad.ts';
import type { ChildSa, Established, IkeSa, PeerState } from './state.ts';
import type { TrafficSelector } from '../wire/payload.ts';
import { formatPrefix, type Prefix } from '../wire/prefix.ts';

/** The member's network reaches these prefixes: child SAs that lack one are rekeyed. */
export function reach(state: PeerState, sa: IkeSa, phase: Established, reachable: readonly Prefix[]): PeerState {
  const member: Member = { ...phase.member, reachable };
  const children = state.children.filter((child) => child.ike === ownSpi(sa) && widened(child, member) !== child.ours);
  return children.reduce(
    (next, { spiIn }) => renew(next, spiIn),
    withSa(state, { ...sa, phase: { ...phase, member } }),
  );
}

/** Our side of a child SA with all that it could carry; the same list when there is nothing to add. */
export function widened(
  { ours, theirs }: Pick<ChildSa, 'ours' | 'theirs'>,
  member: Member,
): readonly TrafficSelector[] {
  // A peer that asked for single protocols or ports wants no more than those.
  if (!ours.some(isWhole)) return ours;
  const hasFamily = ({ startAddress }: TrafficSelector) =>
    theirs.some((other) => other.startAddress.length === startAddress.length);
  const lacking = selectorsOf([], member.reachable).filter((each) => hasFamily(each) && !coversAll(ours, [each]));
  return lacking.length === 0 ? ours : [...ours, ...lacking].slice(0, SELECTORS);
}

/** Prefixes of the member's network that no child SA of the peer's carries, as text. */
export function unreached(children: readonly ChildSa[], { reachable }: Member): string[] {
  const carried = children.flatMap(({ ours }) => ours);
  return reachable.filter((prefix) => !coversAll(carried, selectorsOf([], [prefix]))).map(formatPrefix);
}

function isWhole({ protocol, startPort, endPort }: TrafficSelector): boolean {
  return protocol === 0 && startPort === 0 && endPort === 65_535;
}
