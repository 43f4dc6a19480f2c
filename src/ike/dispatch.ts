// Where a message goes: to the SA that its SPI names, to the window, to the exchange (RFC 7296 sections 2.1 to 2.3, 2.21, 2.25).

import { Malformed } from '../bytes/malformed.ts';
import { equal } from '../bytes/octets.ts';
import type { Output } from './output.ts';
import { stripMarker } from '../wire/encap.ts';
import { parseIkeHeader } from '../wire/ike-header.ts';
import { ExchangeType, Notify, PORT } from '../wire/ike-numbers.ts';
import { emitIkeMessage, type IkeMessage, parseIkeMessage } from '../wire/ike-message.ts';
import type { Datagram, Path } from '../wire/path.ts';
import { parsePayloads } from '../wire/payloads.ts';
import { respondCreateChild } from './create-child.ts';
import { respondIkeAuth } from './ike-auth.ts';
import { respondInformational } from './informational.ts';
import { openMessage, sealMessage } from './protect.ts';
import { notify, refusalNotify, refuse } from './refusal.ts';
import { conclude } from './request.ts';
import { respondSaInit } from './sa-init.ts';
import { sendTo } from './send.ts';
import { type IkeSa, type InboundWindow, ownSpi, type PeerState, saByOwnSpi, withSa } from './state.ts';
import type { IkeDrop, Reply, Step, Turn } from './turn.ts';

export async function dispatch(turn: Turn, state: PeerState, datagram: Datagram): Promise<Step> {
  const octets = datagram.path.localPort === PORT.NAT_T ? stripMarker(datagram.octets) : datagram.octets;
  const higher = higherVersion(octets);
  if (higher !== null) return { state, outputs: [sendTo(datagram.path, [higher])], drop: 'version' };
  const message = readable(() => parseIkeMessage(octets));
  if (message === null) return drop(state, 'malformed');
  const { header } = message;
  if (header.SPIr === 0n) {
    const initial =
      header.exchange === ExchangeType.IKE_SA_INIT && !header.response && header.initiator && header.messageId === 0;
    return initial ? respondSaInit(turn, state, message, datagram.path) : drop(state, 'no-such-sa');
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

/** @returns what a request of a version that we do not speak is answered with (RFC 7296 section 2.5): unprotected, and nothing changes. */
function higherVersion(octets: Uint8Array): Uint8Array | null {
  const header = readable(() => parseIkeHeader(octets));
  if (header === null || header.majorVersion <= 2 || header.response) return null;
  const { SPIi, SPIr, exchange, messageId } = header;
  return emitIkeMessage({ SPIi, SPIr, exchange, initiator: !header.initiator, response: true, messageId }, [
    notify(Notify.INVALID_MAJOR_VERSION),
  ]);
}

async function receiveRequest(turn: Turn, state: PeerState, sa: IkeSa, message: IkeMessage, path: Path): Promise<Step> {
  const { messageId } = message.header;
  const { inbound } = sa;
  if (inbound.response !== null && messageId === inbound.response.id) return repeat(turn, state, sa, message, path);
  if (messageId !== inbound.nextId) return drop(state, 'message-id');
  const opened = await openMessage(turn.primitives, sa, message, inbound.reassembly);
  if (opened.kind === 'refused') return drop(state, opened.drop);
  if (opened.kind === 'partial') {
    return {
      state: withSa(state, { ...sa, inbound: { ...inbound, reassembly: opened.reassembly } }),
      outputs: [],
      drop: null,
    };
  }
  const here: IkeSa = { ...sa, path };
  const reply = await respond(turn, withSa(state, here), here, message.header.exchange, opened.first, opened.octets);
  return answer(turn, reply, here, message, opened.digest);
}

/** Only the same octets as before bring the stored response again (RFC 7296 section 2.1; of a fragmented one, only its first: RFC 7383 section 2.6.1). */
function repeat(turn: Turn, state: PeerState, sa: IkeSa, message: IkeMessage, path: Path): Step {
  const { response } = sa.inbound;
  if (response === null || (message.protected?.fragment?.number ?? 1) !== 1) return drop(state, 'message-id');
  if (!equal(response.digest, turn.primitives.hash('sha256', message.octets)))
    return drop(state, 'repeated-with-other-octets');
  return { state, outputs: [sendTo(path, response.messages)], drop: null };
}

async function respond(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  exchange: number,
  first: number,
  octets: Uint8Array,
): Promise<Reply> {
  const payloads = readable(() => parsePayloads(first, octets));
  if (payloads === null) {
    return { state, payloads: [refusalNotify(refuse('invalid-syntax', 'payloads that cannot be read'))], outputs: [] };
  }
  if (exchange === ExchangeType.IKE_AUTH) return respondIkeAuth(turn, state, sa, payloads);
  const authenticated = sa.phase.name === 'established' || sa.phase.name === 'replaced';
  if (exchange === ExchangeType.CREATE_CHILD_SA && authenticated) return respondCreateChild(turn, state, sa, payloads);
  if (exchange === ExchangeType.INFORMATIONAL) return respondInformational(turn, state, sa, payloads);
  return {
    state,
    payloads: [refusalNotify(refuse('invalid-syntax', `exchange type ${exchange} has no place here`))],
    outputs: [],
  };
}

/** Seals the response with the SA that the request came on, and keeps it for repetition. */
async function answer(turn: Turn, reply: Reply, sa: IkeSa, message: IkeMessage, digest: Uint8Array): Promise<Step> {
  const { exchange, messageId: id } = message.header;
  const messages = await sealMessage(turn.primitives, sa, { exchange, response: true, id, payloads: reply.payloads });
  const current = saByOwnSpi(reply.state, ownSpi(sa));
  const inbound: InboundWindow = {
    nextId: id + 1,
    response: { id, digest, messages },
    reassembly: null,
    responseReassembly: sa.inbound.responseReassembly,
  };
  return {
    state: current === null ? reply.state : withSa(reply.state, { ...current, inbound }),
    outputs: [sendTo(sa.path, messages), ...reply.outputs],
    drop: null,
  };
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
  const opened = await openMessage(turn.primitives, sa, message, sa.inbound.responseReassembly);
  if (opened.kind === 'refused') return drop(state, opened.drop);
  if (opened.kind === 'partial') {
    const inbound = { ...sa.inbound, responseReassembly: opened.reassembly };
    return { state: withSa(state, { ...sa, inbound }), outputs: [], drop: null };
  }
  const payloads = readable(() => parsePayloads(opened.first, opened.octets)) ?? [];
  const free: IkeSa = {
    ...sa,
    path,
    inbound: { ...sa.inbound, responseReassembly: null },
    outbound: { ...sa.outbound, pending: null },
  };
  const conclusion = await conclude(turn, withSa(state, free), free, pending.request, payloads);
  return { ...conclusion, drop: null };
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
  return { state, outputs: [] as Output[], drop: reason };
}
