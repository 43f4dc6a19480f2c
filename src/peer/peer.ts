// One remote peer: IKE and ESP joined, with two doors. IKE goes in steps that change nothing until they are committed; ESP goes on beside.

import type { Primitives } from '../crypto/primitives.ts';
import { obey } from '../ike/command.ts';
import { dispatch } from '../ike/dispatch.ts';
import { askedAgain, followsEsp, movedTo } from '../ike/follow.ts';
import { elapse, nextDeadline, renew } from '../ike/lifetime.ts';
import type { Member, Pad } from '../ike/pad.ts';
import { pump, repeat } from '../ike/request.ts';
import { currentSa, memberOf, ownSpi, withSa } from '../ike/sad.ts';
import { noPeer, type PeerState } from '../ike/state.ts';
import { hasTask } from '../ike/task.ts';
import type { Step, Turn } from '../ike/turn.ts';
import { type Datagram, samePath } from '../wire/path.ts';
import { emitCheckpoint, type PeerCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { DataPlane, type Sealed } from './data-plane.ts';
import { type KeptOpen, mayLengthen, owesKeepalive } from './keepalive.ts';
import type { Reservation } from './marks.ts';
import type { Command, Output } from './output.ts';
import { emitSnapshot, restoreSnapshot } from './snapshot.ts';
import { type PeerStatus, peerStatus } from './status.ts';
import type { Carried } from './traffic.ts';

export interface Ports {
  readonly primitives: Primitives;
  readonly pad: Pad;
}

/** Silence after which something to send makes us ask whether the peer lives. */
const SILENCE_MS = 30_000;
/** Silence after which also a peer without a NAT is asked. */
const LONG_SILENCE_SECONDS = 540;
/** Least time between repetitions that are made because the peer was heard. */
const REPEAT_MS = 1_000;

export class Peer {
  readonly route: number;
  readonly #ports: Ports;
  readonly #plane: DataPlane;
  #state: PeerState = noPeer;
  /** Child SAs to rekey out of turn: their numbers come to an end, or a crash has lost their windows. */
  readonly #rekeyDue = new Set<number>();
  /** ESP has moved while a request of ours waits: the mapping there is fresh now, and may not be when the next repetition is due. */
  #askAgain = false;
  /** The peer was heard while a request of ours waits, and when that was noticed, ms. */
  #wayOpen = false;
  #noticedAt = Number.NEGATIVE_INFINITY;
  /** What the relay has been asked to keep open. */
  #kept: KeptOpen | null = null;

  constructor(ports: Ports, route: number, checkpoint: PeerCheckpoint | null) {
    this.#ports = ports;
    this.route = route;
    this.#plane = new DataPlane(ports.primitives);
    const kept = parseCheckpoint(checkpoint);
    if (kept === null) return;
    this.#adopt(kept.state);
    this.#kept = kept.keepalive;
    const path = currentSa(kept.state)?.path;
    if (path) this.#plane.endpoint.restore(path);
  }

  get member(): Member | null {
    const sa = currentSa(this.#state);
    return sa && memberOf(sa);
  }

  /** Inner packets from the peer and to it so far, their octets, and when something came or went last (ms; 0 for never). */
  get carried(): Carried {
    const { lastIn, lastOut, octetsIn, octetsOut, packetsIn, packetsOut } = this.#plane.traffic;
    return { at: Math.max(lastIn, lastOut), octetsIn, octetsOut, packetsIn, packetsOut };
  }

  stepIke(datagram: Datagram, now: number): Promise<Step> {
    return this.#step(now, (turn, state) => dispatch(turn, state, datagram));
  }

  /** When deadline() has passed. */
  stepTick(now: number): Promise<Step> {
    return this.#step(now, (turn, state) => {
      const before = this.#askedAgain(this.#withRekeys(state), now);
      const after = elapse(turn, before);
      return { ...QUIET, ...after, outputs: [...after.outputs, ...this.#repeats(turn, before, after.state)] };
    });
  }

  stepCommand(command: Command, now: number): Promise<Step> {
    return this.#step(now, (turn, state) => ({ ...QUIET, ...obey(turn, state, command) }));
  }

  /** The only writer of IKE state. Synchronous: the shell stores checkpoint() in the same turn and then performs the outputs. */
  commit(step: Step): Output[] {
    const before = this.#state;
    if (pendingOf(step.state).some((pending, i) => pending !== pendingOf(before)[i])) this.#askAgain = false;
    if (step.drop !== null) this.#plane.traffic.drop(step.drop);
    if (step.state !== before) this.#adopt(step.state);
    if (step.heard !== null) {
      const { path, moves, at } = step.heard;
      this.#plane.endpoint.heard(path, moves, at, this.#plane.traffic);
      this.#plane.traffic.heard(at);
      this.#notice(at);
    }
    const gone = before.sas.length > 0 && this.#state.sas.length === 0;
    return [...step.outputs, ...this.#keepalive(), ...(gone ? [{ kind: 'gone' } as const] : [])];
  }

  checkpoint(): PeerCheckpoint | null {
    return emitCheckpoint(this.#state, this.#kept);
  }

  /** ms, or null when time changes nothing. */
  deadline(): number | null {
    const due = this.#withRekeys(this.#state) !== this.#state || !same(this.#kept, this.#keepaliveWanted());
    const asks = (this.#askAgain || this.#wayOpen) && pendingOf(this.#state).some((pending) => pending !== null);
    return due || asks ? 0 : nextDeadline(this.#state);
  }

  /** @returns inner packets whose sender and selectors have been checked. Call reserve() before they go on. */
  async openEsp(datagrams: readonly Datagram[], now: number): Promise<readonly Uint8Array[]> {
    const { member } = this;
    if (member === null) {
      this.#plane.traffic.drop('no-such-spi', datagrams.length);
      return [];
    }
    const before = this.#plane.endpoint.path;
    const packets = await this.#plane.open(member, datagrams, now);
    if (before !== null && before !== this.#plane.endpoint.path) this.#askAgain = true;
    if (this.#plane.traffic.lastIn === now) this.#notice(now);
    return packets;
  }

  /** The SPI that we have named for a child of which the peer has not told us yet; null for none. What comes for it is early, not wrong. */
  get awaitedSpi(): number | null {
    for (const pending of pendingOf(this.#state))
      if (pending?.request.kind === 'rekey-child') return pending.request.newSpiIn;
    return null;
  }

  /** Call reserve() before. @param room for the datagrams: the caller's again when they have been sent. */
  async sealEsp(packets: readonly Uint8Array[], now: number, room?: Uint8Array): Promise<Sealed> {
    const { member } = this;
    return member === null ? { datagrams: [], replies: [] } : this.#plane.seal(member, packets, now, room);
  }

  /** @returns what is to be stored before it is granted, or null when nothing is due. */
  reserve(): Reservation | null {
    return this.#plane.reserve();
  }

  /** What is reserved must be granted in this turn: a crash would let packets in again that go on now. */
  get overdrawn(): boolean {
    return this.#plane.overdrawn;
  }

  /** @param now ms. */
  grant(reservation: Reservation, now: number): void {
    this.#plane.grant(reservation, now);
    for (const spiIn of this.#plane.exhausting()) this.#rekeyDue.add(spiIn);
  }

  /** For the socket's attachment: what hibernation must not lose. */
  windows(): Uint8Array {
    return emitSnapshot(this.#plane);
  }

  /**
   * After construction from a checkpoint.
   * @param windows null after a crash: then everything that the peer may have sent before is refused, and the child SAs are rekeyed.
   */
  woke(how: { readonly windows: Uint8Array | null; readonly marks: Reservation | null }): void {
    if (how.marks?.mapping) this.#plane.endpoint.mapping = how.marks.mapping;
    const restored = how.windows === null ? new Set<number>() : restoreSnapshot(this.#plane, how.windows);
    for (const [spiIn, mark] of how.marks?.marks ?? []) {
      this.#plane.resume(spiIn, mark);
      if (restored.has(spiIn)) continue;
      this.#plane.tunnel(spiIn)?.window.raise(mark.inbound);
      this.#rekeyDue.add(spiIn);
    }
    if (how.marks?.path) this.#plane.endpoint.restore(how.marks.path);
  }

  /** Something is being sent, and nothing has come for long. */
  wantsLiveness(now: number): boolean {
    const { lastIn, lastOut } = this.#plane.traffic;
    const sa = currentSa(this.#state);
    if (sa === null || sa.phase.name !== 'established' || hasTask(sa, LIVENESS)) return false;
    // Since it was authenticated, and not since its last rekey: that says nothing of the way that ESP takes.
    return lastOut > lastIn && now - Math.max(lastIn, sa.phase.since) > SILENCE_MS;
  }

  /** Whether so long a silence, without even a keepalive, says that the peer may be gone. Only those behind a NAT send keepalives. */
  suspects(silentSeconds: number): boolean {
    const sa = currentSa(this.#state);
    if (silentSeconds === 0 || sa === null || hasTask(sa, LIVENESS)) return false;
    return silentSeconds >= LONG_SILENCE_SECONDS || sa.traits.nat === 'peer' || sa.traits.nat === 'both';
  }

  /** @returns null while nobody is authenticated. */
  status(): PeerStatus | null {
    return peerStatus(this.route, this.#state, this.#plane, this.#kept);
  }

  async #step(now: number, decide: (turn: Turn, state: PeerState) => Promise<Step> | Step): Promise<Step> {
    const turn: Turn = { ...this.#ports, route: this.route, now, espPath: this.#plane.endpoint.path };
    const before = this.#state;
    const step = await decide(turn, this.#onPath(before, now));
    if (step.drop !== null) return { ...step, state: before };
    const pumped = await pump(turn, step.state);
    return { ...step, state: pumped.state, outputs: [...step.outputs, ...pumped.outputs] };
  }

  /** Requests of ours go where the peer was last heard, be it by ESP; a MOBIKE peer says itself where they go. */
  #onPath(state: PeerState, now: number): PeerState {
    const { path } = this.#plane.endpoint;
    if (path === null) return state;
    const elsewhere = state.sas.filter(
      (sa) => memberOf(sa) !== null && sa.mobility === null && !samePath(path, sa.path),
    );
    return elsewhere.reduce((next, sa) => withSa(next, movedTo(sa, path, now)), state);
  }

  #adopt(state: PeerState): void {
    this.#state = state;
    const sa = currentSa(state);
    this.#plane.endpoint.policy = {
      followsEsp: sa === null || followsEsp(sa),
      keptOpen: owesKeepalive(sa?.traits.nat),
      lengthens: mayLengthen(sa?.traits.nat),
    };
    this.#plane.reconcile(state.children);
    for (const spiIn of this.#rekeyDue) if (renew(state, spiIn) === state) this.#rekeyDue.delete(spiIn);
  }

  #withRekeys(state: PeerState): PeerState {
    return [...this.#rekeyDue].reduce(renew, state);
  }

  #askedAgain(state: PeerState, now: number): PeerState {
    if (!this.#askAgain) return state;
    return state.sas.reduce((next, sa) => withSa(next, askedAgain(sa, now)), state);
  }

  /**
   * The peer has just been heard. A request that it has not answered in a second goes out again at once where its next try is further away:
   * a mapping that was gone when it went may be there now, and be gone again by then.
   */
  #notice(at: number): void {
    const late = pendingOf(this.#state).some(
      (pending) => pending !== null && pending.tries > 1 && pending.resendAt - at > REPEAT_MS,
    );
    if (!late || at - this.#noticedAt < REPEAT_MS) return;
    this.#noticedAt = at;
    this.#wayOpen = true;
  }

  #repeats(turn: Turn, before: PeerState, after: PeerState): Output[] {
    if (!this.#wayOpen) return [];
    this.#wayOpen = false;
    return after.sas.flatMap((sa) => {
      const same = before.sas.find((known) => ownSpi(known) === ownSpi(sa));
      return same === undefined ? [] : repeat(turn, same, sa);
    });
  }

  /** What the relay must be told when something else is to be kept open. */
  #keepalive(): Output[] {
    const before = this.#kept;
    const after = this.#keepaliveWanted();
    if (same(before, after)) return [];
    this.#kept = after;
    const elsewhere = before !== null && (after === null || !samePath(before.path, after.path));
    return [
      ...(elsewhere ? [{ kind: 'keepalive', path: before.path, seconds: 0 } as const] : []),
      ...(after ? [{ kind: 'keepalive', ...after } as const] : []),
    ];
  }

  /** Behind a NAT of its own, the gateway keeps the mapping open. */
  #keepaliveWanted(): KeptOpen | null {
    const { path, mapping, policy } = this.#plane.endpoint;
    return path !== null && policy.keptOpen ? { path, seconds: mapping.keepalive.seconds } : null;
  }
}

function pendingOf({ sas }: PeerState) {
  return sas.map(({ outbound }) => outbound.pending);
}

const LIVENESS = { kind: 'liveness' } as const;
const QUIET = { drop: null, heard: null } as const;

function same(a: KeptOpen | null, b: KeptOpen | null): boolean {
  return a === null || b === null ? a === b : a.seconds === b.seconds && samePath(a.path, b.path);
}
