// Where a message goes: to the SA that its SPI names, to the window, to the exchange (RFC 7296 sections 2.1 to 2.3, 2.21, 2.25).

import { Malformed } from '../bytes/malformed.ts';
import { equal } from '../bytes/octets.ts';
import { stripMarker } from '../wire/encap.ts';
import type { IkeHeader } from '../wire/ike-header.ts';
import { ExchangeType } from '../wire/ike-numbers.ts';
import { type IkeMessage, parseIkeMessage } from '../wire/ike-message.ts';
import { type Datagram, type Path, samePath } from '../wire/path.ts';
import { parsePayloads } from '../wire/payloads.ts';
import { respondCreateChild } from './create-child.ts';
import { followsIke, movedTo } from './follow.ts';
import { respondIkeAuth } from './ike-auth.ts';
import { respondInformational } from './informational.ts';
import { STRAY_RESPONSES } from './limits.ts';
import { openMessage, sealMessage } from './protect.ts';
import { refusalNotify, refuse } from './refusal.ts';
import { conclude, exchangeOf } from './request.ts';
import { withSample } from './round-trip.ts';
import { respondSaInit } from './sa-init.ts';
import { isMarked, sendTo } from './send.ts';
import { currentSa, memberOf, ownSpi, saByOwnSpi, withSa } from './sad.ts';
import type { FreshChild, IkeSa, InboundWindow, PeerState, StoredResponse } from './state.ts';
import { answerInvalidMajorVersion } from './stateless.ts';
import { addAnew } from './task.ts';
import type { Heard, IkeDrop, Reply, Step, Turn } from './turn.ts';

export async function dispatch(turn: Turn, state: PeerState, datagram: Datagram): Promise<Step> {
  const marked = isMarked(datagram.path);
  // A copy: what is kept of a message must not keep the frame that it came in.
  const octets = (marked ? stripMarker(datagram.octets) : datagram.octets).slice();
  const higher = answerInvalidMajorVersion(octets);
  if (higher !== null) return { ...drop(state, 'version'), outputs: [sendTo(datagram.path, [higher])] };
  const message = readable(() => parseIkeMessage(octets));
  if (message === null) return drop(state, 'malformed');
  const { header } = message;
  if (header.SPIr === 0n) {
    return isInitial(header) ? respondSaInit(turn, state, message, datagram.path) : drop(state, 'no-such-sa');
  }
  const sa = saByOwnSpi(state, header.initiator ? header.SPIr : header.SPIi);
  if (
    sa === null ||
    sa.SPIi !== header.SPIi ||
    sa.SPIr !== header.SPIr ||
    header.initiator === (sa.role === 'initiator')
  ) {
    return drop(state, 'no-such-sa');
  }
  return header.response
    ? receiveResponse(turn, state, sa, message, datagram.path)
    : receiveRequest(turn, state, sa, message, datagram.path);
}

/** "The initiator's SPI [...] MUST NOT be zero" (RFC 7296 section 3.1). */
function isInitial({ SPIi, exchange, response, initiator, messageId }: IkeHeader): boolean {
  return SPIi !== 0n && exchange === ExchangeType.IKE_SA_INIT && !response && initiator && messageId === 0;
}

async function receiveRequest(turn: Turn, state: PeerState, sa: IkeSa, message: IkeMessage, path: Path): Promise<Step> {
  const { messageId } = message.header;
  const { inbound } = sa;
  if (inbound.response !== null && messageId === inbound.response.id) return repeat(turn, state, sa, message, path);
  if (messageId !== inbound.nextId) return drop(state, 'message-id');
  const opened = await openMessage(turn.primitives, sa, message, inbound.reassembly);
  if (opened.kind === 'refused') return drop(state, opened.drop);
  const here = heardOn(turn, sa, message, path);
  if (opened.kind === 'partial') {
    const { path: there, outbound } = sa;
    const reassembly = { ...inbound, reassembly: opened.reassembly };
    const next = withSa(state, { ...here, path: there, outbound, inbound: reassembly });
    return { state: next, outputs: [], drop: null, heard: heardFrom(turn, sa, sa, path) };
  }
  const { exchange } = message.header;
  const reply = await respond(turn, withSa(state, here), here, exchange, opened.first, opened.octets, path);
  const messages = await sealResponse(turn, here, message, reply);
  const stored = { id: messageId, digest: opened.digest, messages, strayed: 0, made: freshChild(state, reply.state) };
  const next = answered(reply.state, here, stored);
  const after = saByOwnSpi(next, ownSpi(sa));
  const member = memberOf(sa) ?? (after && memberOf(after));
  if (member === null && amplifies(sa, path, messages, message.octets)) return owe(state, sa, path, message.octets);
  return {
    state: next,
    outputs: [sendTo(path, messages), ...reply.outputs],
    drop: null,
    heard: heardFrom(turn, sa, after, path, reply.endpoint),
  };
}

