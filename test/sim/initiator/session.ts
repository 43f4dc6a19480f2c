// What all exchanges of one client share: its sockets, its SAs, and the rules for requests, responses and repeats. RFC 7296 section 2.1.

import { equal } from '../../../src/bytes/octets.ts';
import { addMarker } from '../../../src/wire/encap.ts';
import type { IkeMessage } from '../../../src/wire/ike-message.ts';
import { PORT } from '../../../src/wire/ike-numbers.ts';
import type { Datagram, Path } from '../../../src/wire/path.ts';
import type { CfgAttributeValue, Payload } from '../../../src/wire/payload.ts';
import type { ChildSa } from './child.ts';
import type { Flight, IkeSa, Request } from './ike-sa.ts';
import { Journal } from './journal.ts';
import type { InitiatorOptions } from './options.ts';

export type Phase = 'idle' | 'init' | 'auth' | 'established' | 'closed';

/** Something to do later: a retry after TEMPORARY_FAILURE. */
export interface Later {
  readonly at: number;
  readonly run: (now: number) => Promise<void>;
}

const HEADER_OF_RETRANSMIT = 1;
const RESPONSES_KEPT = 64;
export const REPLACED_MS = 40_000;

export class Session {
  readonly options: InitiatorOptions;
  readonly journal = new Journal();
  phase: Phase = 'idle';
  /** Why the phase is `closed`: a Notify name, `timeout`, `deleted`, or what this client did not accept. */
  ended: string | null = null;
  /** Why IKE_AUTH or the last CREATE_CHILD_SA gave no child SA: a Notify name. */
  childRefusal: string | null = null;
  localAddress: Uint8Array;
  /** From and to port 4500, with the non-ESP marker. */
  encapsulated: boolean;
  /** What NAT detection told: of this client, and of the gateway. */
  natHere = false;
  natThere = false;
  mobike = false;
  /** What the gateway last said of the address that it sees, and of which IKE SA: the hash holds its SPIs (RFC 4555 section 3.8). */
  seenAs: { readonly SPIr: bigint; readonly hash: Uint8Array } | null = null;
  /** Newest last. */
  sas: IkeSa[] = [];
  /** By this client's SPI. */
  readonly children = new Map<number, ChildSa>();
  configuration: readonly CfgAttributeValue[] = [];
  /** IKE_SA_INIT, before there are keys. */
  opening: Flight | null = null;
  laters: Later[] = [];
  /** After a refusal, nothing is rekeyed by itself before this. */
  rekeysAfter = 0;
  lastSent = 0;
  lastHeard = 0;
  readonly outbox: Datagram[] = [];
  readonly packets: Uint8Array[] = [];
  readonly #responses = new Map<string, Uint8Array>();

  constructor(options: InitiatorOptions) {
    this.options = options;
    this.localAddress = options.localAddress;
    this.encapsulated = options.startOn4500;
  }

  /** The IKE SA that new requests go out on. */
  get current(): IkeSa | null {
    return this.sas.findLast((sa) => !sa.replaced) ?? null;
  }

  /** The child SA that packets go out on. */
  get child(): ChildSa | null {
    return [...this.children.values()].findLast((child) => !child.replaced && !child.deleting) ?? null;
  }

  /** For CREATE_CHILD_SA. */
  nonce(kind: 'request' | 'answer'): Uint8Array {
    const { primitives, nonceOctets, nonceHeads } = this.options;
    const nonce = primitives.random(nonceOctets);
    if (nonceHeads !== null) nonce[0] = nonceHeads[kind];
    return nonce;
  }

  path(): Path {
    const { localPorts, gatewayAddress } = this.options;
    return {
      localAddress: this.localAddress,
      localPort: this.encapsulated ? localPorts.natT : localPorts.ike,
      remoteAddress: gatewayAddress,
      remotePort: this.encapsulated ? PORT.NAT_T : PORT.IKE,
    };
  }

  /** Puts IKE messages or, with `raw`, ESP and keepalives on the wire. */
  put(messages: readonly Uint8Array[], now: number, raw = false): void {
    this.lastSent = now;
    for (const message of messages)
      this.outbox.push({ path: this.path(), octets: raw || !this.encapsulated ? message : addMarker(message) });
  }

