// Where ESP goes, and what moves it there (RFC 7296 section 2.23, RFC 4555 section 3.8). Who is followed is decided in src/ike/follow.ts.

import { PORT } from '../wire/ike-numbers.ts';
import { type Path, samePath } from '../wire/path.ts';
import { type Mapping, type Mover, moved, NO_MOVES, stayed } from './mapping.ts';
import type { Traffic } from './traffic.ts';

export interface EndpointPolicy {
  /** Whether the newest ESP packet moves the endpoint. */
  readonly followsEsp: boolean;
  /** Whether the gateway, behind a NAT of its own, keeps the mapping open. */
  readonly keptOpen: boolean;
  /** Whether it may try to do so less often. */
  readonly lengthens: boolean;
}

/** Packets that were under way when the peer said that it has moved do not move it back. */
const UNDER_WAY_MS = 5_000;

export class Endpoint {
  mapping: Mapping = NO_MOVES;
  policy: EndpointPolicy = { followsEsp: true, keptOpen: false, lengthens: false };
  /** It has moved, and nobody has stored that yet. */
  due = false;
  #path: Path | null = null;
  #heardAt = 0;
  #left: { readonly path: Path; readonly until: number } | null = null;

  /** Null until the peer has been heard where ESP can go. */
  get path(): Path | null {
    return this.#path;
  }

  /** Of the packets outside. */
  get family(): 4 | 6 {
    return this.#path?.remoteAddress.length === 16 ? 6 : 4;
  }

  is(path: Path): boolean {
    return this.#path !== null && samePath(this.#path, path);
  }

  /**
   * Something newer than all before has come from `path`, and proved right.
   * @param by what may move the endpoint; null: nothing does.
   * @param at when it came, ms: what waited longer for its proof does not overtake what came later.
   * @param before as it was before this.
   */
  heard(path: Path, by: Mover | null, at: number, before: Pick<Traffic, 'lastIn' | 'lastOut'>): void {
    const known = before.lastIn > 0;
    if (this.is(path)) {
      this.#heardAt = Math.max(this.#heardAt, at);
      if (known)
        this.mapping = stayed(this.mapping, at - Math.max(before.lastIn, before.lastOut), this.policy.lengthens);
    } else if (by !== null && this.#mayMove(path, by, at)) {
      this.#move(path, by, at, known ? at - before.lastIn : 0);
    }
  }

  /** As it was stored. */
  restore(path: Path): void {
    if (isEncapsulated(path)) this.#path = path;
  }

  #mayMove(path: Path, by: Mover, at: number): boolean {
    if (!isEncapsulated(path) || at < this.#heardAt || (by === 'esp' && !this.policy.followsEsp)) return false;
    const left = this.#left;
    return by !== 'esp' || left === null || at >= left.until || !samePath(path, left.path);
  }

  #move(path: Path, by: Mover, at: number, silent: number): void {
    const from = this.#path;
    this.#path = path;
    this.#heardAt = at;
    this.due = true;
    this.#left = by === 'update' && from !== null ? { path: from, until: at + UNDER_WAY_MS } : null;
    if (from !== null) this.mapping = moved(this.mapping, { at, from, to: path, by }, silent, this.policy.keptOpen);
  }
}

/** "UDP encapsulation MUST NOT be done on port 500." */
function isEncapsulated(path: Path): boolean {
  return path.localPort !== PORT.IKE;
}
