// From the network to a peer: inner packets are sealed and sent, within the relay's credit, on the socket of the relay that owns the path.

import type { Datagram } from '../../src/wire/path.ts';
import { HeldQueue } from './held-queue.ts';
import type { HeldPeer } from './held-peer.ts';
import type { Links } from './links.ts';
import { RoomPool } from './room-pool.ts';

export interface DeparturePorts {
  /** Asks a relay to dial; false when it is not there. */
  dial(relay: string, route: number): Promise<void>;
  drop(reason: string, count: number): void;
}

/** A relay that was asked to dial is not asked again sooner. */
const DIAL_MS = 2_000;
const SAVE_MS = 1_000;

/** Shared by all objects of this isolate. */
const rooms = new RoomPool();

export class Departure {
  readonly #held: HeldPeer;
  readonly #links: Links;
  readonly #ports: DeparturePorts;
  readonly #waiting = new HeldQueue();
  #dialledAt = Number.NEGATIVE_INFINITY;
  #savedAt = Number.NEGATIVE_INFINITY;

  constructor(held: HeldPeer, links: Links, ports: DeparturePorts) {
    this.#held = held;
    this.#links = links;
    this.#ports = ports;
  }

  /** @returns ICMP errors that are owed to the senders of packets that do not fit. */
  async seal(packets: readonly Uint8Array[], now: number): Promise<readonly Uint8Array[]> {
    const { core } = this.#held;
    if (!core || packets.length === 0) return [];
    const link = this.#links.newest;
    if (!link) {
      this.#drop('no-relay', this.#waiting.hold(packets, now));
      this.#dial(now);
      return [];
    }
    const admitted = link.admits(packets);
    this.#drop('no-credit', packets.length - admitted);
    this.#held.reserve(now);
    const room = rooms.take();
    const fitting = admitted < packets.length ? packets.slice(0, admitted) : packets;
    const { datagrams, replies } = await core.sealEsp(fitting, now, room);
    this.send(datagrams, now);
    // Every frame has a copy by now.
    rooms.give(room);
    this.#save(now);
    return replies;
  }

  /** What waited for a relay to dial. */
  waited(now: number): Uint8Array[] {
    this.#dialledAt = Number.NEGATIVE_INFINITY;
    return this.#waiting.take(now);
  }

  /** Without a relay datagrams are lost: IKE sends them again, by which time one may have dialled. */
  send(datagrams: readonly Datagram[], now: number): void {
    const first = datagrams[0];
    if (!first) return;
    let link = this.#links.for(first.path);
    if (!link) {
      this.#drop('no-relay', datagrams.length);
      this.#dial(now);
      return;
    }
    let from = 0;
    for (let i = 1; i < datagrams.length; i++) {
      if (datagrams[i]!.path === datagrams[i - 1]!.path) continue;
      const next = this.#links.for(datagrams[i]!.path);
      if (next === link || !next) continue;
      link.send(datagrams.slice(from, i));
      link = next;
      from = i;
    }
    link.send(from === 0 ? datagrams : datagrams.slice(from));
  }

  /** What was sent counts in status screens only: to lose the last second of it costs nothing, to save it for each batch does. */
  #save(now: number): void {
    if (now - this.#savedAt < SAVE_MS) return;
    this.#savedAt = now;
    this.#held.saveWindows();
  }

  #dial(now: number): void {
    const { relay, route } = this.#held;
    if (relay === '' || now - this.#dialledAt < DIAL_MS) return;
    this.#dialledAt = now;
    void this.#ports.dial(relay, route);
  }

  #drop(reason: string, count: number): void {
    if (count > 0) this.#ports.drop(reason, count);
  }
}
