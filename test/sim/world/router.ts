// The networks of the tenants in the world: who is where, and the way of each inner packet (RFC 1812 section 5.2).

import type { Member } from '../../../src/ike/pad.ts';
import { ErrorReplies } from '../../../src/route/errors.ts';
import { forward } from '../../../src/route/forward.ts';
import { gatewayAnswer } from '../../../src/route/gateway-service.ts';
import { RouteTable } from '../../../src/route/network.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import type { Prefix } from '../../../src/wire/prefix.ts';
import type { Clock } from './clock.ts';
import type { Shell } from './shell.ts';

export class Router {
  readonly #clock: Clock;
  readonly #shellOf: (route: number) => Shell | null;
  readonly #tables = new Map<string, RouteTable>();
  readonly #routes = new Map<string, number>();

  constructor(clock: Clock, shellOf: (route: number) => Shell | null) {
    this.#clock = clock;
    this.#shellOf = shellOf;
  }

  /** The older connection of the same member is ended. */
  joined(member: Member, shell: Shell): void {
    const older = this.#routes.get(member.member);
    this.#routes.set(member.member, shell.route);
    const table = this.#table(member);
    for (const prefix of prefixesOf(member))
      table.insert(prefix, { kind: 'member', member: member.member, route: shell.route });
    if (older !== undefined && older !== shell.route)
      this.#shellOf(older)?.post({ kind: 'terminate', reason: 'replaced' });
  }

  left(member: Member, shell: Shell): void {
    if (this.#routes.get(member.member) !== shell.route) return;
    this.#routes.delete(member.member);
    for (const prefix of prefixesOf(member))
      this.#table(member).insert(prefix, { kind: 'member', member: member.member, route: null });
  }

  routeOf(member: string): number | null {
    return this.#routes.get(member) ?? null;
  }

  forward(from: Shell, packets: readonly Uint8Array[]): void {
    const { member } = from.peer;
    if (member === null) return;
    for (const packet of packets) this.#forwardOne(member, from, packet);
  }

  #forwardOne(member: Member, from: Shell, packet: Uint8Array): void {
    const view = parseIp(packet);
    if (view === null) return;
    const errors = new ErrorReplies(member.gateway);
    const entry = this.#table(member).lookup(view.destination);
    if (entry?.kind === 'gateway') {
      const answer = gatewayAnswer(view, errors, this.#clock.now);
      if (answer !== null) this.#hand(from, answer);
      return;
    }
    const next = entry === null || entry.route === null ? null : this.#shellOf(entry.route);
    if (next === null || entry === null || next.peer.member?.member !== entry.member) return;
    const copy = packet.slice();
    if (forward(parseIp(copy)!, errors, this.#clock.now).kind === 'forward') this.#hand(next, copy);
  }

  #hand(shell: Shell, packet: Uint8Array): void {
    this.#clock.in(1, () => shell.deliver([packet]));
  }

  #table(member: Member): RouteTable {
    const known = this.#tables.get(member.network);
    if (known !== undefined) return known;
    const table = new RouteTable();
    for (const address of member.gateway) table.insert({ address, length: address.length * 8 }, { kind: 'gateway' });
    this.#tables.set(member.network, table);
    return table;
  }
}

function prefixesOf({ addresses, prefixes }: Member): Prefix[] {
  return [...addresses.map((address) => ({ address, length: address.length * 8 })), ...prefixes];
}