  close(reason: string): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    this.ended = reason;
    this.sas = [];
    this.children.clear();
    this.opening = null;
    this.laters = [];
  }

  /** Queues a request on an SA and sends it as soon as the window has room. */
  async request(sa: IkeSa, request: Request, now: number): Promise<void> {
    sa.queue.push(request);
    await this.pump(sa, now);
  }

  async pump(sa: IkeSa, now: number): Promise<void> {
    while (sa.flight === null && this.phase !== 'closed') {
      const request = sa.queue.shift();
      if (request === undefined) return;
      const payloads = await request.payloads(now);
      if (payloads === null) continue;
      const messageId = sa.nextRequest++;
      const messages = await sa.seal(request.exchange, messageId, false, payloads);
      const conclude = (answer: readonly Payload[], at: number) => request.conclude(answer, at, sa);
      sa.flight = this.flight(messageId, messages, conclude, now);
      this.note(sa, { exchange: request.exchange, messageId, response: false }, payloads, messages.length, now);
      this.put(messages, now);
    }
  }

  flight(messageId: number, messages: readonly Uint8Array[], conclude: Flight['conclude'], now: number): Flight {
    const { firstMs } = this.options.retransmission;
    return { messageId, messages, conclude, nextAt: now + firstMs, waitMs: firstMs, tries: 1 };
  }

  /** Sends again what was not answered in time; gives up after the last try. */
  retransmit(now: number): void {
    const { factor, tries } = this.options.retransmission;
    for (const flight of [this.opening, ...this.sas.map((sa) => sa.flight)]) {
      if (flight === null || flight.nextAt > now) continue;
      if (flight.tries > tries) {
        this.#giveUp(flight);
        return;
      }
      flight.tries++;
      flight.waitMs *= factor;
      flight.nextAt = now + flight.waitMs;
      this.put(flight.messages, now);
    }
  }

  /** A replaced IKE SA that nobody answers on is forgotten; any other one takes everything with it. */
  #giveUp(flight: Flight): void {
    const sa = this.sas.find((other) => other.flight === flight);
    if (sa?.replaced) this.sas = this.sas.filter((other) => other !== sa);
    else this.close('timeout');
  }

  /** What the gateway has replaced it should delete; after a while it is forgotten without that. */
  forgetReplaced(now: number): void {
    this.sas = this.sas.filter((sa) => sa.replacedAt === null || sa.deleting || now < sa.replacedAt + REPLACED_MS);
  }

  async respond(
    sa: IkeSa,
    exchange: number,
    messageId: number,
    payloads: readonly Payload[],
    now: number,
  ): Promise<void> {
    const messages = await sa.seal(exchange, messageId, true, payloads);
    sa.answered = { messageId, messages };
    this.note(sa, { exchange, messageId, response: true }, payloads, messages.length, now);
    this.put(messages, now);
  }

  /** A request that was answered already is answered by the same octets again; of fragments, only the first asks (RFC 7383 section 2.6.1). */
  repeat(sa: IkeSa, message: IkeMessage, now: number): void {
    const { answered } = sa;
    if (answered === null || answered.messageId !== message.header.messageId)
      return void this.journal.ignore('old request');
    const fragment = message.protected?.fragment ?? null;
    if (fragment === null || fragment.number === HEADER_OF_RETRANSMIT) this.put(answered.messages, now);
  }

  /** A repeated response must be the same octets (RFC 7296 section 2.1). */
  checkRepeat(message: IkeMessage): void {
    const { SPIi, SPIr, messageId } = message.header;
    const key = `${SPIi}/${SPIr}/${messageId}/${message.protected?.fragment?.number ?? 0}`;
    const before = this.#responses.get(key);
    if (before !== undefined && !equal(before, message.octets))
      this.journal.complain(`response ${messageId} was repeated with other octets`);
    this.#responses.set(key, message.octets.slice());
    if (this.#responses.size > RESPONSES_KEPT) this.#responses.delete(this.#responses.keys().next().value ?? '');
  }

  note(
    sa: Pick<IkeSa, 'SPIi' | 'SPIr' | 'original'>,
    head: { readonly exchange: number; readonly messageId: number; readonly response: boolean },
    inner: readonly Payload[],
    pieces: number,
    now: number,
  ): void {
    const fragments = pieces > 1 ? pieces : 0;
    const { SPIi, SPIr, original: initiator } = sa;
    this.journal.messages.push({
      direction: 'sent',
      at: now,
      SPIi,
      SPIr,
      ...head,
      initiator,
      clear: [],
      inner,
      fragments,
    });
  }
}
