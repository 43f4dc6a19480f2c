// An IKEv2 initiator with its ESP, sans-IO, written apart from src/ike: the far end of every simulated tunnel. RFC 7296.

import { Malformed } from '../../../src/bytes/malformed.ts';
import { classify, stripMarker } from '../../../src/wire/encap.ts';
import { espSpi } from '../../../src/wire/esp.ts';
import { type IkeMessage, parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { Notify, PORT } from '../../../src/wire/ike-numbers.ts';
import type { Datagram } from '../../../src/wire/path.ts';
import type { Payload, TrafficSelector } from '../../../src/wire/payload.ts';
import { answerTo } from './answer.ts';
import { Auth } from './auth.ts';
import type { ChildSa } from './child.ts';
import { childWish, createChild, rekeyIke } from './create-child.ts';
import type { IkeSa } from './ike-sa.ts';
import { deleteChild, deleteIke, inform, liveness, updateAddresses } from './informational.ts';
import { Init } from './init.ts';
import type { Journal } from './journal.ts';
import { notify } from './notify.ts';
import { type InitiatorSettings, initiatorOptions } from './options.ts';
import { type Phase, REPLACED_MS, Session } from './session.ts';

/** Paths are the client's own: `local` is its socket, `remote` the gateway. */
export interface Outcome {
  readonly send: readonly Datagram[];
  /** Inner packets that came out of ESP. */
  readonly packets: readonly Uint8Array[];
}

const KEEPALIVE = Uint8Array.of(0xff);

export class Initiator {
  readonly session: Session;
  #init: Init | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(settings: InitiatorSettings) {
    this.session = new Session(initiatorOptions(settings));
  }

  get phase(): Phase {
    return this.session.phase;
  }

  get journal(): Journal {
    return this.session.journal;
  }

  get established(): boolean {
    return this.session.phase === 'established';
  }

  start(now: number): Promise<Outcome> {
    return this.#do(async () => {
      this.session.lastHeard = now;
      this.#init = new Init(this.session, (result, at) => this.#authenticate(result, at));
      await this.#init.start(now);
    });
  }

  receive(datagram: Datagram, now: number): Promise<Outcome> {
    return this.#do(() => this.#receive(datagram, now));
  }

  /** Seals inner packets with the newest child SA, or with the one given; nothing without a child. */
  sendPackets(packets: readonly Uint8Array[], now: number, child = this.session.child): Promise<Outcome> {
    return this.#do(async () => {
      if (child === null) return this.#wantChild(now);
      if (!this.session.encapsulated) return;
      const sealed = await child.outbound.seal(packets);
      const whole = sealed.filter((packet): packet is Uint8Array => typeof packet !== 'string');
      this.session.put(whole, now, true);
    });
  }

  /** Retransmissions, keepalives, liveness, rekeying: whatever has become due. */
  tick(now: number): Promise<Outcome> {
    return this.#do(() => this.#tick(now));
  }

  /** When `tick` is next wanted, ms; null when nothing is due ever. */
  deadline(): number | null {
    const { session } = this;
    if (session.phase === 'closed' || session.phase === 'idle') return null;
    const times = session.laters.map((later) => later.at);
    for (const flight of [session.opening, ...session.sas.map((sa) => sa.flight)])
      if (flight !== null) times.push(flight.nextAt);
    for (const [at] of this.#chores()) times.push(at);
    for (const { replacedAt, deleting } of session.sas)
      if (replacedAt !== null && !deleting) times.push(replacedAt + REPLACED_MS);
    return times.length === 0 ? null : Math.min(...times);
  }

  rekeyChild(now: number, child = this.session.child): Promise<Outcome> {
    return this.#onSa(async (sa) => {
      if (child?.confirmed) await createChild(this.session, sa, childWish(this.session, child), now);
    });
  }

  rekeyIke(now: number, ke?: number): Promise<Outcome> {
    return this.#onSa((sa) => rekeyIke(this.session, sa, now, ke));
  }

  /** One more child SA, with other selectors where they are given. */
  moreChildren(
    now: number,
    selectors?: { TSi: readonly TrafficSelector[]; TSr: readonly TrafficSelector[] },
  ): Promise<Outcome> {
    return this.#onSa((sa) => {
      const wish = childWish(this.session, null);
      const chosen = selectors === undefined ? wish : { ...wish, near: selectors.TSi, far: selectors.TSr };
      return createChild(this.session, sa, chosen, now);
    });
  }

  deleteChild(now: number, child = this.session.child): Promise<Outcome> {
    return this.#onSa(async () => {
      if (child?.confirmed) await deleteChild(this.session, child, now);
    });
  }

  close(now: number): Promise<Outcome> {
    return this.#onSa((sa) => deleteIke(this.session, sa, now));
  }

  liveness(now: number): Promise<Outcome> {
    return this.#onSa(() => liveness(this.session, now));
  }

  /** An INFORMATIONAL request with any payloads; the answer stands in the journal. */
  inform(payloads: readonly Payload[], now: number): Promise<Outcome> {
    return this.#onSa((sa) => inform(this.session, sa, payloads, async () => {}, now));
  }

  /** Any protected request at all. */
  request(exchange: number, payloads: readonly Payload[], now: number): Promise<Outcome> {
    return this.#onSa((sa) =>
      this.session.request(sa, { exchange, payloads: async () => payloads, conclude: async () => {} }, now),
    );
  }

  /** The client's own address changes; with MOBIKE it says so, otherwise the next packet does. */
  move(address: Uint8Array, now: number): Promise<Outcome> {
    return this.#do(async () => {
      this.session.localAddress = address;
      if (this.session.mobike) await updateAddresses(this.session, now);
    });
  }

  /** Forgets everything without a word, as a machine that loses power. */
  crash(): void {
    this.session.close('crashed');
  }

  /** One at a time, whatever the caller does not wait for. */
  #do(work: () => Promise<void>): Promise<Outcome> {
    const turn = this.#turn.then(async () => {
      await work();
      return { send: this.session.outbox.splice(0), packets: this.session.packets.splice(0) };
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #onSa(work: (sa: IkeSa) => Promise<void>): Promise<Outcome> {
    return this.#do(async () => {
      if (!this.established) throw new Error(`the client is ${this.phase} (${this.session.ended})`);
      const sa = this.session.current;
      if (sa !== null) await work(sa);
    });
  }

  /** One CREATE_CHILD_SA at a time asks for the child SA that is missing. */
  async #wantChild(now: number): Promise<void> {
    const { session } = this;
    const sa = session.current;
    const idle = sa !== null && sa.flight === null && sa.queue.length === 0 && session.laters.length === 0;
    if (!session.options.childOnDemand || !this.established || !idle || now < session.rekeysAfter) return;
    await createChild(session, sa, childWish(session, null), now);
  }

  async #authenticate(result: ConstructorParameters<typeof Auth>[1], now: number): Promise<void> {
    this.#init = null;
    await new Auth(this.session, result, () => {}).start(now);
  }

  async #receive(datagram: Datagram, now: number): Promise<void> {
    const { session } = this;
    if (session.phase === 'closed') return void session.journal.ignore('closed');
    const plain = datagram.path.localPort === session.options.localPorts.ike;
    // A NAT that gave a port to another of this client's sockets brings anything there.
    if (plain !== (datagram.path.remotePort === PORT.IKE)) return void session.journal.ignore('for another socket');
    const kind = classify(plain ? PORT.IKE : PORT.NAT_T, datagram.octets);
    if (kind === 'esp') return this.#receiveEsp(datagram.octets, now);
    if (kind !== 'ike') return void session.journal.ignore(kind);
    let message: IkeMessage;
    try {
      message = parseIkeMessage(stripMarker(datagram.octets));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return session.journal.complain(`malformed: ${error.message}`);
    }
    if (message.header.SPIr === 0n || session.opening !== null) return this.#init?.receive(message, now);
    await this.#receiveProtected(message, now);
  }

  async #receiveProtected(message: IkeMessage, now: number): Promise<void> {
    const { session } = this;
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
    if (!header.response && !this.established)
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
    await (response ? this.#conclude(sa, inner, now) : this.#answer(sa, exchange, messageId, inner, now));
  }

  async #conclude(sa: IkeSa, payloads: readonly Payload[], now: number): Promise<void> {
    const flight = sa.flight!;
    sa.flight = null;
    await flight.conclude(payloads, now);
    await this.session.pump(sa, now);
  }

  async #answer(
    sa: IkeSa,
    exchange: number,
    messageId: number,
    payloads: readonly Payload[],
    now: number,
  ): Promise<void> {
    const { session } = this;
    sa.expectedRequest++;
    // The next request of the gateway says that it has had the answer to the last one.
    for (const child of session.children.values()) child.confirmed = true;
    const critical = payloads.find((payload) => payload.type === 'UNKNOWN' && payload.critical);
    const answer =
      critical === undefined
        ? await answerTo(session, sa, exchange, payloads, now)
        : { payloads: [notify(Notify.UNSUPPORTED_CRITICAL_PAYLOAD)] };
    await session.respond(sa, exchange, messageId, answer.payloads, now);
    answer.after?.();
    for (const live of session.sas) await session.pump(live, now);
  }

  async #receiveEsp(octets: Uint8Array, now: number): Promise<void> {
    const { session } = this;
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

  async #tick(now: number): Promise<void> {
    const { session } = this;
    if (session.phase === 'closed' || session.phase === 'idle') return;
    session.retransmit(now);
    session.forgetReplaced(now);
    for (const later of session.laters.filter(({ at }) => at <= now)) {
      session.laters = session.laters.filter((other) => other !== later);
      await later.run(now);
    }
    for (const [at, chore] of this.#chores()) if (at <= now && this.established) await chore(now);
  }

  /** What an established client does of itself, and when. */
  #chores(): [number, (now: number) => Promise<void>][] {
    const { session } = this;
    const { keepaliveMs, livenessMs, childRekeyMs, ikeRekeyMs } = session.options;
    const sa = session.current;
    if (!this.established || sa === null) return [];
    const chores: [number, (now: number) => Promise<void>][] = [];
    if (keepaliveMs !== null && session.natHere && session.encapsulated)
      chores.push([session.lastSent + keepaliveMs, async (now) => session.put([KEEPALIVE], now, true)]);
    if (livenessMs !== null && sa.flight === null)
      chores.push([session.lastHeard + livenessMs, (now) => liveness(session, now)]);
    const child: ChildSa | null = session.child;
    if (childRekeyMs !== null && child?.confirmed && child.rekeying === null && sa.flight === null)
      chores.push([
        Math.max(child.terms.born + childRekeyMs, session.rekeysAfter),
        (now) => createChild(session, sa, childWish(session, child), now),
      ]);
    if (ikeRekeyMs !== null && sa.rekeying === null && sa.flight === null)
      chores.push([Math.max(sa.born + ikeRekeyMs, session.rekeysAfter), (now) => rekeyIke(session, sa, now)]);
    return chores;
  }
}
