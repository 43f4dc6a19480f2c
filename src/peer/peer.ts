// One remote peer: IKE and ESP joined, with two doors. IKE goes in steps that change nothing until they are committed; ESP goes on beside.

import type { Primitives } from '../crypto/primitives.ts';
import { dispatch } from '../ike/dispatch.ts';
import { elapse, nextDeadline } from '../ike/lifetime.ts';
import type { Member, Pad } from '../ike/pad.ts';
import { pump } from '../ike/request.ts';
import { currentSa, type IkeSa, memberOf, noPeer, ownSpi, type PeerState, withSa } from '../ike/state.ts';
import { REPLACED_MS } from '../ike/limits.ts';
import { addTask, hasTask } from '../ike/task.ts';
import type { Step, Turn } from '../ike/turn.ts';
import { type Datagram, samePath } from '../wire/path.ts';
import { emitCheckpoint, type PeerCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { DataPlane, type Sealed } from './data-plane.ts';
import type { Reservation } from './marks.ts';
import type { Command, Output } from './output.ts';
import { emitSnapshot, restoreSnapshot } from './snapshot.ts';
import { type PeerStatus, peerStatus } from './status.ts';

export interface Ports {
  readonly primitives: Primitives;
  readonly pad: Pad;
}

/** Silence after which something to send makes us ask whether the peer lives. */
const SILENCE_MS = 30_000;

export class Peer {
  readonly route: number;
  readonly #ports: Ports;
  readonly #plane: DataPlane;
  #state: PeerState = noPeer;
  /** Child SAs to rekey out of turn: their numbers come to an end, or a crash has lost their windows. */
  readonly #rekeyDue = new Set<number>();

  constructor(ports: Ports, route: number, checkpoint: PeerCheckpoint | null) {
    this.#ports = ports;
    this.route = route;
    this.#plane = new DataPlane(ports.primitives);
    const state = parseCheckpoint(checkpoint);
    if (state !== null) this.#adopt(state);
  }

  get member(): Member | null {
    const sa = currentSa(this.#state);
    return sa && memberOf(sa);
  }

  async stepIke(datagram: Datagram, now: number): Promise<Step> {
    const step = await this.#step(now, (turn, state) => dispatch(turn, state, datagram));
    if (step.drop === null) this.#plane.traffic.heard(now);
    return step;
  }

  /** When deadline() has passed. */
  stepTick(now: number): Promise<Step> {
    return this.#step(now, (turn, state) => ({ ...elapse(turn, this.#withRekeys(state)), drop: null }));
  }

  stepCommand(command: Command, now: number): Promise<Step> {
    return this.#step(now, (_, state) => this.#obey(state, command, now));
  }

  /** The only writer of IKE state. Synchronous: the shell stores checkpoint() in the same turn and then performs the outputs. */
  commit(step: Step): Output[] {
    const before = this.#state;
    if (step.drop !== null) this.#plane.traffic.drop(step.drop);
    if (step.state !== before) this.#adopt(step.state);
    const gone = before.sas.length > 0 && this.#state.sas.length === 0;
    return gone ? [...step.outputs, { kind: 'gone' }] : [...step.outputs];
  }

  checkpoint(): PeerCheckpoint | null {
    return emitCheckpoint(this.#state);
  }

  /** ms, or null when time changes nothing. */
  deadline(): number | null {
    const due = this.#withRekeys(this.#state) !== this.#state;
    return due ? 0 : nextDeadline(this.#state);
  }

  /** @returns inner packets whose sender and selectors have been checked. Call reserve() before they go on. */
  async openEsp(datagrams: readonly Datagram[], now: number): Promise<readonly Uint8Array[]> {
    const { member } = this;
    if (member === null) {
      this.#plane.traffic.drop('no-such-spi', datagrams.length);
      return [];
    }
    return this.#plane.open(member, datagrams, now);
  }

  /** Call reserve() before. */
  async sealEsp(packets: readonly Uint8Array[], now: number): Promise<Sealed> {
    const { member } = this;
    return member === null ? { datagrams: [], replies: [] } : this.#plane.seal(member, packets, now);
  }

  /** @returns what is to be stored before it is granted, or null when nothing is due. */
  reserve(): Reservation | null {
    return this.#plane.reserve();
  }

  grant(reservation: Reservation): void {
    this.#plane.grant(reservation);
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
    const restored = how.windows === null ? new Set<number>() : restoreSnapshot(this.#plane, how.windows);
    for (const [spiIn, mark] of how.marks?.marks ?? []) {
      this.#plane.resume(spiIn, mark);
      if (restored.has(spiIn)) continue;
      this.#plane.tunnel(spiIn)?.window.raise(mark.inbound);
      this.#rekeyDue.add(spiIn);
    }
    if (how.marks?.path) this.#plane.path = how.marks.path;
  }

  /** Something is being sent, and nothing has come for long. */
  wantsLiveness(now: number): boolean {
    const { lastIn, lastOut } = this.#plane.traffic;
    const sa = currentSa(this.#state);
    return (
      sa !== null && lastOut > lastIn && now - Math.max(lastIn, sa.createdAt) > SILENCE_MS && !hasTask(sa, LIVENESS)
    );
  }

  /** @returns null while nobody is authenticated. */
  status(): PeerStatus | null {
    return peerStatus(this.route, this.#state, this.#plane);
  }

  async #step(now: number, decide: (turn: Turn, state: PeerState) => Promise<Step> | Step): Promise<Step> {
    const turn: Turn = { ...this.#ports, route: this.route, now };
    const step = await decide(turn, this.#onPath(this.#state));
    const pumped = await pump(turn, step.state);
    return { state: pumped.state, outputs: [...step.outputs, ...pumped.outputs], drop: step.drop };
  }

  /** Requests of ours go where the peer was last heard, be it by ESP. */
  #onPath(state: PeerState): PeerState {
    const { path } = this.#plane;
    const sa = currentSa(state);
    return path === null || sa === null || samePath(path, sa.path) ? state : withSa(state, { ...sa, path });
  }

  #adopt(state: PeerState): void {
    const before = currentSa(this.#state);
    const after = currentSa(state);
    if (after !== null && (before === null || !samePath(before.path, after.path))) this.#plane.path = after.path;
    this.#state = state;
    this.#plane.reconcile(state.children);
    for (const spiIn of this.#rekeyDue) if (!this.#rekeyable(state, spiIn)) this.#rekeyDue.delete(spiIn);
  }

  #withRekeys(state: PeerState): PeerState {
    let next = state;
    for (const spiIn of this.#rekeyDue) {
      const sa = this.#rekeyable(next, spiIn);
      if (sa !== null) next = addTask(next, sa, { kind: 'rekey-child', spiIn });
    }
    return next;
  }

  /** @returns the IKE SA to ask on, or null when there is nothing to rekey or it is asked for already. */
  #rekeyable(state: PeerState, spiIn: number): IkeSa | null {
    const child = state.children.find((c) => c.spiIn === spiIn);
    const sa = child && state.sas.find((s) => ownSpi(s) === child.ike);
    if (!child || !sa || sa.traits.windows || child.deleting || child.replacedBy !== null) return null;
    return hasTask(sa, { kind: 'rekey-child', spiIn }) ? null : sa;
  }

  #obey(state: PeerState, command: Command, now: number): Step {
    const sa = currentSa(state);
    if (sa === null || sa.phase.name !== 'established') return { state, outputs: [], drop: null };
    switch (command.kind) {
      case 'liveness':
      case 'rekey-ike':
        return { state: addTask(state, sa, command), outputs: [], drop: null };
      case 'rekey-child': {
        const children = state.children.filter((child) => child.ike === ownSpi(sa) && child.replacedBy === null);
        const next = children.reduce((s, { spiIn }) => addTask(s, sa, { kind: 'rekey-child', spiIn }), state);
        return { state: next, outputs: [], drop: null };
      }
      case 'terminate': {
        // Traffic ends now; the peer is told, and given a while to answer.
        const { member } = sa.phase;
        const ending: IkeSa = { ...sa, phase: { name: 'replaced', member, until: now + REPLACED_MS } };
        const next = addTask(withSa({ ...state, children: [] }, ending), ending, {
          kind: 'delete-ike',
          reason: command.reason,
        });
        return { state: next, outputs: [{ kind: 'left', member, reason: command.reason }], drop: null };
      }
    }
  }
}

const LIVENESS = { kind: 'liveness' } as const;
