// The IKE of one peer: one step at a time, committed before anything of it leaves.

import type { Member } from '../../src/ike/pad.ts';
import type { Command, Output } from '../../src/peer/output.ts';
import type { Datagram } from '../../src/wire/path.ts';
import type { Departure } from './departure.ts';
import type { HeldPeer } from './held-peer.ts';
import type { Links } from './links.ts';
import { Mailbox, type TaskSignal } from './mailbox.ts';
import type { Carried } from './rpc.ts';
import type { Surroundings } from './surroundings.ts';

export interface StepPorts {
  joined(member: Member): void;
  left(member: Member, reason: string, carried: Carried): void;
  gone(): void;
  /** After the last output of a step. */
  stepped(now: number): void;
  failed(thrown: unknown): void;
}

/** Datagrams that wait for a step; the peer sends again what finds no room. */
const MAILBOX = { capacity: 32, timeoutMs: 20_000 } as const;

export class Steps {
  readonly #held: HeldPeer;
  readonly #links: Links;
  readonly #departure: Departure;
  readonly #around: Surroundings;
  readonly #ports: StepPorts;
  readonly #mailbox: Mailbox;
  #livenessAsked = false;

  constructor(held: HeldPeer, links: Links, departure: Departure, around: Surroundings, ports: StepPorts) {
    this.#held = held;
    this.#links = links;
    this.#departure = departure;
    this.#around = around;
    this.#ports = ports;
    this.#mailbox = new Mailbox(MAILBOX, (thrown) => ports.failed(thrown));
  }

  /** Settles when nothing waits. */
  get drained(): Promise<void> {
    return this.#mailbox.drained;
  }

  /** A datagram, a command, or null for the passing of time. @returns false when there is no room. */
  post(what: Datagram | Command | null): boolean {
    return this.#mailbox.post((signal) => this.#step(what, signal));
  }

  /** Asks whether the peer lives, once at a time. */
  askLiveness(): void {
    if (this.#livenessAsked || !this.#held.core?.member) return;
    this.#livenessAsked = this.#mailbox.post(async (signal) => {
      this.#livenessAsked = false;
      await this.#step({ kind: 'liveness' }, signal);
    });
  }

  async #step(what: Datagram | Command | null, signal: TaskSignal): Promise<void> {
    const core = this.#held.begin();
    if (!core) return;
    const step = await this.#held.step(core, what, Date.now());
    // A step that was given up, or that belongs to a peer that is gone, is never committed.
    if (signal.givenUp || this.#held.core !== core) return;
    // From here to the last output nothing waits.
    const now = Date.now();
    const { carried } = core;
    for (const output of this.#held.commit(core, step, now)) this.#perform(output, carried, now);
    this.#held.saveWindows();
    this.#ports.stepped(now);
  }

  #perform(output: Output, carried: Carried, now: number): void {
    switch (output.kind) {
      case 'send':
        this.#departure.send(output.datagrams, now);
        return;
      case 'joined':
        this.#ports.joined(output.member);
        return;
      case 'left':
        this.#ports.left(output.member, output.reason, carried);
        return;
      case 'attempt':
        this.#around.attempted(output.attempt);
        return;
      case 'keepalive':
        this.#links.for(output.path)?.keepalive(output.path, output.seconds);
        return;
      case 'gone':
        this.#ports.gone();
        return;
    }
  }
}
