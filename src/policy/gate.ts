// Decides about each packet between one member and the others: the rules about what begins, its flows about what answers.

import { isIcmpError } from '../wire/icmp.ts';
import type { IpView } from '../wire/ip.ts';
import { quotedPacket } from '../wire/quoted.ts';
import { decide, type Direction, type Facing, face, type Opening } from './facing.ts';
import { type Flow, FlowTable } from './flow-table.ts';
import { FragmentTable } from './fragments.ts';
import type { Party, Verdict } from './policy.ts';
import { quotedTrack, type Track, track } from './track.ts';
import { type AccessView, isOpen } from './view.ts';

/** Others that a gate keeps in mind with the rules between the two. */
const FACINGS = 1_024;

const PASS: Verdict = { allow: true, rule: null };
const STRAY: Verdict = { allow: false, rule: null };

export class Gate {
  #view: AccessView;
  #facings = new Map<string, Facing>();
  readonly #fragments = new FragmentTable();
  readonly flows: FlowTable;
  /** Nothing is denied: packets need not be shown. */
  open: boolean;

  /** Until when nothing was denied and no flow was kept, ms. */
  openUntil: number;

  constructor(view: AccessView, flows = new FlowTable(), openUntil = Number.NEGATIVE_INFINITY) {
    this.#view = view;
    this.flows = flows;
    this.openUntil = openUntil;
    this.open = isOpen(view);
  }

  get view(): AccessView {
    return this.#view;
  }

  /** Flows that the new view lets through go on; the others end with their next packet. */
  replace(view: AccessView, now: number): void {
    if (this.open) this.openUntil = now;
    this.#view = view;
    this.#facings = new Map();
    this.#fragments.clear();
    this.open = isOpen(view);
  }

  /**
   * @param direction `out` for what the member sends.
   * @param other whom it comes from or goes to, as of the epoch of the view; what a member sends to itself passes.
   * @param now ms.
   */
  pass(packet: IpView, direction: Direction, other: Party, now: number): Verdict {
    if (other.member === this.#view.party.member) return PASS;
    const facing = this.#facing(other);
    if (packet.fragmentOffset !== 0) return facing.open || this.#fragments.follows(packet, now) ? PASS : STRAY;
    const verdict = isIcmpError(packet)
      ? this.#error(packet, direction, other.member, facing, now)
      : this.#whole(packet, direction, other.member, facing, now);
    if (packet.moreFragments) this.#fragments.first(packet, verdict.allow, now);
    return verdict;
  }

  #whole(packet: IpView, direction: Direction, other: string, facing: Facing, now: number): Verdict {
    const tracked = track(packet, direction, other);
    if (tracked === null) return decide(facing[direction], untracked(packet, direction));
    if (!tracked.opens && this.#goesOn(tracked, facing, now)) return PASS;
    const verdict = decide(facing[direction], opening(tracked, direction));
    if (verdict.allow && !tracked.answers) this.#begin(tracked, direction, now);
    if (verdict.allow || verdict.rule !== null || tracked.opens) return verdict;
    return this.#adopts(tracked, direction, facing, now) ? PASS : verdict;
  }

  /**
   * While nothing was denied no flow was kept, and none that the rules allow shall break when they begin to: what would be an answer
   * to something allowed, and is denied by no rule but the default, is taken for one, as long after as such a flow lasts.
   */
  #adopts(tracked: Track, direction: Direction, facing: Facing, now: number): boolean {
    if (now - this.openUntil > tracked.lifetime) return false;
    const opener = direction === 'out' ? 'in' : 'out';
    if (!decide(facing[opener], opening(tracked, opener)).allow) return false;
    this.#begin(tracked, opener, now);
    return true;
  }

  #begin({ key, lifetime }: Track, opener: Direction, now: number): void {
    this.flows.open(key, opener, lifetime, this.#view.epoch, now);
  }

  /** About a packet of a flow that was let through, or as any other ICMP. */
  #error(packet: IpView, direction: Direction, other: string, facing: Facing, now: number): Verdict {
    const quoted = packet.icmp === null ? null : quotedPacket(packet);
    const tracked = quoted && quotedTrack(quoted, direction, other);
    if (tracked && this.#mayGoOn(tracked, facing, now) !== null) return PASS;
    return decide(facing[direction], untracked(packet, direction));
  }

  #goesOn(tracked: Track, facing: Facing, now: number): boolean {
    const flow = this.#mayGoOn(tracked, facing, now);
    if (flow === null) return false;
    // A connection that is being closed does not live up again by what is still under way.
    flow.lifetime = Math.min(flow.lifetime, tracked.lifetime);
    this.flows.touch(tracked.key, flow, now);
    return true;
  }

  /** @returns the flow where there is one that the present view lets through as it began. */
  #mayGoOn(tracked: Track, facing: Facing, now: number): Flow | null {
    const flow = this.flows.find(tracked.key, now);
    if (flow === null || flow.epoch === this.#view.epoch) return flow;
    if (!decide(facing[flow.opener], opening(tracked, flow.opener)).allow) {
      this.flows.remove(tracked.key);
      return null;
    }
    flow.epoch = this.#view.epoch;
    return flow;
  }

  #facing(other: Party): Facing {
    const known = this.#facings.get(other.member);
    if (known) return known;
    if (this.#facings.size >= FACINGS) this.#facings.clear();
    const facing = face(this.#view, other);
    this.#facings.set(other.member, facing);
    return facing;
  }
}

function opening(tracked: Track, opener: Direction): Opening {
  const { local, remote, protocol, localPort, remotePort } = tracked;
  return { local, remote, protocol, port: opener === 'out' ? remotePort : localPort };
}

function untracked(packet: IpView, direction: Direction): Opening {
  const { source, destination, protocol, ports } = packet;
  const [local, remote] = direction === 'out' ? [source, destination] : [destination, source];
  return { local, remote, protocol, port: ports?.destination ?? null };
}
