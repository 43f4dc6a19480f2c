// Replay windows and counters as octets, below 8 KiB for a socket's attachment: what survives hibernation, and no crash.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import type { DataPlane } from './data-plane.ts';
import type { Mapping } from './mapping.ts';
import type { Traffic } from './traffic.ts';

/*
   u8 version | 9 x u64: packets in, octets in, packets out, octets out, last in, last out, DNS asked, elsewhere, answered
   | 2 x u64: survived, expired
   | u8 keepalive seconds | u8 borne | u8 too long | u8 n | n x (u32 SPI, u16 length, window)
*/

const VERSION = 3;
const MOST_OCTETS = 8_191;
/** Enough for two child SAs. */
const CAPACITY = 512;

export function emitSnapshot(plane: DataPlane): Uint8Array {
  const w = new Writer(CAPACITY);
  w.u8(VERSION);
  for (const key of COUNTERS) w.u53(plane.traffic[key]);
  emitMapping(w, plane.endpoint.mapping);
  const windows = newestWindows(plane, MOST_OCTETS - w.length - 1);
  w.u8(windows.length);
  for (const { spiIn, octets } of windows) {
    w.u32(spiIn);
    w.u16(octets.length);
    w.octets(octets);
  }
  return w.finish();
}

/** @returns the SPIs whose windows are whole again; none for a snapshot that cannot be read. */
export function restoreSnapshot(plane: DataPlane, octets: Uint8Array): Set<number> {
  const restored = new Set<number>();
  try {
    const r = new Reader(octets);
    if (r.u8() !== VERSION) return restored;
    for (const key of COUNTERS) plane.traffic[key] = r.u53();
    plane.endpoint.mapping = { ...plane.endpoint.mapping, ...parseMapping(r) };
    for (let n = r.u8(); n > 0; n--) {
      const spi = r.u32();
      const window = r.take(r.u16());
      if (plane.tunnel(spi)?.window.restore(window)) restored.add(spi);
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
  }
  return restored;
}

/** What was measured; the moves are stored with the marks. */
function emitMapping(w: Writer, { survived, expired, keepalive }: Mapping): void {
  w.u53(survived);
  w.u53(expired);
  for (const value of [keepalive.seconds, keepalive.borne, keepalive.tooLong]) w.u8(value);
}

function parseMapping(r: Reader): Pick<Mapping, 'survived' | 'expired' | 'keepalive'> {
  const [survived, expired] = [r.u53(), r.u53()];
  return { survived, expired, keepalive: { seconds: r.u8(), borne: r.u8(), tooLong: r.u8() } };
}

/** As many as there is room for; the SAs of the others wake as from a crash. */
function newestWindows(plane: DataPlane, room: number): { spiIn: number; octets: Uint8Array }[] {
  const windows = [];
  let left = room;
  for (const { child, window } of [...plane.tunnels].reverse()) {
    const octets = window.snapshot();
    left -= 6 + octets.length;
    if (left < 0) break;
    windows.push({ spiIn: child.spiIn, octets });
  }
  return windows;
}

const COUNTERS: readonly (keyof Pick<
  Traffic,
  | 'packetsIn'
  | 'octetsIn'
  | 'packetsOut'
  | 'octetsOut'
  | 'lastIn'
  | 'lastOut'
  | 'dnsAsked'
  | 'dnsElsewhere'
  | 'dnsAnswered'
>)[] = [
  ...(['packetsIn', 'octetsIn', 'packetsOut', 'octetsOut', 'lastIn', 'lastOut'] as const),
  ...(['dnsAsked', 'dnsElsewhere', 'dnsAnswered'] as const),
];
