// The peer core that an object holds: taken up from storage once, and stored again in the turn of each commit.

import type { Command, Output } from '../../src/peer/output.ts';
import type { Datagram } from '../../src/wire/path.ts';
import type { Move } from '../../src/peer/mapping.ts';
import type { Links } from './links.ts';
import { MoveLog } from './move-log.ts';
import type { CoreMarks, CoreStep, MakeCore, PeerCore } from './peer-core.ts';
import type { Kept, PeerStore } from './peer-store.ts';

/** How a core was taken up. */
export type Waking =
  /** Nothing is kept: there is no peer. */
  | 'nothing'
  /** With its windows. */
  | 'whole'
  /** Without: packets in flight when the object ended may have been counted and not kept. */
  | 'crashed'
  /** What is kept was sealed under another deployment key, and is of no use. */
  | 'foreign';

/** A route that was opened for a handshake of which nothing came is released after so long. */
const EMPTY_MS = 30_000;
/** The alarm goes off no sooner than this after the last one, whatever the core asks for. */
const ALARM_GAP_MS = 100;

export class HeldPeer {
  readonly #store: PeerStore;
  readonly #links: Links;
  readonly #make: MakeCore;
  readonly #moved: (move: Move) => void;
  #moves = new MoveLog(undefined);
  #core: PeerCore | null = null;
  #route = 0;
  #kept = false;
  /** The relay that was heard last. */
  relay = '';
  keepalive: Kept['keepalive'] = null;
  #emptySince: number | null = null;
  /** This instance has been granted numbers. */
  #granted = false;
  /** Stored, and not known to be safe yet. */
  #pending: NonNullable<CoreMarks> | null = null;

  /** @param moved is told of each move of the endpoint, once. */
  constructor(store: PeerStore, links: Links, make: MakeCore, moved: (move: Move) => void) {
    this.#store = store;
    this.#links = links;
    this.#make = make;
    this.#moved = moved;
  }

  get core(): PeerCore | null {
    return this.#core;
  }

  get route(): number {
    return this.#route;
  }

  /** True while something is kept of a peer. */
  get alive(): boolean {
    return this.#kept;
  }

  /** Called once, before anything else. */
  wake(): Waking {
    const kept = this.#store.load();
    this.#route = this.#links.route ?? kept?.route ?? 0;
    if (kept === null) this.#store.forget();
    if (!kept) return kept === null ? 'foreign' : 'nothing';
    this.#kept = true;
    this.#route = kept.route;
    this.relay = kept.relay;
    this.keepalive = kept.keepalive;
    const windows = this.#links.any ? this.#links.windows() : this.#store.windows();
    this.#core = this.#make(kept.route, kept.checkpoint);
    const marks = this.#store.marks();
    this.#core.woke({ windows, marks });
    this.#moves = new MoveLog(marks?.mapping);
    return windows ? 'whole' : 'crashed';
  }

  /** The core to step: a new one on a route that was opened for a handshake. */
  begin(): PeerCore | null {
    if (!this.#core && this.#route > 0 && this.#links.any) this.#core = this.#make(this.#route, null);
    return this.#core;
  }

  /** A socket has been opened for this route: it holds the windows from here on. */
  opened(route: number, relay: string): void {
    this.#route = route;
    this.relay = relay;
    if (this.#kept) this.#store.saveWindows(null);
    this.saveWindows();
  }

  /** Commits a step, and stores what came of it, in one turn; nothing may be awaited before the outputs are performed. */
  commit(core: PeerCore, step: CoreStep, now: number): readonly Output[] {
    const outputs = core.commit(step);
    for (const output of outputs) {
      if (output.kind !== 'keepalive') continue;
      const { path, seconds } = output;
      this.keepalive = seconds > 0 ? { path, seconds } : null;
    }
    if (outputs.some((output) => output.kind === 'gone')) this.forget();
    else this.keep(now);
    return outputs;
  }

  /** Stores what has changed, and sets the alarm. */
  keep(now: number): void {
    if (this.#core?.checkpoint() == null) {
      this.#keepNothing(now);
      return;
    }
    this.#kept = true;
    this.#emptySince = null;
    this.#save();
    this.#reserveNow(this.#core, now);
    this.keepAlarm(now);
    this.saveWindows();
  }

  /**
   * Stores the marks of the sequence numbers that are due, then grants them. The first ones are granted in this turn: whatever
   * is sent is held back until the write is safe. Later ones are due long before their block ends, so nothing is held back for
   * them: they are granted when the write is safe, or in this turn where packets have been faster.
   */
  reserve(now: number): void {
    const core = this.#core;
    if (!core || (this.#pending && !core.overdrawn)) return;
    if (!this.#granted || core.overdrawn) {
      this.#reserveNow(core, now);
      return;
    }
    const due = core.reserve();
    if (!due) return;
    this.#tell(due);
    this.#pending = due;
    void this.#store.saveMarksBehind(due).then(() => {
      if (this.#pending !== due || this.#core !== core) return;
      this.#pending = null;
      core.grant(due, Date.now());
    });
  }

  /** The same in this turn, whatever it is: there may be a new SA that has no numbers yet. */
  #reserveNow(core: PeerCore, now: number): void {
    const pending = this.#pending;
    this.#pending = null;
    if (pending) this.#grant(core, pending, now);
    const due = core.reserve();
    if (!due) return;
    this.#tell(due);
    this.#grant(core, due, now);
  }

  #tell({ mapping }: NonNullable<CoreMarks>): void {
    for (const move of this.#moves.fresh(mapping)) this.#moved(move);
  }

  #grant(core: PeerCore, marks: NonNullable<CoreMarks>, now: number): void {
    this.#store.saveMarks(marks);
    core.grant(marks, now);
    this.#granted = true;
  }

  keepAlarm(now: number): void {
    if (!this.#kept) return;
    const deadline = this.#core?.deadline() ?? null;
    this.#store.wakeAt(deadline === null ? null : Math.max(deadline, now + ALARM_GAP_MS));
  }

  /** Windows go to the newest socket; without one they are stored, which happens when the last socket closes. */
  saveWindows(): void {
    const windows = this.#kept ? (this.#core?.windows() ?? null) : null;
    if (!this.#links.save(windows) && windows) this.#store.saveWindows(windows);
  }

  /** A socket has closed. */
  lost(): void {
    this.saveWindows();
    this.#save();
  }

  /** The alarm has fired. @returns true when the route was opened for nothing, and that for long enough. */
  alarmFired(now: number): boolean {
    this.#store.alarmFired();
    return !this.#kept && this.#links.any && now - (this.#emptySince ?? 0) >= EMPTY_MS;
  }

  /** Nothing is left of the peer. */
  forget(): void {
    this.#core = null;
    this.#kept = false;
    this.#granted = false;
    this.#pending = null;
    this.keepalive = null;
    this.#moves = new MoveLog(undefined);
    this.#emptySince = null;
    this.#store.forget();
  }

  step(core: PeerCore, what: Datagram | Command | null, now: number): Promise<CoreStep> {
    if (what === null) return core.stepTick(now);
    return 'octets' in what ? core.stepIke(what, now) : core.stepCommand(what, now);
  }

  #save(): void {
    const checkpoint = this.#kept ? (this.#core?.checkpoint() ?? null) : null;
    if (checkpoint) this.#store.save({ route: this.#route, checkpoint, relay: this.relay, keepalive: this.keepalive });
  }

  #keepNothing(now: number): void {
    if (!this.#links.any || this.#emptySince !== null) return;
    this.#emptySince = now;
    this.#store.wakeAt(now + EMPTY_MS);
  }
}
