// The paths by which one peer is known: few, so that a comparison is cheaper than a table.

import { type Path, samePath } from '../src/wire/path.ts';
import type { PathTable, RemotePath } from './paths.ts';
import { silence } from './silence.ts';
import type { LocalSocket } from './udp.ts';

/** A peer roams between few paths; what a forger adds makes room first. */
const LIMIT = 8;

export interface KnownPath {
  readonly remote: RemotePath;
  /** The edge has sent to it, so it is no forgery. */
  confirmed: boolean;
  /** When its silence was last reported, ms; 0 for never. */
  reported: number;
}

export class KnownPaths {
  readonly #table: PathTable;
  readonly #forgotten: (known: KnownPath) => void;
  #known: KnownPath[] = [];

  /** @param forgotten told of each path that is given up. */
  constructor(table: PathTable, forgotten: (known: KnownPath) => void) {
    this.#table = table;
    this.#forgotten = forgotten;
  }

  find(socket: LocalSocket, address: string, port: number): KnownPath | undefined {
    for (const known of this.#known) {
      const remote = known.remote;
      if (remote.port === port && remote.socket === socket && remote.address === address) return known;
    }
    return undefined;
  }

  at(path: Path): KnownPath | undefined {
    for (const known of this.#known) if (samePath(known.remote.path, path)) return known;
    return undefined;
  }

  /** @returns null for an address that is none. */
  learn(socket: LocalSocket, address: string, port: number, now: number): KnownPath | null {
    const remote = this.#table.hold(socket, address, port, now);
    if (remote === null) return null;
    if (this.#known.length >= LIMIT) this.#makeRoom();
    const known = { remote, confirmed: false, reported: 0 };
    this.#known.push(known);
    return known;
  }

  /** When anything was last heard from any of them; 0 without paths. */
  get heard(): number {
    return this.#known.reduce((latest, { remote }) => Math.max(latest, remote.heard), 0);
  }

  /** Calls `tell` for each path whose silence is due to be reported; what it returns true for is reported. */
  reportSilence(now: number, tell: (path: Path, seconds: number) => boolean): void {
    for (const known of this.#known) {
      const seconds = silence(known.remote.heard, known.reported, now);
      if (seconds !== null && tell(known.remote.path, seconds)) known.reported = now;
    }
  }

  clear(): void {
    for (const known of this.#known) this.#forget(known);
    this.#known = [];
  }

  #makeRoom(): void {
    const unconfirmed = this.#known.filter((known) => !known.confirmed);
    const candidates = unconfirmed.length > 0 ? unconfirmed : this.#known;
    const stalest = candidates.reduce((a, b) => (a.remote.heard <= b.remote.heard ? a : b));
    this.#known = this.#known.filter((known) => known !== stalest);
    this.#forget(stalest);
  }

  #forget(known: KnownPath): void {
    this.#table.letGo(known.remote);
    this.#forgotten(known);
  }
}
