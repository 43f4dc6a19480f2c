// Who is followed: whether a packet of the peer's that proves right, and is newer than all before, moves where we send.
// RFC 7296 section 2.23, RFC 4555 section 3.8.

import { type Path, samePath } from '../wire/path.ts';
import { memberOf } from './sad.ts';
import type { IkeSa } from './state.ts';

/*
   verdict        MOBIKE   moved by IKE             moved by ESP
   gateway        no       never                    never
   all others     no       any newest message       the newest packet
   gateway        yes      UPDATE_SA_ADDRESSES      never
   all others     yes      UPDATE_SA_ADDRESSES      the newest packet

   "A host behind a NAT SHOULD NOT do this type of dynamic address update": with the verdict `both` we do nevertheless. The peer's own
   mapping may change at any time, and the way that its newest packet came is the only one that leads back to it. Who would abuse that must
   be on the path, and succeeds until the peer's next packet. With the verdict `gateway` the peer has no mapping that could change.
*/

/** Whether any authentic and newest IKE message moves the IKE SA. Before the peer is authenticated its own way is all there is. */
export function followsIke(sa: IkeSa): boolean {
  return memberOf(sa) === null || (sa.mobility === null && followsEsp(sa));
}

/** Whether an authentic and newest ESP packet moves the endpoint of ESP. */
export function followsEsp(sa: IkeSa): boolean {
  return sa.traits.nat !== 'gateway';
}

export function movedTo(sa: IkeSa, path: Path, now: number): IkeSa {
  const { pending } = sa.outbound;
  if (pending === null || samePath(sa.path, path)) return { ...sa, path };
  const { request } = pending;
  const moved = request.kind === 'return-routability' ? { ...request, stale: true } : request;
  return askedAgain({ ...sa, path, outbound: { ...sa.outbound, pending: { ...pending, request: moved } } }, now);
}

/** What waits for an answer goes out again at once, and is not given up before: the path where it went may be dead. */
export function askedAgain(sa: IkeSa, now: number): IkeSa {
  const { pending } = sa.outbound;
  if (pending === null) return sa;
  return { ...sa, outbound: { ...sa.outbound, pending: { ...pending, tries: 1, resendAt: now } } };
}
