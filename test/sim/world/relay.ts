// A relay in the world: two sockets, no keys, every datagram to the peer that its SPI names; cookies when it is told to.

import type { Primitives } from '../../../src/crypto/primitives.ts';
import { checkCookie, emitChallenge, makeCookie, readInitialRequest } from '../../../src/ike/cookie.ts';
import { routeOf } from '../../../src/route/flow.ts';
import { addMarker, stripMarker } from '../../../src/wire/encap.ts';
import { PORT } from '../../../src/wire/ike-numbers.ts';
import type { Datagram, Path } from '../../../src/wire/path.ts';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { address } from '../initiator/identities.ts';
import { endpointText, type Node, type UdpPacket } from './internet.ts';
import type { Shell } from './shell.ts';

export interface RelayPorts {
  readonly primitives: Primitives;
  readonly uplink: (packet: UdpPacket) => void;
  readonly shellOf: (route: number) => Shell | null;
  /** A peer object for a handshake that has none yet. */
  readonly newShell: () => Shell;
  readonly now: () => number;
}

/** Half-open handshakes are remembered for so long. */
const HALF_OPEN_MS = 60_000;
const SECRET = { version: 1, secret: new Uint8Array(32).fill(7), notAfter: Number.MAX_SAFE_INTEGER };

export class Relay implements Node {
  /** As its own sockets see it. */
  readonly address: string;
  cookies = false;
  uplink: (packet: UdpPacket) => void;
  readonly counts = { keepalives: 0, noise: 0, stray: 0 };
  readonly #ports: RelayPorts;
  readonly #halfOpen = new Map<string, { readonly route: number; readonly until: number }>();

  constructor(at: string, ports: RelayPorts) {
    this.address = at;
    this.uplink = ports.uplink;
    this.#ports = ports;
  }

  /** Forgets the half-open table; nothing else is kept here. */
  restart(): void {
    this.#halfOpen.clear();
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
    if (flow.kind === 'keepalive') this.counts.keepalives++;
    else if (flow.kind === 'noise') this.counts.noise++;
    else if (flow.kind === 'initial') this.#initial(datagram, flow.SPIi, endpointText(packet.source));
    else this.#toRoute(flow.route, datagram);
  }

  send({ path, octets }: Datagram): void {
    const source = { address: this.address, port: path.localPort };
    this.uplink({ source, destination: { address: formatAddress(path.remoteAddress), port: path.remotePort }, octets });
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
    const now = this.#ports.now();
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
    return checkCookie(this.#ports.primitives.hmac, [SECRET], request, source, this.#ports.now());
  }

  #challenge({ path, octets }: Datagram): void {
    const request = readInitialRequest(stripMarker(octets));
    if (request === null) return;
    const source = { address: path.remoteAddress, port: path.remotePort };
    const challenge = emitChallenge(request.SPIi, makeCookie(this.#ports.primitives.hmac, SECRET, request, source));
    this.send({ path, octets: path.localPort === PORT.NAT_T ? addMarker(challenge) : challenge });
  }
}
