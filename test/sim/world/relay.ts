// A relay in the world: two sockets, no keys, every datagram to the peer that its SPI names; cookies when it is told to.

import { silence } from '../../../relay/silence.ts';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import { checkCookie, emitChallenge, makeCookie, readInitialRequest } from '../../../src/ike/cookie.ts';
import { type Flow, routeOf } from '../../../src/route/flow.ts';
import { addMarker, stripMarker } from '../../../src/wire/encap.ts';
import { PORT } from '../../../src/wire/ike-numbers.ts';
import { type Datagram, formatPath, type Path } from '../../../src/wire/path.ts';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { address } from '../initiator/identities.ts';
import { endpointText, type Node, type UdpPacket } from './internet.ts';
import type { Clock } from './clock.ts';
import type { Shell } from './shell.ts';

export interface RelayPorts {
  readonly primitives: Primitives;
  readonly uplink: (packet: UdpPacket) => void;
  readonly shellOf: (route: number) => Shell | null;
  /** A peer object for a handshake that has none yet. */
  readonly newShell: () => Shell;
  readonly clock: Clock;
}

/** A path that a peer was heard on: RFC 3948 section 4 keepalives go out on it where they were asked for. */
interface Known {
  readonly path: Path;
  route: number;
  heardAt: number;
  reportedAt: number;
  /** ms between keepalives, 0 for none, and which round of them is in force. */
  every: number;
  round: number;
}

/** Half-open handshakes are remembered for so long. */
const HALF_OPEN_MS = 60_000;
/** How often paths are looked through for those that are silent. */
const SILENCE_ROUND_MS = 30_000;
const KEEPALIVE = Uint8Array.of(0xff);
const SECRET = { version: 1, secret: new Uint8Array(32).fill(7), notAfter: Number.MAX_SAFE_INTEGER };

export class Relay implements Node {
  /** As its own sockets see it. */
  readonly address: string;
  cookies = false;
  uplink: (packet: UdpPacket) => void;
  readonly counts = { keepalives: 0, noise: 0, stray: 0, keepalivesSent: 0 };
  readonly #ports: RelayPorts;
  readonly #halfOpen = new Map<string, { readonly route: number; readonly until: number }>();
  readonly #known = new Map<string, Known>();
  #watching = false;

  constructor(at: string, ports: RelayPorts) {
    this.address = at;
    this.uplink = ports.uplink;
    this.#ports = ports;
  }

  /** Forgets the half-open table. */
  restart(): void {
    this.#halfOpen.clear();
  }

  /** The edge asks for keepalives on a path; 0 seconds stops them. */
  keep(route: number, path: Path, seconds: number): void {
    const known = this.#knownAt(path, route);
    known.every = seconds * 1000;
    this.#tick(known, ++known.round);
  }

  /** Nothing is left of a peer. */
  release(route: number): void {
    for (const [key, known] of this.#known) {
      if (known.route !== route) continue;
      known.round++;
      this.#known.delete(key);
    }
  }

  accept(packet: UdpPacket): void {
    const { port } = packet.destination;
    if (port !== PORT.IKE && port !== PORT.NAT_T) return;
    const path: Path = {
      localAddress: address(this.address),
      localPort: port,
      remoteAddress: address(packet.source.address),
      remotePort: packet.source.port,
    };
    const datagram = { path, octets: packet.octets };
    const flow = routeOf(port, packet.octets);
    this.#hear(path, flow);
    if (flow.kind === 'keepalive') this.counts.keepalives++;
    else if (flow.kind === 'noise') this.counts.noise++;
    else if (flow.kind === 'initial') this.#initial(datagram, flow.SPIi, endpointText(packet.source));
    else this.#toRoute(flow.route, datagram);
  }

  send({ path, octets }: Datagram): void {
    const source = { address: this.address, port: path.localPort };
    this.uplink({ source, destination: { address: formatAddress(path.remoteAddress), port: path.remotePort }, octets });
  }

  /** Strangers take no room here: a path is known by a datagram that named a route. */
  #hear(path: Path, flow: Flow): void {
    const known = 'route' in flow ? this.#knownAt(path, flow.route) : this.#known.get(formatPath(path));
    if (known !== undefined) known.heardAt = this.#ports.clock.now;
  }

  #knownAt(path: Path, route: number): Known {
    const key = formatPath(path);
    const known = this.#known.get(key) ?? { path, route, heardAt: 0, reportedAt: 0, every: 0, round: 0 };
    known.route = route;
    this.#known.set(key, known);
    if (!this.#watching) this.#watch();
    this.#watching = true;
    return known;
  }

  #tick(known: Known, round: number): void {
    if (known.every === 0) return;
    this.#ports.clock.in(known.every, () => {
      if (round !== known.round) return;
      this.counts.keepalivesSent++;
      this.send({ path: known.path, octets: KEEPALIVE });
      this.#tick(known, round);
    });
  }

  #watch(): void {
    const { clock, shellOf } = this.#ports;
    clock.in(SILENCE_ROUND_MS, () => {
      for (const known of this.#known.values()) {
        const seconds = silence(known.heardAt, known.reportedAt, clock.now);
        if (seconds === null) continue;
        known.reportedAt = clock.now;
        shellOf(known.route)?.silent(seconds);
      }
      this.#watch();
    });
  }

  #toRoute(route: number, datagram: Datagram): void {
    const shell = this.#ports.shellOf(route);
    if (shell === null) this.counts.stray++;
    else shell.receive(datagram);
  }

  #initial(datagram: Datagram, SPIi: bigint, from: string): void {
    if (this.cookies && !this.#hasCookie(datagram)) {
      this.#challenge(datagram);
      return;
    }
    const now = this.#ports.clock.now;
    const key = `${from}/${SPIi}`;
    const known = this.#halfOpen.get(key);
    const live = known !== undefined && known.until > now ? this.#ports.shellOf(known.route) : null;
    const shell = live ?? this.#ports.newShell();
    if (live === null) this.#halfOpen.set(key, { route: shell.route, until: now + HALF_OPEN_MS });
    shell.receive(datagram);
  }

  #hasCookie({ path, octets }: Datagram): boolean {
    const request = readInitialRequest(stripMarker(octets));
    if (request === null) return true;
    const source = { address: path.remoteAddress, port: path.remotePort };
    return checkCookie(this.#ports.primitives.hmac, [SECRET], request, source, this.#ports.clock.now);
  }

  #challenge({ path, octets }: Datagram): void {
    const request = readInitialRequest(stripMarker(octets));
    if (request === null) return;
    const source = { address: path.remoteAddress, port: path.remotePort };
    const challenge = emitChallenge(request.SPIi, makeCookie(this.#ports.primitives.hmac, SECRET, request, source));
    this.send({ path, octets: path.localPort === PORT.NAT_T ? addMarker(challenge) : challenge });
  }
}
