// Where each datagram goes: to the uplink of its route, back to its sender as a stateless answer, or nowhere. Opens no socket itself.

import { randomInt } from 'node:crypto';
import { type InitialRequest, readInitialRequest, type Source } from '../src/ike/cookie.ts';
import { routeOf } from '../src/route/flow.ts';
import { formatAddress, parseAddress } from '../src/wire/address.ts';
import type { Path } from '../src/wire/path.ts';
import type { Admission, Verdict } from './admission.ts';
import { type Answers, ikeIn, type Sender } from './answers.ts';
import { sourceOf } from './budget.ts';
import { ExpiringMap } from './expiring-map.ts';
import { HalfOpen } from './half-open.ts';
import type { KeepaliveWheel } from './keepalive.ts';
import type { KnownPath } from './known-paths.ts';
import type { Counts } from './metrics.ts';
import type { PathTable } from './paths.ts';
import type { LocalSocket } from './udp.ts';
import type { Uplink } from './uplink.ts';
import type { End } from './uplink-ports.ts';
import type { Uplinks } from './uplinks.ts';

const ROUTES = 2 ** 24;
const DEAD_LIMIT = 65_536;
const DEAD_LIFETIME = 30_000;
/** Routes tried for one handshake. */
const TRIES = 3;
const KEEPALIVE = Uint8Array.of(0xff);

export interface SwitchboardPorts {
  readonly uplinks: Pick<Uplinks, 'get' | 'dial'>;
  readonly paths: PathTable;
  readonly admission: Admission;
  readonly answers: Answers;
  readonly keepalives: KeepaliveWheel<KnownPath>;
  readonly counts: Counts;
  /** ms, never backwards. */
  readonly now: () => number;
  readonly socketOf: (path: Path) => LocalSocket | null;
  /** @returns false when the datagram was dropped, and counted. */
  readonly send: (socket: LocalSocket, octets: Uint8Array, address: string, port: number) => boolean;
}

export class Switchboard {
  readonly #ports: SwitchboardPorts;
  readonly #halfOpen = new HalfOpen();
  readonly #dead = new ExpiringMap<number, true>(DEAD_LIMIT, DEAD_LIFETIME);

  constructor(ports: SwitchboardPorts) {
    this.#ports = ports;
  }

  /** From a client. */
  receive(socket: LocalSocket, octets: Uint8Array, address: string, port: number): void {
    const { counts, paths } = this.#ports;
    const now = this.#ports.now();
    const flow = routeOf(socket.publicPort, octets);
    counts.received[flow.kind] += 1;
    if (port === 0) return;
    switch (flow.kind) {
      case 'esp':
      case 'ike': {
        const uplink =
          this.#ports.uplinks.get(flow.route) ??
          this.#wake(flow.kind, flow.route, { socket, address, port }, octets, now);
        if (uplink !== null) this.#forward(uplink, socket, address, port, octets, now);
        break;
      }
      case 'initial':
        this.#begin({ socket, address, port }, octets, now);
        break;
      case 'keepalive':
        paths.heard(socket, address, port, now);
        break;
      case 'noise':
        break;
    }
  }

  /** From the edge. */
  down(uplink: Uplink, path: Path, octets: Uint8Array, now: number): void {
    const known = this.#knownAt(uplink, path, now);
    if (known === null) return;
    const { remote } = known;
    remote.sent = now;
    if (this.#ports.send(remote.socket, octets, remote.address, remote.port)) this.#ports.counts.sent.datagram += 1;
  }

  /** The edge wants this path kept alive from our side; 0 seconds: no longer. */
  keepalive(uplink: Uplink, path: Path, seconds: number): void {
    const known = this.#knownAt(uplink, path, this.#ports.now());
    if (known !== null) this.#ports.keepalives.set(known, seconds);
  }

  /** One second has passed. */
  tick(now: number): void {
    this.#ports.keepalives.tick(
      ({ remote }) => (now - remote.sent) / 1000,
      ({ remote }) => {
        remote.sent = now;
        const sent = this.#ports.send(remote.socket, KEEPALIVE, remote.address, remote.port);
        if (sent) this.#ports.counts.sent.keepalive += 1;
      },
    );
  }

