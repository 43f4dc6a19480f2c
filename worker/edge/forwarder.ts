// From a peer to where its inner packets want to go: grouped by destination, asked for where that is not known, never waiting.

import { equal, toHex } from '../../src/bytes/octets.ts';
import type { Member } from '../../src/ike/pad.ts';
import { ErrorReplies, UNDELIVERABLE, type Undeliverable } from '../../src/route/errors.ts';
import { forward } from '../../src/route/forward.ts';
import { gatewayAnswer } from '../../src/route/gateway-service.ts';
import { type IpView, parseIp, withTtlRestored } from '../../src/wire/ip.ts';
import { type Guard, PROHIBITED } from './guard.ts';
import { HeldQueue } from './held-queue.ts';
import { type Answer, type Destination, Lanes, type Session } from './lanes.ts';
import { type Known, Router } from './router.ts';
import type { Resolved } from './standing.ts';

export interface ForwardPorts {
  /** The route of this object: what goes there stays here. */
  readonly route: number;
  readonly member: Member;
  /** The answer is as of the guard's epoch. */
  ask(address: Uint8Array): Promise<Resolved>;
  readonly guard: Pick<Guard, 'open' | 'epoch' | 'passes'>;
  call(to: Destination, packets: Uint8Array[]): Promise<Answer>;
  open(to: Destination): Session;
  /** To the peer itself: answers of the gateway, and packets to its own addresses. */
  back(packets: readonly Uint8Array[]): void;
  /** The object of that route does not know the member. */
  suspect(to: Destination): void;
  /** Keeps the object awake until the work has ended. */
  hold(work: Promise<void>): void;
  drop(reason: string, count: number): void;
  failed(event: string, thrown: unknown): void;
}

/** Destinations asked for at the same time. */
const QUESTIONS = 64;

interface Group {
  readonly to: Destination & { readonly known: Known };
  readonly packets: Uint8Array[];
}

export class Forwarder {
  readonly #ports: ForwardPorts;
  readonly #router = new Router();
  readonly #lanes: Lanes;
  readonly #questions = new Map<string, HeldQueue>();
  readonly #errors: ErrorReplies;

