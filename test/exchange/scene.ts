// What tests of exchanges have in common: looking into a gateway, handing it single datagrams, asking it anything at all.

import type { ChildSa, IkeSa, PeerState } from '../../src/ike/state.ts';
import { noPeer } from '../../src/ike/state.ts';
import type { Attempt, Output } from '../../src/peer/output.ts';
import { addMarker, stripMarker } from '../../src/wire/encap.ts';
import { type IkeMessage, parseIkeMessage } from '../../src/wire/ike-message.ts';
import { Notify, nameOf } from '../../src/wire/ike-numbers.ts';
import type { Datagram, Path } from '../../src/wire/path.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { notifiesOf, type SeenMessage } from '../sim/initiator/journal.ts';
import { flip, type Pair } from './pair.ts';

export function stateOf(pair: Pair): PeerState {
  return pair.peer.checkpoint()?.state ?? noPeer;
}

/** The one IKE SA in force; a test that calls this says that there is one. */
export function currentOf(pair: Pair): IkeSa & { phase: { name: 'established' } } {
  const [sa, ...more] = stateOf(pair).sas.filter(({ phase }) => phase.name === 'established');
  if (sa === undefined || more.length > 0) throw new Error(`${more.length + (sa ? 1 : 0)} IKE SAs in force`);
  return sa as IkeSa & { phase: { name: 'established' } };
}

export function onlyChild(pair: Pair): ChildSa {
  const [child, ...more] = stateOf(pair).children;
  if (child === undefined || more.length > 0) throw new Error(`${more.length + (child ? 1 : 0)} child SAs`);
  return child;
}

export interface Offered {
  readonly drop: string | null;
  readonly sent: readonly Datagram[];
  readonly outputs: readonly Output[];
  /** Evidence of life, or of a path. */
  readonly heard: boolean;
}

/** Hands the gateway one datagram past all queues, and says what it made of it. What it sends is not put in flight. */
export async function offer(pair: Pair, datagram: Datagram): Promise<Offered> {
  const step = await pair.peer.stepIke(datagram, pair.now);
  const outputs = pair.peer.commit(step);
  const sent = outputs.flatMap((output) => (output.kind === 'send' ? output.datagrams : []));
  return { drop: step.drop, sent, outputs, heard: step.heard !== null };
}

/** The client asks; everything is carried until it is quiet. @returns what the gateway answered last. */
export async function ask(pair: Pair, exchange: number, payloads: readonly Payload[]): Promise<SeenMessage> {
  await pair.runClient(pair.client.request(exchange, payloads, pair.now));
  await pair.drive();
  return lastAnswer(pair);
}

export function lastAnswer(pair: Pair): SeenMessage {
  const answer = pair.messages.findLast(({ direction, response }) => direction === 'received' && response);
  if (answer === undefined) throw new Error('nothing has been answered');
  return answer;
}

export function notified(message: Pick<SeenMessage, 'clear' | 'inner'>): string[] {
  return notifiesOf(message);
}

/** Names of the notifies in a message that is not protected. */
export function clearNotifies(datagram: Datagram): string[] {
  return messageOf(datagram).payloads.flatMap((p) => (p.type === 'N' ? [nameOf(Notify, p.notify)] : []));
}

export function messageOf(datagram: Datagram): IkeMessage {
  return parseIkeMessage(datagram.path.localPort === 500 ? datagram.octets : stripMarker(datagram.octets));
}

/** What handshakes came to. */
export function attempts(pair: Pair): Attempt[] {
  return allAttempts(pair).filter(({ outcome }) => outcome !== 'begun');
}

/** Those too that had only begun. */
export function allAttempts(pair: Pair): Attempt[] {
  return pair.outputs.flatMap((output) => (output.kind === 'attempt' ? [output.attempt] : []));
}

export function lefts(pair: Pair): string[] {
  return pair.outputs.flatMap((output) => (output.kind === 'left' ? [output.reason] : []));
}

export function kinds(pair: Pair): string[] {
  return pair.outputs.filter((output) => !isBegun(output)).map(({ kind }) => kind);
}

function isBegun(output: Output): boolean {
  return output.kind === 'attempt' && output.attempt.outcome === 'begun';
}

/** A request of the client's, sealed with any message ID, past all that the client remembers. */
export async function forge(
  pair: Pair,
  exchange: number,
  messageId: number,
  payloads: readonly Payload[],
  path: Path = pair.client.session.path(),
): Promise<Datagram[]> {
  const sa = pair.client.session.sas.at(-1);
  if (sa === undefined) throw new Error('the client has no IKE SA');
  const messages = await sa.seal(exchange, messageId, false, payloads);
  const seen = flip(path);
  return messages.map((octets) => ({ path: seen, octets: seen.localPort === 500 ? octets : addMarker(octets) }));
}

/** A datagram with a part of its octets replaced. */
export function altered(datagram: Datagram, change: (octets: Uint8Array) => void): Datagram {
  const octets = datagram.octets.slice();
  change(octets);
  return { ...datagram, octets };
}

export function octetsOf(datagrams: readonly Datagram[]): number {
  return datagrams.reduce((sum, { octets }) => sum + octets.length, 0);
}

/** Has the client answer the gateway's next request with other payloads than it would. */
export function answerInstead(pair: Pair, change: (payloads: readonly Payload[]) => readonly Payload[]): void {
  const { session } = pair.client;
  const respond = session.respond.bind(session);
  session.respond = async (sa, exchange, messageId, payloads, now) => {
    session.respond = respond;
    await respond(sa, exchange, messageId, change(payloads), now);
  };
}

/** The arrows of all that is said from here on, until it is quiet. */
export async function arrowsOf(pair: Pair, begin: () => Promise<void>): Promise<string[]> {
  const before = pair.client.journal.arrows().length;
  await begin();
  await pair.drive();
  return pair.client.journal.arrows().slice(before);
}
