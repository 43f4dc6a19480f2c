// The sockets of one peer object, one per relay, and what each remembers across hibernation in its attachment.

import { samePath } from '../../src/wire/path.ts';
import type { Path } from '../../src/wire/path.ts';
import { Link, type LinkNote } from './link.ts';

export class Links {
  readonly #ctx: DurableObjectState;
  readonly #links = new Map<WebSocket, Link>();
  #turn = 0;

  /** Takes up the sockets that stayed open while the object slept. */
  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    for (const socket of ctx.getWebSockets()) if (socket.readyState <= WebSocket.READY_STATE_OPEN) this.of(socket);
  }

  get any(): boolean {
    return this.#links.size > 0;
  }

  get all(): readonly Link[] {
    return [...this.#links.values()];
  }

  /** The route that the sockets were opened for, null without any. */
  get route(): number | null {
    for (const link of this.#links.values()) return link.route;
    return null;
  }

  /** A new socket takes the place of any other of the same relay. */
  open(socket: WebSocket, relay: string, route: number): Link {
    for (const link of this.#links.values())
      if (link.relay === relay) this.close(link, 4001, 'replaced by a newer socket');
    this.#ctx.acceptWebSocket(socket);
    this.#turn += 1;
    const link = new Link(socket, {
      relay,
      route,
      outstanding: 0,
      owed: 0,
      path: null,
      turn: this.#turn,
      windows: null,
    });
    this.#links.set(socket, link);
    return link;
  }

  of(socket: WebSocket): Link {
    const known = this.#links.get(socket);
    if (known) return known;
    const link = new Link(socket, socket.deserializeAttachment() as LinkNote);
    this.#turn = Math.max(this.#turn, link.turn);
    this.#links.set(socket, link);
    return link;
  }

  /** A datagram came over `link` on `path`: it is the one to answer on. */
  heard(link: Link, path: Path): void {
    if (link.turn !== this.#turn) link.turn = this.#turn += 1;
    link.heardOn(path);
  }

  /** The socket of the relay that owns the path; the one heard last where that is not known. */
  for(path: Path): Link | null {
    if (this.#links.size === 1) return this.#links.values().next().value ?? null;
    const newestFirst = [...this.#links.values()].sort((a, b) => b.turn - a.turn);
    return (
      newestFirst.find((link) => link.path && samePath(link.path, path)) ??
      newestFirst.find((link) => link.path && sameSocket(link.path, path)) ??
      newestFirst[0] ??
      null
    );
  }

  /** The link heard last. */
  get newest(): Link | null {
    let newest: Link | null = null;
    for (const link of this.#links.values()) if (!newest || link.turn > newest.turn) newest = link;
    return newest;
  }

  /** The windows that a socket carried through hibernation: at most one holds them. */
  windows(): Uint8Array | null {
    return this.newest?.windows ?? null;
  }

  /**
   * Writes the attachments: windows go to the newest link only, so that no socket ever holds old ones, which would let replays in.
   * @returns false when there is no socket to hold them.
   */
  save(windows: Uint8Array | null): boolean {
    const holder = this.newest;
    for (const link of this.#links.values()) if (link !== holder) link.save(null);
    holder?.save(windows);
    return holder !== null;
  }

  close(link: Link, code: number, reason: string): void {
    this.forget(link.socket);
    // The end of a dead connection may be noticed much later, and must not bring old windows back.
    link.save(null);
    link.close(code, reason);
  }

  /** Tells every relay to forget the route. */
  release(): void {
    for (const link of [...this.#links.values()]) {
      link.release();
      this.close(link, 1000, 'released');
    }
  }

  forget(socket: WebSocket): void {
    this.#links.delete(socket);
  }
}

function sameSocket(a: Path, b: Path): boolean {
  return samePath({ ...a, remoteAddress: b.remoteAddress, remotePort: b.remotePort }, b);
}