  /** One for as long as the peer is the same member. */
  constructor(ports: ForwardPorts) {
    this.#ports = ports;
    this.#errors = new ErrorReplies(ports.member.gateway);
    this.#lanes = new Lanes({
      call: (to, packets) => ports.call(to, packets),
      open: (to) => ports.open(to),
      lost: (to, why, packets) => this.#lost(to as Group['to'], why, packets),
      dropped: (packets) => ports.drop('destination-slow', packets),
      hold: (work) => ports.hold(work),
    });
  }

  get member(): Member {
    return this.#ports.member;
  }

  /** Takes packets whose sender and selectors have been checked. */
  forward(packets: readonly Uint8Array[], now: number): void {
    const ports = this.#ports;
    const groups = new Map<number, Group>();
    const back: Uint8Array[] = [];
    for (const packet of packets) {
      const view = parseIp(packet);
      if (view === null) ports.drop('not-ip', 1);
      else this.#place(view, groups, back, now);
    }
    for (const { to, packets: batch } of groups.values()) this.#lanes.send(to, batch);
    if (back.length > 0) ports.back(back);
  }

  #place(view: IpView, groups: Map<number, Group>, back: Uint8Array[], now: number): void {
    const known = this.#lookup(view, now);
    if (known === null) {
      this.#ask(view, now);
    } else if (known === 'gateway') {
      const answer = gatewayAnswer(view, this.#errors, now);
      if (answer) back.push(answer);
    } else if (known.entry?.kind !== 'member' || known.entry.route === null) {
      this.#refuse(view, known.entry === null ? 'no-route' : 'offline', back, now);
    } else {
      const { member, route } = known.entry;
      if (this.#mayPass(view, known, back, now)) this.#onward(view, { member, route, known }, groups, back, now);
    }
  }

  /** Whether the member may send it to whom it is for. Where that is known as of another epoch, the packet waits to be told. */
  #mayPass(view: IpView, known: Known, back: Uint8Array[], now: number): boolean {
    const { guard, member } = this.#ports;
    if (guard.open) return true;
    if (known.standing?.epoch !== guard.epoch) {
      this.#router.forget(known);
      this.#ask(view, now);
      return false;
    }
    if (guard.passes(view, member.gateway, known.standing, now)) return true;
    const error = this.#errors.about(view, PROHIBITED, now);
    if (error) back.push(error);
    return false;
  }

  #onward(view: IpView, to: Group['to'], groups: Map<number, Group>, back: Uint8Array[], now: number): void {
    const hop = forward(view, this.#errors, now);
    if (hop.kind !== 'forward') this.#ports.drop('ttl-exceeded', 1);
    if (hop.kind === 'reply') back.push(hop.packet);
    if (hop.kind !== 'forward') return;
    const group = groups.get(to.route);
    if (to.route === this.#ports.route) back.push(view.octets);
    else if (group) group.packets.push(view.octets);
    else groups.set(to.route, { to, packets: [view.octets] });
  }

  #lookup(view: IpView, now: number): Known | 'gateway' | null {
    const { destination } = view;
    for (const address of this.#ports.member.gateway) if (equal(address, destination)) return 'gateway';
    const known = this.#router.lookup(destination, now);
    if (known?.entry?.kind === 'gateway') return 'gateway';
    if (known && this.#router.isDue(known, now)) this.#ask(view, now, false);
    return known;
  }

  /** Asks for a destination, once at a time; the packet waits for the answer unless it can go on without. */
  #ask(view: IpView, now: number, waits = true): void {
    const ports = this.#ports;
    const questions = this.#questions;
    const key = toHex(view.destination);
    const asked = questions.get(key);
    const queue = asked ?? new HeldQueue();
    if (waits && (questions.size >= QUESTIONS || queue.hold([view.octets], now) > 0)) {
      ports.drop('destination-unknown', 1);
      return;
    }
    if (asked || questions.size >= QUESTIONS) return;
    questions.set(key, queue);
    ports.hold(this.#question(key, new Uint8Array(view.destination), queue));
  }

  async #question(key: string, address: Uint8Array, queue: HeldQueue): Promise<void> {
    try {
      const answer = await this.#ports.ask(address);
      const now = Date.now();
      this.#router.learn(answer, now);
      this.#questions.delete(key);
      this.forward(queue.take(now), now);
    } catch (thrown) {
      this.#questions.delete(key);
      this.#ports.failed('resolve-failed', thrown);
    }
  }

  #refuse(view: IpView, why: Undeliverable, back: Uint8Array[], now: number): void {
    this.#ports.drop(why, 1);
    const error = this.#errors.about(view, UNDELIVERABLE[why], now);
    if (error) back.push(error);
  }

  #lost(to: Group['to'], why: 'gone' | 'failed', packets: readonly Uint8Array[]): void {
    const ports = this.#ports;
    if (why === 'failed') {
      ports.drop('destination-failed', packets.length);
      return;
    }
    this.#router.forget(to.known);
    ports.suspect(to);
    for (const batch of byDestination(packets)) ports.hold(this.#again(to, batch));
  }

  /** A member that has connected anew has another route: what came too late for the old one goes there. */
  async #again(lost: Group['to'], batch: readonly IpView[]): Promise<void> {
    const ports = this.#ports;
    try {
      const answer = await ports.ask(new Uint8Array(batch[0]!.destination));
      const { entry } = answer;
      const now = Date.now();
      const isMember = entry?.kind === 'member';
      const isSame = isMember && entry.member === lost.member && entry.route === lost.route;
      // Where the network does not know better yet, nobody is there for a second.
      const known = this.#router.learn(isSame ? { ...answer, entry: { ...entry, route: null } } : answer, now);
      if (!isSame && isMember && entry.route !== null) {
        const to = { member: entry.member, route: entry.route, known };
        const back: Uint8Array[] = [];
        const packets = batch.filter((view) => this.#mayPass(view, known, back, now)).map((view) => view.octets);
        if (entry.route === ports.route) back.push(...packets);
        else if (packets.length > 0) this.#lanes.send(to, packets);
        if (back.length > 0) ports.back(back);
        return;
      }
      const back: Uint8Array[] = [];
      for (const view of batch) this.#refuse(withTtlRestored(view), entry === null ? 'no-route' : 'offline', back, now);
      if (back.length > 0) ports.back(back);
    } catch (thrown) {
      ports.drop('destination-gone', batch.length);
      ports.failed('resolve-failed', thrown);
    }
  }
}

function byDestination(packets: readonly Uint8Array[]): Iterable<readonly IpView[]> {
  const batches = new Map<string, IpView[]>();
  for (const packet of packets) {
    const view = parseIp(packet);
    if (view === null) continue;
    const key = toHex(view.destination);
    const batch = batches.get(key);
    if (batch) batch.push(view);
    else batches.set(key, [view]);
  }
  return batches.values();
}
