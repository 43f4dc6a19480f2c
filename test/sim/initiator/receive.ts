// What becomes of a datagram that reaches the client: which SA it is for, whether it is new, and who answers. RFC 7296 sections 2.1 to 2.3, 2.21.

import { Malformed } from '../../../src/bytes/malformed.ts';
import { classify, stripMarker } from '../../../src/wire/encap.ts';
import { espSpi } from '../../../src/wire/esp.ts';
import { type IkeMessage, parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { Notify, PORT } from '../../../src/wire/ike-numbers.ts';
import type { Datagram } from '../../../src/wire/path.ts';
import type { Payload } from '../../../src/wire/payload.ts';
import { answerTo } from './answer.ts';
import type { IkeSa } from './ike-sa.ts';
import type { Init } from './init.ts';
import { notify } from './notify.ts';
import type { Session } from './session.ts';

export async function receive(session: Session, init: Init | null, datagram: Datagram, now: number): Promise<void> {
  if (session.phase === 'closed') return void session.journal.ignore('closed');
  const plain = datagram.path.localPort === session.options.localPorts.ike;
  // A NAT that gave a port to another of this client's sockets brings anything there.
  if (plain !== (datagram.path.remotePort === PORT.IKE)) return void session.journal.ignore('for another socket');
  const kind = classify(plain ? PORT.IKE : PORT.NAT_T, datagram.octets);
  if (kind === 'esp') return receiveEsp(session, datagram.octets, now);
  if (kind !== 'ike') return void session.journal.ignore(kind);
  let message: IkeMessage;
  try {
    message = parseIkeMessage(stripMarker(datagram.octets));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return session.journal.complain(`malformed: ${error.message}`);
  }
  if (message.header.SPIr === 0n || session.opening !== null) return init?.receive(message, now);
  await receiveProtected(session, message, now);
}

async function receiveProtected(session: Session, message: IkeMessage, now: number): Promise<void> {
  const { header } = message;
  const sa = session.sas.find(({ SPIi, SPIr }) => SPIi === header.SPIi && SPIr === header.SPIr);
  if (sa === undefined) return void session.journal.ignore('no such IKE SA');
  if (header.initiator === sa.original) return session.journal.complain('the Initiator flag is wrong');
  if (message.protected === null) {
    session.journal.ignore('unprotected message for an IKE SA');
    return;
  }
  if (header.response) session.checkRepeat(message);
  else if (header.messageId < sa.expectedRequest) return session.repeat(sa, message, now);
  if (header.response ? sa.flight?.messageId !== header.messageId : header.messageId !== sa.expectedRequest)
    return void session.journal.ignore(header.response ? 'no such request' : 'request out of order');
  // The gateway is done with IKE_AUTH, its last response got lost: that must come first.
  if (!header.response && session.phase !== 'established')
    return void session.journal.ignore('a request before IKE_AUTH was answered');
  const opened = await sa.open(message);
  if (opened === null) {
    if (message.protected.fragment === null) session.journal.ignore('not authentic');
    return;
  }
  session.lastHeard = now;
  const { SPIi, SPIr, exchange, messageId, initiator, response } = header;
  const inner = opened.payloads;
  const head = { SPIi, SPIr, exchange, messageId, initiator, response };
  session.journal.messages.push({
    direction: 'received',
    at: now,
    ...head,
    clear: message.payloads,
    inner,
    fragments: opened.fragments,
  });
  await (response ? conclude(session, sa, inner, now) : answer(session, sa, head, inner, now));
}

async function conclude(session: Session, sa: IkeSa, payloads: readonly Payload[], now: number): Promise<void> {
  const flight = sa.flight!;
  sa.flight = null;
  await flight.conclude(payloads, now);
  await session.pump(sa, now);
}

async function answer(
  session: Session,
  sa: IkeSa,
  { exchange, messageId }: { readonly exchange: number; readonly messageId: number },
  payloads: readonly Payload[],
  now: number,
): Promise<void> {
  sa.expectedRequest++;
  // The next request of the gateway says that it has had the answer to the last one.
  for (const child of session.children.values()) child.confirmed = true;
  const critical = payloads.find((payload) => payload.type === 'UNKNOWN' && payload.critical);
  const made =
    critical === undefined
      ? await answerTo(session, sa, exchange, payloads, now)
      : { payloads: [notify(Notify.UNSUPPORTED_CRITICAL_PAYLOAD)] };
  await session.respond(sa, exchange, messageId, made.payloads, now);
  made.after?.();
  for (const live of session.sas) await session.pump(live, now);
}

async function receiveEsp(session: Session, octets: Uint8Array, now: number): Promise<void> {
  const child = session.children.get(espSpi(octets));
  if (child === undefined) return void session.journal.ignore('ESP of an unknown SPI');
  for (const opened of await child.inbound.open([octets])) {
    if (typeof opened === 'string') session.journal.ignore(`ESP ${opened}`);
    else {
      session.packets.push(opened.packet.slice());
      session.lastHeard = now;
      child.confirmed = true;
    }
  }
}