  /** The edge has something to send by this route. */
  dial(route: number): void {
    this.#dead.delete(route);
    if (this.#ports.uplinks.get(route) === undefined) this.#ports.uplinks.dial(route, null);
  }

  /** An uplink is over. */
  ended(uplink: Uplink, why: End): void {
    if (why === 'taken' && this.#redirect(uplink)) return;
    const { counts } = this.#ports;
    if (uplink.origin !== null) this.#halfOpen.end(uplink.origin.key);
    const leftovers = uplink.leftovers();
    counts.dropped['uplink-ended'] += leftovers.length;
    if (why === 'taken') return;
    if (why !== 'no-such-sa') {
      counts.closed[why] += 1;
      return;
    }
    const now = this.#ports.now();
    this.#dead.set(uplink.route, true, now);
    for (const { remote, octets } of leftovers) this.#ports.answers.denyKnowledge(remote, octets, now);
  }

  halfOpen(now: number): number {
    return this.#halfOpen.count(now);
  }

  deadRoutes(now: number): number {
    return this.#dead.count(now);
  }

  #forward(uplink: Uplink, socket: LocalSocket, address: string, port: number, octets: Uint8Array, now: number): void {
    const known = uplink.known.find(socket, address, port) ?? uplink.known.learn(socket, address, port, now);
    if (known === null) return;
    known.remote.heard = now;
    uplink.forward(known.remote, octets, now);
  }

  /** A datagram of an SA that this relay has no uplink for: it may have moved here, or be a forgery. */
  #wake(kind: 'esp' | 'ike', route: number, sender: Sender, octets: Uint8Array, now: number): Uplink | null {
    const { counts, admission, uplinks } = this.#ports;
    if (this.#dead.get(route, now)) {
      counts.dropped['dead-route'] += 1;
      if (kind === 'ike') this.#ports.answers.denyKnowledge(sender, octets, now);
      return null;
    }
    const remoteAddress = parseAddress(sender.address);
    if (remoteAddress === null) return null;
    const verdict = admission.wake(kind, sourceOf(remoteAddress), now);
    if (verdict === 'admit') return uplinks.dial(route, null);
    counts.dropped[verdict === 'refuse-source' ? 'source-limit' : 'total-limit'] += 1;
    return null;
  }

  /** An IKE_SA_INIT request. */
  #begin(sender: Sender, octets: Uint8Array, now: number): void {
    const { uplinks, counts, answers } = this.#ports;
    const { socket, address, port } = sender;
    const request = readInitialRequest(ikeIn(socket, octets));
    const remoteAddress = parseAddress(address);
    if (request === null || remoteAddress === null) {
      counts.dropped['malformed-initial'] += 1;
      answers.denyVersion(sender, octets, now);
      return;
    }
    const key = HalfOpen.key(address, port, request.SPIi);
    const begun = this.#halfOpen.route(key, now);
    const uplink = begun === undefined ? undefined : uplinks.get(begun);
    if (uplink !== undefined) {
      this.#forward(uplink, socket, address, port, octets, now);
      return;
    }
    const at = { address: remoteAddress, port };
    const verdict = this.#judge(request, at, now);
    if (verdict === 'admit') this.#forward(this.#dialNew(key, 0, now), socket, address, port, octets, now);
    else if (verdict === 'challenge') answers.challenge(sender, octets, request, at);
    else counts.dropped[verdict === 'refuse-source' ? 'source-limit' : 'total-limit'] += 1;
  }

  #judge(request: InitialRequest, at: Source, now: number): Verdict {
    const { admission, answers } = this.#ports;
    const source = sourceOf(at.address);
    return answers.proves(request, at) ? admission.proven(source, now) : admission.newcomer(source, now);
  }

  #dialNew(key: string, tries: number, now: number): Uplink {
    let route = randomInt(1, ROUTES);
    while (this.#ports.uplinks.get(route) !== undefined) route = randomInt(1, ROUTES);
    this.#halfOpen.begin(key, route, now);
    return this.#ports.uplinks.dial(route, { key, tries });
  }

  /** The route was in use: the handshake goes on by another. @returns false when enough have been tried. */
  #redirect(uplink: Uplink): boolean {
    const { origin } = uplink;
    if (origin === null || origin.tries + 1 >= TRIES) return false;
    const now = this.#ports.now();
    const next = this.#dialNew(origin.key, origin.tries + 1, now);
    for (const { remote, octets } of uplink.leftovers()) {
      this.#forward(next, remote.socket, remote.address, remote.port, octets, now);
    }
    return true;
  }

  /** @returns null, counted, when the path's near end is not here. */
  #knownAt(uplink: Uplink, path: Path, now: number): KnownPath | null {
    let known: KnownPath | null | undefined = uplink.known.at(path);
    if (known === undefined) {
      const socket = this.#ports.socketOf(path);
      known = socket && uplink.known.learn(socket, formatAddress(path.remoteAddress), path.remotePort, now);
    }
    if (known === null) this.#ports.counts.dropped['no-local-socket'] += 1;
    else known.confirmed = true;
    return known;
  }
}
