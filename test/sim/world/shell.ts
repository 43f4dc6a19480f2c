// A peer object in the world: mailbox, alarm, storage. It can be thrown away between any two events and built again from what it stored.

import { isDeepStrictEqual } from 'node:util';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import type { Pad } from '../../../src/ike/pad.ts';
import type { PeerCheckpoint } from '../../../src/peer/checkpoint.ts';
import type { Command, Output } from '../../../src/peer/output.ts';
import { Peer } from '../../../src/peer/peer.ts';
import { classify } from '../../../src/wire/encap.ts';
import type { Datagram } from '../../../src/wire/path.ts';
import type { Clock } from './clock.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import type { Whereabouts } from './whereabouts.ts';

export type Eviction =
  /** With its windows, as the platform does to an idle object. */
  | 'hibernated'
  /** Without: everything that was not stored is lost. */
  | 'crashed';

export interface ShellPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly primitives: Primitives;
  readonly pad: Pad;
  readonly ledger: Ledger;
  readonly whereabouts: Whereabouts;
  send(shell: Shell, datagram: Datagram): void;
  forward(shell: Shell, packets: readonly Uint8Array[]): void;
  perform(shell: Shell, output: Exclude<Output, { kind: 'send' }>): void;
}

type Work = Datagram | Command | 'tick';
type Marks = ReturnType<Peer['reserve']>;

/** How long a step of IKE takes, at most; ESP goes on meanwhile. */
const STEP_MS = 8;
const ALARM_GAP_MS = 100;

export class Shell {
  readonly route: number;
  peer: Peer;
  evictions = 0;
  readonly #ports: ShellPorts;
  #stored: PeerCheckpoint | null = null;
  #marks: Marks = null;
  #mailbox: Work[] = [];
  #busy = false;
  #alarm = 0;
  #esp: Datagram[] = [];

  constructor(route: number, ports: ShellPorts) {
    this.route = route;
    this.#ports = ports;
    this.peer = this.#build(null);
  }

  /** Nothing is stored of a peer. */
  get empty(): boolean {
    return this.#stored === null;
  }

  get state() {
    return this.#stored?.state ?? null;
  }

  get idle(): boolean {
    return !this.#busy && this.#mailbox.length === 0 && this.#esp.length === 0;
  }

