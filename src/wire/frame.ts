// A batch of datagrams and signals between relay and edge: one binary WebSocket message. See docs/relay-protocol.md.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { type Path, samePath } from './path.ts';

/*
   frame = u8 version | record ...
   record = u8 kind | body, numbers big endian:
     1 DATAGRAM    u8 flags | [path] | u16 length | octets
     2 CREDIT      u32 octets
     3 KEEPALIVE   u8 flags | path | u16 seconds
     4 SILENT      u8 flags | path | u32 seconds
     5 RELEASE
   flags: bit 0 same path as the datagram before in this frame, and none written; bit 1 IPv6 path
   path = local address (4 | 16) | u16 local port | remote address (4 | 16) | u16 remote port
*/

export type FrameRecord =
  | { readonly kind: 'datagram'; readonly path: Path; readonly octets: Uint8Array }
  /** Octets of datagrams that the receiver has done with since the last credit. */
  | { readonly kind: 'credit'; readonly octets: number }
  /** Edge to relay: send 0xFF on this path every so many seconds; 0 stops it. */
  | { readonly kind: 'keepalive'; readonly path: Path; readonly seconds: number }
  /** Relay to edge: nothing at all has come from this path for so many seconds. */
  | { readonly kind: 'silent'; readonly path: Path; readonly seconds: number }
  /** Edge to relay: the peer is gone. */
  | { readonly kind: 'release' };

export const FRAME_VERSION = 1;
export const FRAME_OCTETS = 65_536;
export const FRAME_DATAGRAMS = 64;
/** Records of all kinds. */
export const FRAME_RECORDS = 256;

const RecordKind = { DATAGRAM: 1, CREDIT: 2, KEEPALIVE: 3, SILENT: 4, RELEASE: 5 } as const;
const SAME_PATH = 1;
const IPV6 = 2;
/** With version, kind, flags, IPv6 path and length this fills a frame. */
export const FRAME_DATAGRAM_OCTETS = FRAME_OCTETS - 1 - 1 - 1 - 36 - 2;

/**
 * Datagrams are views of the frame; the addresses of paths are copies, because paths outlive frames. Datagrams that follow one
 * another on the same path share the path object.
 */
export function parseFrame(frame: Uint8Array): FrameRecord[] {
  if (frame.length > FRAME_OCTETS) throw new Malformed(`a frame of ${frame.length} octets`);
  const r = new Reader(frame);
  const version = r.u8();
  if (version !== FRAME_VERSION) throw new Malformed(`frame version ${version}`);
  const records: FrameRecord[] = [];
  let path: Path | null = null;
  let datagrams = 0;
  while (r.remaining > 0) {
    if (records.length === FRAME_RECORDS) throw new Malformed(`more than ${FRAME_RECORDS} records`);
    const kind = r.u8();
    if (kind === RecordKind.DATAGRAM) {
      if (++datagrams > FRAME_DATAGRAMS) throw new Malformed(`more than ${FRAME_DATAGRAMS} datagrams`);
      path = parseDatagramPath(r, path);
      records.push({ kind: 'datagram', path, octets: r.take(r.u16()) });
    } else {
      records.push(parseSignal(kind, r));
    }
  }
  return records;
}

/**
 * Fills frames, one after the other, in one buffer that is kept.
 *
 * Every method that adds a record returns false, and adds nothing, when the frame is full: finish() it and add the record to the next.
 * A datagram longer than FRAME_DATAGRAM_OCTETS fits no frame.
 */
export class FrameWriter {
  #buffer: Uint8Array = new Uint8Array(2048);
  #length = 1;
  #records = 0;
  #datagrams = 0;
  #previous: Path | null = null;

  constructor() {
    this.#buffer[0] = FRAME_VERSION;
  }

  get empty(): boolean {
    return this.#records === 0;
  }

  /** Octets that the frame has so far. */
  get length(): number {
    return this.#length;
  }

