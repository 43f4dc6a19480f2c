// A NAT after RFC 4787: mapping x filtering x port assignment x expiry. They stack: one may stand behind another.

import type { Clock } from './clock.ts';
import { type Endpoint, endpointText, type Node, type UdpPacket } from './internet.ts';
import type { Random } from './random.ts';

/** Independent of the far end, or dependent on its address, or on its address and port (RFC 4787 sections 4.1 and 5). */
export type Dependence = 'independent' | 'address' | 'address-and-port';

export interface NatBehaviour {
  readonly mapping: Dependence;
  readonly filtering: Dependence;
  /**
   * `preserving` falls back to random on a collision; `overloading` gives the same port twice, and what comes back reaches all who share it;
   * `low` takes ports of 1024 to 1100.
   */
  readonly ports: 'preserving' | 'overloading' | 'random' | 'low';
  readonly timeoutMs: number;
  /** RFC 4787 REQ-6: outbound packets keep a mapping; inbound ones may. */
  readonly refresh: 'outbound' | 'both';
  /** Public addresses of the pool; one inner host keeps to one of them when `paired`. */
  readonly paired: boolean;
  readonly hairpin: boolean;
}

export const ORDINARY: NatBehaviour = {
  mapping: 'independent',
  filtering: 'address-and-port',
  ports: 'random',
  timeoutMs: 300_000,
  refresh: 'outbound',
  paired: true,
  hairpin: true,
};

interface Mapping {
  readonly key: string;
  readonly inside: Endpoint;
  readonly outside: Endpoint;
  /** Far ends that have been sent to, as the filter compares them. */
  readonly contacted: Set<string>;
  lastUsed: number;
}

export class Nat implements Node {
  behaviour: NatBehaviour;
  readonly addresses: readonly string[];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #uplink: (packet: UdpPacket) => void;
  readonly #inside = new Map<string, Node>();
  readonly #mappings = new Map<string, Mapping>();

  constructor(
    behaviour: NatBehaviour,
    addresses: readonly string[],
    clock: Clock,
    random: Random,
    uplink: (packet: UdpPacket) => void,
  ) {
    this.behaviour = behaviour;
    this.addresses = addresses;
    this.#clock = clock;
    this.#random = random;
    this.#uplink = uplink;
  }

  attach(address: string, node: Node): void {
    this.#inside.set(address, node);
  }

  detach(address: string): void {
    this.#inside.delete(address);
  }

  /** All mappings are forgotten: a reboot, or a flushed table (N11). */
  reboot(): void {
    this.#mappings.clear();
  }

  /** From the inside to the outside. */
  send(packet: UdpPacket): void {
    const mapping = this.#mappingFor(packet);
    mapping.lastUsed = this.#clock.now;
    mapping.contacted.add(filterKey(this.behaviour.filtering, packet.destination));
    const translated = { ...packet, source: mapping.outside };
    if (!this.addresses.includes(packet.destination.address)) this.#uplink(translated);
    else if (this.behaviour.hairpin) this.accept(translated);
  }

  /** From the outside to the inside. */
  accept(packet: UdpPacket): void {
    for (const mapping of this.#mappings.values()) {
      if (endpointText(mapping.outside) !== endpointText(packet.destination) || this.#expired(mapping)) continue;
      if (!mapping.contacted.has(filterKey(this.behaviour.filtering, packet.source))) continue;
      if (this.behaviour.refresh === 'both') mapping.lastUsed = this.#clock.now;
      this.#inside.get(mapping.inside.address)?.accept({ ...packet, destination: mapping.inside });
    }
  }

  #mappingFor(packet: UdpPacket): Mapping {
    const key = `${endpointText(packet.source)}>${filterKey(this.behaviour.mapping, packet.destination)}`;
    const known = this.#mappings.get(key);
    if (known !== undefined && !this.#expired(known)) return known;
    this.#mappings.delete(key);
    const outside = this.#assign(packet.source);
    const mapping = { key, inside: packet.source, outside, contacted: new Set<string>(), lastUsed: this.#clock.now };
    this.#mappings.set(key, mapping);
    return mapping;
  }

  #assign(source: Endpoint): Endpoint {
    const address = this.#poolAddress(source);
    const { ports } = this.behaviour;
    if (ports === 'overloading') return { address, port: source.port };
    if (ports === 'preserving' && this.#free({ address, port: source.port })) return { address, port: source.port };
    for (;;) {
      const port = ports === 'low' ? this.#random.between(1024, 1100) : this.#random.between(32_768, 65_535);
      if (this.#free({ address, port })) return { address, port };
    }
  }

  #poolAddress(source: Endpoint): string {
    if (!this.behaviour.paired) return this.#random.pick(this.addresses);
    const sum = [...source.address].reduce((total, letter) => total + letter.charCodeAt(0), 0);
    return this.addresses[sum % this.addresses.length]!;
  }

  #free(outside: Endpoint): boolean {
    const wanted = endpointText(outside);
    return ![...this.#mappings.values()].some(
      (other) => endpointText(other.outside) === wanted && !this.#expired(other),
    );
  }

  #expired(mapping: Mapping): boolean {
    return this.#clock.now - mapping.lastUsed > this.behaviour.timeoutMs;
  }
}

/** A fixed one-to-one translation before a server: the gateway behind a NAT of its own (N18). */
export class StaticNat implements Node {
  readonly #publicAddress: string;
  readonly #innerAddress: string;
  readonly #inner: Node;
  readonly #uplink: (packet: UdpPacket) => void;

  constructor(publicAddress: string, innerAddress: string, inner: Node, uplink: (packet: UdpPacket) => void) {
    this.#publicAddress = publicAddress;
    this.#innerAddress = innerAddress;
    this.#inner = inner;
    this.#uplink = uplink;
  }

  send(packet: UdpPacket): void {
    this.#uplink({ ...packet, source: { ...packet.source, address: this.#publicAddress } });
  }

  accept(packet: UdpPacket): void {
    this.#inner.accept({ ...packet, destination: { ...packet.destination, address: this.#innerAddress } });
  }
}

function filterKey(dependence: Dependence, far: Endpoint): string {
  if (dependence === 'independent') return '*';
  return dependence === 'address' ? far.address : endpointText(far);
}
