// CREATE_CHILD_SA, the responder's side (RFC 7296 section 1.3): a new child SA, a child SA rekeyed, the IKE SA rekeyed.
//
//   HDR, SK {SA, Ni, [KEi,] TSi, TSr}               -->   new child
//   HDR, SK {N(REKEY_SA), SA, Ni, [KEi,] TSi, TSr}  -->   child rekeyed
//   HDR, SK {SA, Ni, KEi}                           -->   IKE SA rekeyed

import { Reader } from '../bytes/reader.ts';
import type { Primitives } from '../crypto/primitives.ts';
import { KeId, Notify, Protocol } from '../wire/ike-numbers.ts';
import type { NotifyPayload, Payload } from '../wire/payload.ts';
import { respondChild } from './child.ts';
import { lowerNonce } from './collision.ts';
import { find, findNotify, must } from './find.ts';
import type { Member } from './pad.ts';
import { chooseEsp, describeProposals } from './proposal.ts';
import { isRefusal, type Refusal, refusalNotify, refuse } from './refusal.ts';
import { respondRekeyIke } from './rekey-ike.ts';
import { CREATE_CHILD_REQUEST, checkRules } from './rules.ts';
import { invalidKe } from './sa-init.ts';
import { ownSpi, withSa } from './sad.ts';
import type { ChildSa, IkeSa, PeerState } from './state.ts';
import type { Reply, Turn } from './turn.ts';

const NONCE_OCTETS = 32;

export async function respondCreateChild(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  payloads: readonly Payload[],
): Promise<Reply> {
  const result = await respond(turn, state, sa, payloads);
  return isRefusal(result) ? { state, payloads: [refusalNotify(result)], outputs: [] } : result;
}

async function respond(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  payloads: readonly Payload[],
): Promise<Reply | Refusal> {
  const refusal = checkRules(CREATE_CHILD_REQUEST, payloads);
  if (refusal !== null) return refusal;
  // RFC 7296 section 2.25: an SA that is closing or was replaced makes nothing new.
  if (sa.phase.name !== 'established') return refuse('temporary-failure', 'the IKE SA is being replaced');
  if (sa.outbound.pending?.request.kind === 'delete-ike')
    return refuse('temporary-failure', 'the IKE SA is being deleted');
  const rekey = findNotify(payloads, Notify.REKEY_SA);
  if (rekey === null && find(payloads, 'TSi') === null)
    return respondRekeyIke(turn, state, sa, sa.phase.member, payloads);
  if (sa.outbound.pending?.request.kind === 'rekey-ike')
    return refuse('temporary-failure', 'the IKE SA is being rekeyed');
  return respondNewChild(turn, state, sa, sa.phase.member, payloads, rekey);
}

async function respondNewChild(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  member: Member,
  payloads: readonly Payload[],
  rekey: NotifyPayload | null,
): Promise<Reply | Refusal> {
  const TSi = find(payloads, 'TSi')?.selectors;
  const TSr = find(payloads, 'TSr')?.selectors;
  if (!TSi || !TSr) return refuse('invalid-syntax', 'a child SA needs both traffic selector payloads');
  const replaces = rekey && replacedChild(state, sa, rekey);
  if (replaces !== null && isRefusal(replaces)) return replaces;
  const KEi = find(payloads, 'KE');
  const { proposals } = must(payloads, 'SA');
  const chosen = chooseEsp(proposals, member, KEi?.method ?? null, 'CREATE_CHILD_SA');
  if (chosen === null) return refuse('no-proposal-chosen', `ESP, offered: ${describeProposals(proposals)}`);
  const wrongKe = invalidKe(chosen.suite.ke, KEi?.method ?? null);
  if (wrongKe !== null) return wrongKe;
  const exchanged = await exchange(turn.primitives, chosen.suite.ke, KEi?.data ?? null);
  if (exchanged === null) return refuse('invalid-syntax', 'the KE payload holds no value of its group');
  const Ni = must(payloads, 'NONCE').data;
  const Nr = turn.primitives.random(NONCE_OCTETS);
  const made = respondChild(turn, state, sa, member, { chosen, TSi, TSr, Ni, Nr, shared: exchanged.shared, replaces });
  if ('refused' in made) return made;
  const [SA, ...selectors] = made.payloads as [Payload, ...Payload[]];
  return {
    state:
      replaces === null
        ? made.state
        : noteRival(made.state, sa, replaces, BigInt(made.child.spiIn), lowerNonce(Ni, Nr)),
    payloads: [SA, { type: 'NONCE', data: Nr }, ...exchanged.payloads, ...selectors],
    outputs: [],
  };
}

/** The KE payload of a response; with no PFS, nothing at all. */
export async function exchange(
  p: Primitives,
  method: number,
  peerValue: Uint8Array | null,
): Promise<{ shared: Uint8Array | null; payloads: Payload[] } | null> {
  if (method === KeId.NONE || peerValue === null) return { shared: null, payloads: [] };
  const ke = await p.keyExchange(method);
  const shared = (await ke?.agree(peerValue)) ?? null;
  if (!ke || shared === null) return null;
  return { shared, payloads: [{ type: 'KE', method, data: ke.publicValue }] };
}

/** The peer names the SA by the SPI that it receives on, which is ours to send to (RFC 7296 section 1.3.3). */
function replacedChild(state: PeerState, sa: IkeSa, rekey: NotifyPayload): ChildSa | Refusal {
  const absent = refuse('child-sa-not-found', 'no child SA has this SPI', { protocol: rekey.protocol, spi: rekey.spi });
  if (rekey.protocol !== Protocol.ESP || rekey.spi.length !== 4) return absent;
  const spiOut = new Reader(rekey.spi).u32();
  const child = state.children.find((c) => c.ike === ownSpi(sa) && c.spiOut === spiOut);
  // The child that a rekey of ours makes may be there at the peer already: what it is called is in an answer that is still on its way.
  if (!child && sa.outbound.pending?.request.kind === 'rekey-child')
    return refuse('temporary-failure', 'a child SA is being made');
  if (!child) return absent;
  return child.deleting ? refuse('temporary-failure', 'the child SA is being deleted') : child;
}

/** Both sides rekey the same child at once: remember theirs, and compare when ours is answered (RFC 7296 section 2.8.1). */
function noteRival(state: PeerState, sa: IkeSa, old: ChildSa, spi: bigint, nonce: Uint8Array): PeerState {
  const { pending } = sa.outbound;
  if (pending?.request.kind !== 'rekey-child' || pending.request.spiIn !== old.spiIn) return state;
  const request = { ...pending.request, rival: { spi, lowerNonce: nonce } };
  return withSa(state, { ...sa, outbound: { ...sa.outbound, pending: { ...pending, request } } });
}