/**
 * Only the same octets as before bring the stored response again (RFC 7296 section 2.1); of a fragmented request only its first piece,
 * which may have been cut anew (RFC 7383 section 2.6.1).
 */
async function repeat(turn: Turn, state: PeerState, sa: IkeSa, message: IkeMessage, path: Path): Promise<Step> {
  const { response } = sa.inbound;
  const fragment = message.protected?.fragment ?? null;
  if (response === null || (fragment !== null && fragment.number !== 1)) return drop(state, 'message-id');
  const same = equal(response.digest, turn.primitives.hash('sha256', message.octets));
  const cutAnew = !same && fragment !== null && (await isAuthentic(turn, sa, message));
  if (!same && !cutAnew) return drop(state, 'repeated-with-other-octets');
  if (amplifies(sa, path, response.messages, message.octets)) return drop(state, 'address-not-validated');
  const isStray = !isPathOf(turn, sa, path) && octetsIn(response.messages) > message.octets.length;
  if (isStray && response.strayed >= STRAY_RESPONSES) return drop(state, 'address-not-validated');
  const inbound = { ...sa.inbound, response: { ...response, strayed: response.strayed + 1 } };
  const counted = isStray ? withSa(state, { ...sa, inbound }) : state;
  const outputs = [sendTo(path, response.messages)];
  return { state: deletedAgain(counted, response.made), outputs, drop: null, heard: null };
}

/** The peer hears only now of a child that is gone meanwhile: what it was told of the end meant nothing to it. */
function deletedAgain(state: PeerState, made: FreshChild | null): PeerState {
  const sa = currentSa(state);
  const child = state.children.find(({ spiIn }) => spiIn === made?.spiIn);
  if (made === null || sa === null || child?.deleting === false) return state;
  return addAnew(state, sa, { kind: 'delete-children', spisIn: [made.spiIn] });
}

/** Where the peer is known to be. From elsewhere a copy may come as well as the peer itself, whose mapping has changed. */
function isPathOf({ espPath }: Turn, { path: own, mobility }: IkeSa, path: Path): boolean {
  return [own, mobility?.seen ?? null, espPath].some((known) => known !== null && samePath(known, path));
}

function octetsIn(messages: readonly Uint8Array[]): number {
  return messages.reduce((sum, octets) => sum + octets.length, 0);
}

async function isAuthentic(turn: Turn, sa: IkeSa, message: IkeMessage): Promise<boolean> {
  return (await openMessage(turn.primitives, sa, message, null)).kind !== 'refused';
}

/** More than three times what was sent would go to an address that has not answered yet: it may be somebody else's. */
function amplifies(sa: IkeSa, path: Path, messages: readonly Uint8Array[], received: Uint8Array): boolean {
  if (equal(sa.path.remoteAddress, path.remoteAddress)) return false;
  return octetsIn(messages) > 3 * (received.length + unproved(sa, path));
}

/**
 * A NAT with a pool may give port 4500 another address than port 500 had (RFC 4787 section 4.1). What the peer sends again from there
 * adds up, until the answer is not too much.
 */
function owe(state: PeerState, sa: IkeSa, path: Path, received: Uint8Array): Step {
  if (sa.phase.name !== 'half-open') return drop(state, 'address-not-validated');
  const octets = unproved(sa, path) + received.length;
  const phase = { ...sa.phase, unproved: { address: path.remoteAddress, octets } };
  return { state: withSa(state, { ...sa, phase }), outputs: [], drop: null, heard: null };
}

/** Octets that have come from there and were not answered. */
function unproved({ phase }: IkeSa, { remoteAddress }: Path): number {
  const known = phase.name === 'half-open' ? phase.unproved : undefined;
  return known && equal(known.address, remoteAddress) ? known.octets : 0;
}

