// A NAT after RFC 4787. They stack: one may stand behind another.

import { classify } from '../../../src/wire/encap.ts';
import { PORT } from '../../../src/wire/ike-numbers.ts';
import type { Clock } from './clock.ts';
import { cookieOf, keepsPort500, meddle } from './helper.ts';
import { type Endpoint, endpointText, type Node, type UdpPacket } from './internet.ts';
import { type Dependence, LONGEST_WHOLE, type MappingKind, type NatBehaviour, portRange } from './nat-behaviour.ts';
import type { Random } from './random.ts';

interface Mapping {
  readonly key: string;
  /** Of the socket that made it; with mapping by `host`, others share it. */
  readonly inside: Endpoint;
  readonly outside: Endpoint;
  /** Far ends that have been sent to, as the filter compares them. */
  readonly contacted: Set<string>;
  /** Which inner port last spoke with a far end. */
  readonly ports: Map<string, number>;
  lastUsed: number;
}

const REORDER_MS = 12;

export class Nat implements Node {
  behaviour: NatBehaviour;
  readonly addresses: readonly string[];
  /** Packets that found no port, or were not let through. */
  refused = 0;
  #turn = 0;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #uplink: (packet: UdpPacket) => void;
  readonly #inside = new Map<string, Node>();
  readonly #mappings = new Map<string, Mapping>();
  /** The same by what is seen from outside: several where ports are overloaded. */
  readonly #byOutside = new Map<string, Set<Mapping>>();
  /** Initiator's cookie -> who used it, and when; only where a helper tracks them. */
  readonly #cookies = new Map<string, { readonly inside: Endpoint; lastUsed: number }>();

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
    this.#byOutside.clear();
    this.#cookies.clear();
  }

  /** From the inside to the outside. */
  send(packet: UdpPacket): void {
    const outside = this.#translate(packet);
    const altered = outside && meddle(this.behaviour.helper, { ...packet, source: outside }, packet.destination.port);
    if (altered === null) this.refused++;
    else if (!this.addresses.includes(packet.destination.address)) this.#pass(altered, this.#uplink);
    else if (this.behaviour.hairpin !== 'none')
      this.accept(this.behaviour.hairpin === 'external' ? altered : { ...altered, source: packet.source });
  }

  /** From the outside to the inside. */
  accept(packet: UdpPacket): void {
    const altered = meddle(this.behaviour.helper, packet, packet.source.port);
    if (altered === null) this.refused++;
    else
      for (const inside of this.#insides(packet)) this.#pass({ ...altered, destination: inside }, (p) => this.#hand(p));
  }

  #hand(packet: UdpPacket): void {
    this.#inside.get(packet.destination.address)?.accept(packet);
  }

  /** The outer UDP checksum and what becomes of fragments. */
  #pass(packet: UdpPacket, onward: (packet: UdpPacket) => void): void {
    const { fragments, checksum } = this.behaviour;
    const out: UdpPacket = checksum === 'zero' ? { ...packet, checksum: 0 } : packet;
    if (fragments === 'reorder') this.#clock.in(this.#random.below(REORDER_MS), () => onward(out));
    else if (fragments !== 'drop' || packet.octets.length <= LONGEST_WHOLE) onward(out);
    if (fragments === 'double') onward(out);
  }

  /** @returns the source as it is seen from outside, or null where there is none to be had. */
  #translate(packet: UdpPacket): Endpoint | null {
    const { source, destination } = packet;
    if (this.#tracks(packet)) return this.#translateByCookie(packet);
    const mapping = this.#mappingFor(packet);
    if (mapping === null) return null;
    mapping.lastUsed = this.#clock.now;
    mapping.contacted.add(filterKey(this.behaviour.filtering, destination));
    mapping.ports.set(endpointText(destination), source.port);
    return mapping.outside;
  }

  /** Where a packet from outside goes to: nobody, one, or all who share a port. */
  #insides(packet: UdpPacket): Endpoint[] {
    const { source, destination } = packet;
    if (this.#tracks(packet)) return this.#insideByCookie(packet);
    const found: Endpoint[] = [];
    for (const mapping of this.#byOutside.get(endpointText(destination)) ?? []) {
      if (this.#expired(mapping) || !mapping.contacted.has(filterKey(this.behaviour.filtering, source))) continue;
      if (this.behaviour.refresh === 'both') mapping.lastUsed = this.#clock.now;
      const port = mapping.ports.get(endpointText(source)) ?? mapping.inside.port;
      found.push({ address: mapping.inside.address, port });
    }
    return found;
  }

  /** IKE from port 500 to port 500. To or from 4500 there is no cookie at that place, though a mapping may be called 500. */
  #tracks({ source, destination }: UdpPacket): boolean {
    return keepsPort500(this.behaviour.helper) && source.port === PORT.IKE && destination.port === PORT.IKE;
  }

  #translateByCookie({ source, octets }: UdpPacket): Endpoint | null {
    const { now } = this.#clock;
    const alive = (entry: { lastUsed: number }) => now - entry.lastUsed <= this.behaviour.timeoutMs;
    const others = [...this.#cookies.values()].some(
      ({ inside, lastUsed }) => inside.address !== source.address && alive({ lastUsed }),
    );
    if (this.behaviour.helper === 'serves-one' && others) return null;
    this.#cookies.set(cookieOf(octets), { inside: source, lastUsed: now });
    return { address: this.#poolAddress(source), port: PORT.IKE };
  }

  #insideByCookie(packet: UdpPacket): Endpoint[] {
    const entry = this.#cookies.get(cookieOf(packet.octets));
    if (entry === undefined || this.#clock.now - entry.lastUsed > this.behaviour.timeoutMs) return [];
    return [entry.inside];
  }

  #mappingFor(packet: UdpPacket): Mapping | null {
    const isEsp = this.behaviour.split && classify(packet.destination.port, packet.octets) === 'esp';
    const key = `${isEsp ? 'esp' : 'all'}/${mappingKey(this.behaviour.mapping, packet)}`;
    const known = this.#mappings.get(key);
    if (known !== undefined && !this.#expired(known)) return known;
    if (known !== undefined) this.#forget(known);
    const outside = this.#assign(packet.source);
    if (outside === null) return null;
    const made = {
      key,
      inside: packet.source,
      outside,
      contacted: new Set<string>(),
      ports: new Map<string, number>(),
    };
    const mapping = { ...made, lastUsed: this.#clock.now };
    this.#mappings.set(key, mapping);
    const there = this.#byOutside.get(endpointText(outside)) ?? new Set();
    this.#byOutside.set(endpointText(outside), there.add(mapping));
    return mapping;
  }

  #forget(mapping: Mapping): void {
    this.#mappings.delete(mapping.key);
    this.#byOutside.get(endpointText(mapping.outside))?.delete(mapping);
  }

  #assign(source: Endpoint): Endpoint | null {
    const address = this.#poolAddress(source);
    const { ports } = this.behaviour;
    const same = { address, port: source.port };
    if (typeof ports === 'object') return this.#assignFromBlock(source, address, ports.block);
    if (ports === 'overloading') return same;
    if ((ports === 'preserving' || ports === 'refusing') && this.#free(same)) return same;
    if (ports === 'refusing') return null;
    const [first, last] = portRange(ports);
    for (;;) {
      const port = this.#random.between(first, last);
      if (ports === 'parity' && (port & 1) !== (source.port & 1)) continue;
      if (this.#free({ address, port })) return { address, port };
    }
  }

  /** Each inner address has ports of its own, and no others. */
  #assignFromBlock(source: Endpoint, address: string, size: number): Endpoint | null {
    const first = 10_000 + size * Number(source.address.split('.').at(-1));
    for (let port = first; port < first + size; port++) if (this.#free({ address, port })) return { address, port };
    return null;
  }

  #poolAddress(source: Endpoint): string {
    if (this.behaviour.paired === 'in-turn') return this.addresses[this.#turn++ % this.addresses.length]!;
    if (!this.behaviour.paired) return this.#random.pick(this.addresses);
    const sum = [...source.address].reduce((total, letter) => total + letter.charCodeAt(0), 0);
    return this.addresses[sum % this.addresses.length]!;
  }

  #free(outside: Endpoint): boolean {
    return [...(this.#byOutside.get(endpointText(outside)) ?? [])].every((mapping) => this.#expired(mapping));
  }

  #expired(mapping: Mapping): boolean {
    return this.#clock.now - mapping.lastUsed > this.behaviour.timeoutMs;
  }
}

function mappingKey(kind: MappingKind, { source, destination }: UdpPacket): string {
  if (kind === 'host') return source.address;
  return `${endpointText(source)}>${filterKey(kind, destination)}`;
}

function filterKey(dependence: Dependence, far: Endpoint): string {
  if (dependence === 'independent') return '*';
  return dependence === 'address' ? far.address : endpointText(far);
}
