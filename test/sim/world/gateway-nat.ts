// NATs that are no client's: before the gateway (N17, N18), and between the families (N29).

import { concat } from '../../../src/bytes/octets.ts';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { address } from '../initiator/identities.ts';
import type { Clock } from './clock.ts';
import { type Endpoint, endpointText, type Node, type UdpPacket } from './internet.ts';
import type { Access } from './sim-client.ts';

/** A fixed one-to-one translation: the cloud's elastic address. */
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

const FIRST_MASQUERADED = 61_000;

/**
 * Forwards what comes to its ports, and remembers each flow for a while only: what the server sends after that is a new flow, which gets
 * a port that no client knows.
 */
export class ForgetfulNat extends StaticNat {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #flows = new Map<string, { readonly port: number; lastUsed: number }>();
  #next = FIRST_MASQUERADED;

  constructor(
    publicAddress: string,
    innerAddress: string,
    inner: Node,
    uplink: (packet: UdpPacket) => void,
    clock: Clock,
    timeoutMs: number,
  ) {
    super(publicAddress, innerAddress, inner, uplink);
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  override send(packet: UdpPacket): void {
    const { port } = this.#flow(packet.source.port, packet.destination, () => this.#next++);
    super.send({ ...packet, source: { ...packet.source, port } });
  }

  override accept(packet: UdpPacket): void {
    const { port } = packet.destination;
    const flow = this.#flow(port, packet.source, () => port);
    if (flow.port !== port) this.#flows.set(flowKey(port, packet.source), { port, lastUsed: this.#clock.now });
    super.accept(packet);
  }

  #flow(inner: number, far: Endpoint, choose: () => number) {
    const key = flowKey(inner, far);
    const known = this.#flows.get(key);
    const alive = known !== undefined && this.#clock.now - known.lastUsed <= this.#timeoutMs;
    const flow = alive ? known : { port: choose(), lastUsed: 0 };
    flow.lastUsed = this.#clock.now;
    this.#flows.set(key, flow);
    return flow;
  }
}

function flowKey(inner: number, far: Endpoint): string {
  return `${inner}<${endpointText(far)}`;
}

/** 64:ff9b::/96, the Well-Known Prefix of RFC 6052. */
const PREFIX = Uint8Array.of(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0);

/** An IPv4 address as IPv6 hosts behind a NAT64 write it. */
export function throughNat64(ipv4: string): string {
  return formatAddress(concat(PREFIX, address(ipv4)));
}

/** The family translation of RFC 6146: IPv6 inside, and any NAT of IPv4 for its outside. */
export class Nat64 implements Access {
  readonly #nat: Access;

  constructor(nat: Access) {
    this.#nat = nat;
  }

  attach(at: string, node: Node): void {
    this.#nat.attach(at, { accept: (packet) => node.accept({ ...packet, source: asIpv6(packet.source) }) });
  }

  detach(at: string): void {
    this.#nat.detach(at);
  }

  send(packet: UdpPacket): void {
    this.#nat.send({ ...packet, destination: asIpv4(packet.destination) });
  }
}

function asIpv6(far: Endpoint): Endpoint {
  return { ...far, address: throughNat64(far.address) };
}

function asIpv4(far: Endpoint): Endpoint {
  return { ...far, address: formatAddress(address(far.address).subarray(12)) };
}