async function respond(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  exchange: number,
  first: number,
  octets: Uint8Array,
  path: Path,
): Promise<Reply> {
  const payloads = readable(() => parsePayloads(first, octets));
  if (payloads === null) {
    return { state, payloads: [refusalNotify(refuse('invalid-syntax', 'payloads that cannot be read'))], outputs: [] };
  }
  if (exchange === ExchangeType.IKE_AUTH) return respondIkeAuth(turn, state, sa, payloads);
  const authenticated = sa.phase.name === 'established' || sa.phase.name === 'replaced';
  if (exchange === ExchangeType.CREATE_CHILD_SA && authenticated) return respondCreateChild(turn, state, sa, payloads);
  if (exchange === ExchangeType.INFORMATIONAL) return respondInformational(turn, state, sa, payloads, path);
  return {
    state,
    payloads: [refusalNotify(refuse('invalid-syntax', `exchange type ${exchange} has no place here`))],
    outputs: [],
  };
}

/** With the SA that the request came on. */
function sealResponse(turn: Turn, sa: IkeSa, { header }: IkeMessage, { payloads }: Reply): Promise<Uint8Array[]> {
  const { exchange, messageId: id } = header;
  return sealMessage(turn.primitives, sa, { exchange, response: true, id, payloads });
}

/** Keeps the response for repetition. */
function answered(state: PeerState, sa: IkeSa, response: StoredResponse): PeerState {
  const current = saByOwnSpi(state, ownSpi(sa));
  if (current === null) return state;
  const { responseReassembly } = current.inbound;
  const inbound: InboundWindow = {
    nextId: response.id + 1,
    response,
    reassembly: null,
    responseReassembly,
  };
  return withSa(state, { ...current, inbound });
}

function freshChild(before: PeerState, after: PeerState): FreshChild | null {
  const child = after.children.find(({ spiIn }) => !before.children.some((known) => known.spiIn === spiIn));
  return child ? { spiIn: child.spiIn, missed: false } : null;
}

async function receiveResponse(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  message: IkeMessage,
  path: Path,
): Promise<Step> {
  const { pending } = sa.outbound;
  if (pending === null || message.header.messageId !== pending.id) return drop(state, 'response-not-asked');
  if (message.header.exchange !== exchangeOf(pending.request)) return drop(state, 'unexpected-exchange');
  const opened = await openMessage(turn.primitives, sa, message, sa.inbound.responseReassembly);
  if (opened.kind === 'refused') return drop(state, opened.drop);
  // Whatever way it came: it answers what we sent.
  const moves = followsIke(sa) ? 'message' : null;
  const heard: Heard | null = memberOf(sa) && { path, at: turn.now, moves };
  const here = heardOn(turn, sa, message, path);
  if (opened.kind === 'partial') {
    const inbound = { ...sa.inbound, responseReassembly: opened.reassembly };
    const { path: there, outbound } = sa;
    return { state: withSa(state, { ...here, path: there, outbound, inbound }), outputs: [], drop: null, heard };
  }
  const payloads = readable(() => parsePayloads(opened.first, opened.octets)) ?? [];
  const free: IkeSa = {
    ...here,
    inbound: { ...sa.inbound, responseReassembly: null },
    outbound: { ...sa.outbound, pending: null },
    roundTrip: pending.tries === 1 ? withSample(sa.roundTrip, turn.now - pending.sentAt) : sa.roundTrip,
  };
  const {
    state: next,
    outputs,
    endpoint,
  } = await conclude(turn, withSa(state, free), free, pending.request, payloads, path);
  const moved = endpoint && heard && { ...heard, path: endpoint, moves: 'update' as const };
  return { state: next, outputs, drop: null, heard: moved ?? heard };
}

function heardOn(turn: Turn, sa: IkeSa, message: IkeMessage, path: Path): IkeSa {
  const fragment = message.protected?.fragment ? message.octets.length : 0;
  return {
    ...(followsIke(sa) ? movedTo(sa, path, turn.now) : sa),
    mobility: sa.mobility && { ...sa.mobility, seen: path },
    largestFragment: Math.max(sa.largestFragment, fragment),
  };
}

/**
 * Whoever has not proved who it is moves nothing and keeps nothing alive. A request that came another way than the one where we send says
 * nothing of the way where we send (RFC 4555 section 3.12).
 */
function heardFrom(turn: Turn, before: IkeSa, after: IkeSa | null, path: Path, endpoint?: Path): Heard | null {
  if (memberOf(before) === null && (after === null || memberOf(after) === null)) return null;
  if (followsIke(before)) return { path, at: turn.now, moves: 'message' };
  if (endpoint) return { path: endpoint, at: turn.now, moves: 'update' };
  return samePath(path, (after ?? before).path) ? { path, at: turn.now, moves: null } : null;
}

/** The boundary where Malformed ends. */
function readable<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

function drop(state: PeerState, reason: IkeDrop): Step {
  return { state, outputs: [], drop: reason, heard: null };
}
