// The packets of one peer: out of ESP and onward, and from others into ESP. They never wait for an IKE step.

import type { Datagram } from '../../src/wire/path.ts';
import type { Departure } from './departure.ts';
import { EarlyPackets } from './early-packets.ts';
import { Forwarder } from './forwarder.ts';
import type { Guard } from './guard.ts';
import type { HeldPeer } from './held-peer.ts';
import type { Standing } from './standing.ts';
import type { Surroundings } from './surroundings.ts';

export interface PacketPorts {
  /** The peer is sent to and does not answer. */
  askLiveness(): void;
  drop(reason: string, count: number): void;
  failed(event: string, thrown: unknown): void;
}

export class Packets {
  readonly #held: HeldPeer;
  readonly #departure: Departure;
  readonly #guard: Guard;
  readonly #around: Surroundings;
  readonly #ports: PacketPorts;
  readonly #early = new EarlyPackets();
  #forwarder: Forwarder | null = null;

  constructor(held: HeldPeer, departure: Departure, guard: Guard, around: Surroundings, ports: PacketPorts) {
    this.#held = held;
    this.#departure = departure;
    this.#guard = guard;
    this.#around = around;
    this.#ports = ports;
  }

  /** ESP from the peer. */
  async receive(datagrams: readonly Datagram[], now: number): Promise<void> {
    const { core } = this.#held;
    if (!core) {
      this.#ports.drop('no-peer', datagrams.length);
      return;
    }
    const ready = this.#early.sort(datagrams, core.awaitedSpi);
    if (ready.length === 0) return;
    try {
      const packets = await core.openEsp(ready, now);
      this.#held.reserve(now);
      this.#held.keepAlarm(now);
      if (packets.length > 0) this.#forward(packets, now);
    } catch (thrown) {
      this.#ports.failed('receive-failed', thrown);
    }
  }

  /** Inner packets from another member, who stands as `from` says: sealed, if policy lets them through. */
  async deliver(packets: readonly Uint8Array[], from: Standing, now: number): Promise<void> {
    if (this.#guard.open && from.epoch <= this.#guard.epoch) await this.#seal(packets, now);
    else await this.#admit(packets, from, now);
  }

  /** A relay has dialled: what waited for it is sealed. */
  goOn(now: number): void {
    const waited = this.#departure.waited(now);
    if (waited.length > 0) this.#around.hold(this.#seal(waited, now));
  }

  /** A step is committed: what was early may have its SA now. */
  stepped(now: number): void {
    const ready = this.#early.release(this.#held.core?.awaitedSpi ?? null);
    if (ready.length > 0) this.#around.hold(this.receive(ready, now));
  }

  #forward(packets: readonly Uint8Array[], now: number): void {
    const member = this.#held.core?.member;
    if (!member) return;
    if (this.#forwarder?.member !== member) {
      this.#forwarder = new Forwarder(
        this.#around.forwardPorts(member, this.#held.route, this.#guard, {
          back: (replies) => this.#around.hold(this.#seal(replies, Date.now())),
          drop: (reason, count) => this.#ports.drop(reason, count),
        }),
      );
    }
    this.#forwarder.forward(packets, now);
  }

  /** Seals what policy lets through; nothing where that cannot be known. */
  async #admit(packets: readonly Uint8Array[], from: Standing, now: number): Promise<void> {
    const member = this.#held.core?.member;
    if (!member) return;
    try {
      const admitted = await this.#guard.admit(packets, member.gateway, from, now);
      if (admitted.replies.length > 0) this.#forward(admitted.replies, now);
      await this.#seal(admitted.packets, now);
    } catch (thrown) {
      this.#ports.drop('policy-unknown', packets.length);
      this.#ports.failed('policy-unknown', thrown);
    }
  }

  async #seal(packets: readonly Uint8Array[], now: number): Promise<void> {
    const replies = await this.#departure.seal(packets, now);
    if (replies.length > 0) this.#forward(replies, now);
    if (this.#held.core?.wantsLiveness(now)) this.#ports.askLiveness();
  }
}