  receive(datagram: Datagram): void {
    const kind = classify(datagram.path.localPort, datagram.octets);
    if (kind === 'ike') this.post(datagram);
    if (kind !== 'esp') return;
    this.#esp.push(datagram);
    if (this.#esp.length === 1) this.#ports.clock.in(this.#ports.random.below(2), () => this.#openEsp());
  }

  post(work: Work): void {
    this.#mailbox.push(work);
    if (!this.#busy) this.#next();
  }

  /** The relay has heard nothing from the peer for so long, not even a keepalive. */
  silent(seconds: number): void {
    if (this.peer.suspects(seconds)) this.post({ kind: 'liveness' });
  }

  /** Inner packets that the router has for this peer. */
  async deliver(packets: readonly Uint8Array[]): Promise<void> {
    const { clock, ledger } = this.#ports;
    this.#reserve();
    const { datagrams } = await this.peer.sealEsp(packets, clock.now);
    ledger.sealed(this, packets, datagrams);
    for (const datagram of datagrams) this.#ports.send(this, datagram);
    if (this.peer.wantsLiveness(clock.now)) this.post({ kind: 'liveness' });
  }

  /** @returns false when it cannot be evicted so: what is busy does not hibernate. */
  evict(how: Eviction): boolean {
    if (how === 'hibernated' && !this.idle) return false;
    const windows = how === 'hibernated' ? this.peer.windows().slice() : null;
    const { drops } = this.peer.status() ?? { drops: {} };
    this.#ports.ledger.counted(drops);
    this.evictions++;
    this.#ports.ledger.evictions++;
    this.#busy = false;
    this.#mailbox = [];
    this.#esp = [];
    const before = structuredClone(this.#stored);
    this.peer = this.#build(structuredClone(this.#stored));
    if (this.#stored !== null) this.peer.woke({ windows, marks: structuredClone(this.#marks) });
    if (!isDeepStrictEqual(before, this.peer.checkpoint()))
      this.#ports.ledger.violate('a Peer built from a checkpoint gives another checkpoint');
    if (how === 'crashed') this.#ports.ledger.crashed(this, this.#marks?.marks ?? new Map());
    this.#ports.whereabouts.check(this);
    this.#keepAlarm();
    return true;
  }

  #build(checkpoint: PeerCheckpoint | null): Peer {
    const { primitives, pad } = this.#ports;
    return new Peer({ primitives, pad }, this.route, checkpoint);
  }

  /** Steps one at a time: computed now, committed a little later, and never when the object is gone by then. */
  #next(): void {
    const work = this.#mailbox.shift();
    if (work === undefined) return;
    this.#busy = true;
    const { clock, random } = this.#ports;
    const generation = this.evictions;
    clock.in(0, async () => {
      if (generation !== this.evictions) return;
      const step = await this.#step(work, clock.now);
      clock.in(random.below(STEP_MS), () => {
        if (generation !== this.evictions) return;
        if (typeof work === 'object' && 'octets' in work) this.#ports.whereabouts.worked(this, work);
        this.#commit(step);
        this.#busy = false;
        this.#next();
      });
    });
  }

  #step(work: Work, now: number): ReturnType<Peer['stepTick']> {
    if (work === 'tick') return this.peer.stepTick(now);
    return 'octets' in work ? this.peer.stepIke(work, now) : this.peer.stepCommand(work, now);
  }

  #commit(step: Parameters<Peer['commit']>[0]): void {
    const outputs = this.peer.commit(step);
    this.#stored = structuredClone(this.peer.checkpoint());
    this.#reserve();
    this.#keepAlarm();
    this.#ports.whereabouts.check(this);
    for (const output of outputs) {
      if (output.kind !== 'send') this.#ports.perform(this, output);
      else for (const datagram of output.datagrams) this.#ports.send(this, datagram);
    }
  }

  /** Stored first, granted then. */
  #reserve(): void {
    const due = this.peer.reserve();
    if (due === null) return;
    this.#marks = structuredClone(due);
    this.peer.grant(due, this.#ports.clock.now);
  }

  /** All that has come since, in one batch or in two that are opened side by side. */
  async #openEsp(): Promise<void> {
    const { clock, random, ledger, whereabouts } = this.#ports;
    const datagrams = this.#esp.splice(0);
    if (datagrams.length === 0) return;
    const cut = random.below(datagrams.length + 1);
    const batches = [datagrams.slice(0, cut), datagrams.slice(cut)].filter((batch) => batch.length > 0);
    const before = this.#stored?.state.children.map(({ spiIn }) => spiIn) ?? [];
    for (const datagram of datagrams) whereabouts.worked(this, datagram);
    const opened = await Promise.all(batches.map((batch) => this.peer.openEsp(batch, clock.now)));
    this.#reserve();
    this.#keepAlarm();
    const packets = opened.flat();
    ledger.opened(this, before, datagrams, packets);
    whereabouts.check(this);
    whereabouts.opened(this, datagrams, packets.length, clock.now);
    if (packets.length > 0) this.#ports.forward(this, packets);
  }

  #keepAlarm(): void {
    const { clock } = this.#ports;
    const deadline = this.#stored === null ? null : this.peer.deadline();
    const serial = ++this.#alarm;
    if (deadline === null) return;
    clock.at(Math.max(deadline, clock.now + ALARM_GAP_MS), () => {
      const due = this.peer.deadline();
      if (serial !== this.#alarm) return;
      if (due !== null && due <= clock.now && !this.#mailbox.includes('tick')) this.post('tick');
      else this.#keepAlarm();
    });
  }
}
