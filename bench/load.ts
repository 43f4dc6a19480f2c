// A closed loop: a burst is sent when one before it has come out at the far end, so nothing is measured but work that was done.

import { Reader } from '../src/bytes/reader.ts';
import { Writer } from '../src/bytes/writer.ts';
import { udpPacket } from '../test/sim/packets.ts';
import type { Loaded, LoadOrder } from './client-protocol.ts';
import type { Peer } from './peer.ts';

/*
   inner packet = IPv4 20 | UDP 8 | u32 mark | u32 burst | zeros
*/

const HEADER_OCTETS = 28;
const UDP_CHECKSUM = 26;
const MARK = 0x43756c76;
/** What has not come by then is lost. */
const PATIENCE_MS = 1_000;
const LOOK_MS = 50;

interface Burst {
  readonly sender: number;
  readonly sentAt: number;
  missing: number;
}

export class Load {
  readonly #peers: readonly Peer[];
  readonly #order: LoadOrder;
  readonly #packets = new Map<number, Uint8Array[]>();
  readonly #under = new Map<number, Burst>();
  #next = 0;
  #sent = 0;
  #received = 0;
  #wrong = 0;
  #lastAt = 0;
  #endsAt = 0;
  #done: () => void = () => {};

  constructor(peers: readonly Peer[], order: LoadOrder) {
    this.#peers = peers;
    this.#order = order;
    for (const peer of peers) peer.received = (packet) => this.#take(packet);
  }

  async run(): Promise<Loaded> {
    const began = performance.now();
    this.#endsAt = began + this.#order.milliseconds;
    this.#lastAt = began;
    const watch = setInterval(() => this.#look(performance.now()), LOOK_MS);
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      for (let i = 0; i < this.#order.bursts; i++) this.#begin(began);
    });
    clearInterval(watch);
    return {
      kind: 'loaded',
      sent: this.#sent,
      received: this.#received,
      octets: this.#received * this.#order.octets,
      milliseconds: this.#lastAt - began,
      wrong: this.#wrong,
    };
  }

  #begin(now: number): void {
    const number = this.#next++;
    const sender = number % this.#order.senders;
    const batch = this.#batchOf(sender);
    const writer = new Writer(8);
    writer.u32(MARK);
    writer.u32(number);
    const label = writer.finish();
    for (const packet of batch) packet.set(label, HEADER_OCTETS);
    this.#under.set(number, { sender, sentAt: now, missing: batch.length });
    this.#sent += batch.length;
    void this.#peers[sender]!.send(batch);
  }

  #take(packet: Uint8Array): void {
    if (packet.length !== this.#order.octets) {
      this.#wrong++;
      return;
    }
    const r = new Reader(packet, HEADER_OCTETS);
    if (r.u32() !== MARK) {
      this.#wrong++;
      return;
    }
    const number = r.u32();
    this.#received++;
    const burst = this.#under.get(number);
    if (burst === undefined || --burst.missing > 0) return;
    const now = performance.now();
    this.#lastAt = now;
    this.#over(number, now);
  }

  #over(number: number, now: number): void {
    this.#under.delete(number);
    if (now < this.#endsAt || this.#next < this.#order.least) this.#begin(now);
    else if (this.#under.size === 0) this.#done();
  }

  #look(now: number): void {
    for (const [number, burst] of this.#under) if (now - burst.sentAt > PATIENCE_MS) this.#over(number, now);
  }

  /** Packets of a sender, made once and labelled anew for each burst: sealing copies them at once. */
  #batchOf(sender: number): Uint8Array[] {
    const known = this.#packets.get(sender);
    if (known !== undefined) return known;
    const { octets, burst } = this.#order;
    const source = this.#peers[sender]!.inner!;
    const destination = this.#peers[(sender + 1) % this.#peers.length]!.inner!;
    const whole = udpPacket(source, destination, new Uint8Array(octets - HEADER_OCTETS));
    // The label changes: no UDP checksum (RFC 768).
    whole.fill(0, UDP_CHECKSUM, HEADER_OCTETS);
    const batch = Array.from({ length: burst }, () => whole.slice());
    this.#packets.set(sender, batch);
    return batch;
  }
}
