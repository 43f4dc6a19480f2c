// An IKEv2 initiator with its ESP, sans-IO, written apart from src/ike: the far end of every simulated tunnel. RFC 7296.

import type { Datagram } from '../../../src/wire/path.ts';
import type { Payload, TrafficSelector } from '../../../src/wire/payload.ts';
import { Auth } from './auth.ts';
import { childWish, createChild } from './create-child.ts';
import type { IkeSa } from './ike-sa.ts';
import { deleteChild, deleteIke, inform, liveness, updateAddresses } from './informational.ts';
import { Init } from './init.ts';
import type { Journal } from './journal.ts';
import { type InitiatorSettings, initiatorOptions } from './options.ts';
import { receive } from './receive.ts';
import { rekeyIke } from './rekey-ike.ts';
import { type Phase, Session } from './session.ts';
import { deadlineOf, tick } from './timers.ts';

/** Paths are the client's own: `local` is its socket, `remote` the gateway. */
export interface Outcome {
  readonly send: readonly Datagram[];
  /** Inner packets that came out of ESP. */
  readonly packets: readonly Uint8Array[];
}

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
    return this.#do(() => receive(this.session, this.#init, datagram, now));
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
    return this.#do(() => tick(this.session, now));
  }

  /** When `tick` is next wanted, ms; null when nothing is due ever. */
  deadline(): number | null {
    return deadlineOf(this.session);
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
}