  datagram(path: Path, octets: Uint8Array): boolean {
    if (this.#datagrams === FRAME_DATAGRAMS || octets.length > FRAME_DATAGRAM_OCTETS) return false;
    const same = this.#previous !== null && samePath(this.#previous, path);
    const at = this.#record(RecordKind.DATAGRAM, 3 + (same ? 0 : pathOctets(path)) + octets.length);
    if (at === -1) return false;
    let length = at + 1;
    if (same) this.#buffer[at] = SAME_PATH;
    else length = this.#path(at, path);
    this.#u16(length, octets.length);
    this.#buffer.set(octets, length + 2);
    this.#datagrams++;
    this.#previous = path;
    return true;
  }

  credit(octets: number): boolean {
    const at = this.#record(RecordKind.CREDIT, 4);
    if (at === -1) return false;
    this.#u32(at, octets);
    return true;
  }

  keepalive(path: Path, seconds: number): boolean {
    const at = this.#record(RecordKind.KEEPALIVE, 3 + pathOctets(path));
    if (at === -1) return false;
    this.#u16(this.#path(at, path), seconds);
    return true;
  }

  silent(path: Path, seconds: number): boolean {
    const at = this.#record(RecordKind.SILENT, 5 + pathOctets(path));
    if (at === -1) return false;
    this.#u32(this.#path(at, path), seconds);
    return true;
  }

  release(): boolean {
    return this.#record(RecordKind.RELEASE, 0) !== -1;
  }

  /** @returns the frame, a copy of its own, and begins the next one. */
  finish(): Uint8Array {
    const frame = this.#buffer.slice(0, this.#length);
    this.#begin();
    return frame;
  }

  /**
   * As finish(), without copying: hands out the buffer itself and begins the next frame in another one.
   * @param next of FRAME_OCTETS octets; not to be touched until it is handed out in turn.
   */
  handOver(next: Uint8Array): Uint8Array {
    const frame = this.#buffer.subarray(0, this.#length);
    this.#buffer = next;
    this.#buffer[0] = FRAME_VERSION;
    this.#begin();
    return frame;
  }

  #begin(): void {
    this.#length = 1;
    this.#records = 0;
    this.#datagrams = 0;
    this.#previous = null;
  }

  /** Makes room for a record and writes its kind. @returns where its body starts, -1 when the frame is full. */
  #record(kind: number, bodyOctets: number): number {
    const at = this.#length;
    const length = at + 1 + bodyOctets;
    if (length > FRAME_OCTETS || this.#records === FRAME_RECORDS) return -1;
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer[at] = kind;
    this.#length = length;
    this.#records++;
    return at + 1;
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.min(FRAME_OCTETS, Math.max(length, this.#buffer.length * 4)));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }

  /** Writes flags and path. @returns where they end. */
  #path(at: number, path: Path): number {
    const { localAddress, remoteAddress } = path;
    const octets = localAddress.length;
    this.#buffer[at] = octets === 4 ? 0 : IPV6;
    this.#buffer.set(localAddress, at + 1);
    this.#u16(at + 1 + octets, path.localPort);
    this.#buffer.set(remoteAddress, at + 3 + octets);
    this.#u16(at + 3 + 2 * octets, path.remotePort);
    return at + 5 + 2 * octets;
  }

  #u16(at: number, value: number): void {
    this.#buffer[at] = value >>> 8;
    this.#buffer[at + 1] = value;
  }

  #u32(at: number, value: number): void {
    this.#u16(at, value >>> 16);
    this.#u16(at + 2, value);
  }
}

/** @throws RangeError where the two addresses are not of one family: no socket has such a path. */
function pathOctets(path: Path): number {
  const octets = path.localAddress.length;
  if (path.remoteAddress.length !== octets || (octets !== 4 && octets !== 16)) {
    throw new RangeError(`a path of ${octets} and ${path.remoteAddress.length} octets`);
  }
  return 2 * octets + 4;
}

function parseDatagramPath(r: Reader, previous: Path | null): Path {
  const flags = r.u8();
  if (flags !== SAME_PATH) return parsePath(r, flags);
  if (previous === null) throw new Malformed('the first datagram has no path');
  return previous;
}

function parseSignal(kind: number, r: Reader): FrameRecord {
  switch (kind) {
    case RecordKind.CREDIT:
      return { kind: 'credit', octets: r.u32() };
    case RecordKind.KEEPALIVE:
      return { kind: 'keepalive', path: parsePath(r, r.u8()), seconds: r.u16() };
    case RecordKind.SILENT:
      return { kind: 'silent', path: parsePath(r, r.u8()), seconds: r.u32() };
    case RecordKind.RELEASE:
      return { kind: 'release' };
    default:
      throw new Malformed(`record kind ${kind}`);
  }
}

function parsePath(r: Reader, flags: number): Path {
  if ((flags & ~IPV6) !== 0) throw new Malformed(`flags ${flags} of a record`);
  const octets = flags === IPV6 ? 16 : 4;
  return {
    localAddress: new Uint8Array(r.take(octets)),
    localPort: r.u16(),
    remoteAddress: new Uint8Array(r.take(octets)),
    remotePort: r.u16(),
  };
}
