// One socket to one relay: frames out, credit both ways. WebSockets here have no backpressure, so it is counted (docs/relay-protocol.md).

import { FrameWriter } from '../../src/wire/frame.ts';
import { samePath } from '../../src/wire/path.ts';
import type { Datagram, Path } from '../../src/wire/path.ts';

/**
 * Beyond so many octets that the relay has not sent on, packets are dropped: inner TCP shall see loss, not delay. More than a relay may send
 * before it must pause (256 KiB), what it holds in a pause goes on at once, and a receiving relay may owe some: while a sender does not
 * pause, workerd hears nobody's credit.
 */
export const CREDIT_OCTETS = 640 * 1024;
/** Handled and not yet credited to the relay: beyond this told at once, else with the next frame. Half of what a relay may send before it must pause. */
const CREDIT_DUE = 128 * 1024;
/** What ESP adds to a packet at most: header, IV, padding, ICV. */
const ESP_OVERHEAD = 64;

/** What the attachment of a socket holds. */
export interface LinkNote {
  readonly relay: string;
  readonly route: number;
  readonly outstanding: number;
  readonly owed: number;
  readonly path: Path | null;
  readonly turn: number;
  readonly windows: Uint8Array | null;
}

/** Shared by all objects of this isolate: a frame is begun and finished within one turn. */
const writer = new FrameWriter();

export class Link {
  readonly socket: WebSocket;
  readonly relay: string;
  readonly route: number;
  /** Where the last datagram came from. */
  path: Path | null;
  /** Order in which links were heard. */
  turn: number;
  /** As found in the attachment; null once they have been handed on. */
  windows: Uint8Array | null;
  #outstanding: number;
  /** Octets handled and not yet credited to the relay. */
  #owed: number;
  #saved: { outstanding: number; owed: number; path: Path | null; turn: number; windows: boolean } | null = null;

  constructor(socket: WebSocket, note: LinkNote) {
    this.socket = socket;
    this.relay = note.relay;
    this.route = note.route;
    this.path = note.path;
    this.turn = note.turn;
    this.windows = note.windows;
    this.#outstanding = note.outstanding;
    this.#owed = note.owed;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  heardOn(path: Path): void {
    if (this.path === null || !samePath(this.path, path)) this.path = path;
  }

  /** How many of these inner packets, from the first, may be sealed and sent. */
  admits(packets: readonly Uint8Array[]): number {
    let room = CREDIT_OCTETS - this.#outstanding;
    let count = 0;
    for (const packet of packets) {
      room -= packet.length + ESP_OVERHEAD;
      if (room < 0) break;
      count += 1;
    }
    return count;
  }

  /** The relay has sent so many octets on. */
  credited(octets: number): void {
    this.#outstanding = Math.max(0, this.#outstanding - octets);
  }

  /** So many octets of the relay's have been handled. */
  owe(octets: number): void {
    this.#owed += octets;
  }

  /** Whether credit is so much that it shall not wait for the next frame. */
  get owesMuch(): boolean {
    return this.#owed >= CREDIT_DUE;
  }

  send(datagrams: readonly Datagram[]): void {
    for (const { path, octets } of datagrams) {
      if (!writer.datagram(path, octets)) {
        this.#post();
        if (!writer.datagram(path, octets)) continue;
      }
      this.#outstanding += octets.length;
    }
    this.flush();
  }

  keepalive(path: Path, seconds: number): void {
    writer.keepalive(path, seconds);
    this.flush();
  }

  release(): void {
    writer.release();
    this.flush();
  }

  /** Sends what the writer holds, and the credit that is owed. */
  flush(): void {
    if (this.#owed > 0 && !writer.credit(this.#owed)) {
      this.#post();
      writer.credit(this.#owed);
    }
    this.#owed = 0;
    if (!writer.empty) this.#post();
  }

  #post(): void {
    const frame = writer.finish();
    try {
      this.socket.send(frame);
    } catch {
      // The socket is closing; its close event follows.
    }
  }

  close(code: number, reason: string): void {
    try {
      this.socket.close(code, reason);
    } catch {
      // Closed already.
    }
  }

  /** Writes the attachment, if it changes. */
  save(windows: Uint8Array | null): void {
    const { relay, route, path, turn } = this;
    const outstanding = this.#outstanding;
    const owed = this.#owed;
    this.windows = null;
    const saved = this.#saved;
    const same =
      saved?.outstanding === outstanding && saved.owed === owed && saved.path === path && saved.turn === turn;
    if (same && windows === null && !saved.windows) return;
    this.#saved = { outstanding, owed, path, turn, windows: windows !== null };
    this.socket.serializeAttachment({ relay, route, outstanding, owed, path, turn, windows } satisfies LinkNote);
  }
}
