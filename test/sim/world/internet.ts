// UDP between public addresses: packets that get lost, doubled, late and out of order.

import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** The address as text, so that endpoints compare as strings. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface UdpPacket {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly octets: Uint8Array;
  /** Of the UDP header: right where nothing is said. */
  readonly checksum?: 0;
}

/** Whatever has an address. */
export interface Node {
  accept(packet: UdpPacket): void;
}

/** Probabilities of 0 to 1, delays in ms, one way. */
export interface Conditions {
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly delayMs: readonly [least: number, most: number];
  /** Longer UDP payloads never arrive: a path that drops fragments (N24). */
  readonly maxOctets: number;
}

export const CALM: Conditions = { loss: 0, duplicate: 0, reorder: 0, delayMs: [20, 20], maxOctets: 65_535 };
const LATE_MS = 700;

export class Internet {
  conditions: Conditions = CALM;
  /** Sees every packet that enters, before anything happens to it. */
  tap: (packet: UdpPacket) => void = () => {};
  /** Whether a packet is lost here, whatever the conditions. */
  loses: (packet: UdpPacket) => boolean = () => false;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #nodes = new Map<string, Node>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  attach(address: string, node: Node): void {
    this.#nodes.set(address, node);
  }

  detach(address: string): void {
    this.#nodes.delete(address);
  }

  send(packet: UdpPacket): void {
    this.tap(packet);
    const { loss, duplicate, maxOctets } = this.conditions;
    if (packet.octets.length > maxOctets || this.loses(packet)) return;
    const copies = this.#random.chance(duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) if (!this.#random.chance(loss)) this.#carry(packet);
  }

  #carry(packet: UdpPacket): void {
    const { reorder, delayMs } = this.conditions;
    const late = this.#random.chance(reorder) ? this.#random.below(LATE_MS) : 0;
    const delay = this.#random.between(delayMs[0], delayMs[1]) + late;
    this.#clock.in(delay, () => this.#nodes.get(packet.destination.address)?.accept(packet));
  }
}

export function endpointText({ address, port }: Endpoint): string {
  return `${address}#${port}`;
}
