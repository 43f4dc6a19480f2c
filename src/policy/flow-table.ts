// Flows that were let through, so that their answers are: the oldest go first where there are too many.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import type { Direction } from './facing.ts';

export interface Flow {
  /** Which way its first packet went. */
  readonly opener: Direction;
  /** Of the view that let it through last. */
  epoch: number;
  /** ms. */
  seen: number;
  /** ms that it lasts after its last packet. */
  lifetime: number;
  /** As of when it is in the last snapshot, ms. */
  noted: number;
}

const CAPACITY = 4_096;
/** A flow moves to the young end of the table no oftener. */
const REFRESH_MS = 1_000;
const VERSION = 1;
/** Of the youngest, as many are noted. */
const NOTED = 256;
/** Of no view: it is looked at again. */
const NO_EPOCH = -1;

/*
   u8 version | u16 n | n x (u8 opener, u64 seen, u32 lifetime, u8 units, units x u16 key), the oldest first
*/

export class FlowTable {
  readonly #flows = new Map<string, Flow>();
  readonly #capacity: number;
  /** Something is not in the last snapshot that should be in the next. */
  dirty = false;

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#flows.size;
  }

  find(key: string, now: number): Flow | null {
    const flow = this.#flows.get(key);
    if (flow === undefined) return null;
    if (now - flow.seen > flow.lifetime) {
      this.#flows.delete(key);
      return null;
    }
    return flow;
  }

  /** A packet of the flow has come. */
  touch(key: string, flow: Flow, now: number): void {
    if (now - flow.seen < REFRESH_MS) return;
    flow.seen = now;
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    if (now - flow.noted > flow.lifetime / 4) this.dirty = true;
  }

  open(key: string, opener: Direction, lifetime: number, epoch: number, now: number): void {
    this.#flows.delete(key);
    if (this.#flows.size >= this.#capacity) this.#flows.delete(this.#flows.keys().next().value!);
    this.#flows.set(key, { opener, epoch, seen: now, lifetime, noted: Number.NEGATIVE_INFINITY });
    this.dirty = true;
  }

  remove(key: string): void {
    this.#flows.delete(key);
  }

  /** The youngest flows, below 16 KiB. */
  snapshot(now: number): Uint8Array {
    const flows = [...this.#flows].filter(([, { seen, lifetime }]) => now - seen <= lifetime).slice(-NOTED);
    const w = new Writer(64);
    w.u8(VERSION);
    w.u16(flows.length);
    for (const [key, flow] of flows) {
      flow.noted = now;
      w.u8(flow.opener === 'out' ? 1 : 0);
      w.u64(BigInt(Math.floor(flow.seen)));
      w.u32(flow.lifetime);
      w.u8(key.length);
      for (let i = 0; i < key.length; i++) w.u16(key.charCodeAt(i));
    }
    this.dirty = false;
    return w.finish();
  }

  /** Takes flows up from a snapshot; one that cannot be read brings none. Each is decided anew at its next packet. */
  restore(octets: Uint8Array): void {
    try {
      const r = new Reader(octets);
      if (r.u8() !== VERSION) return;
      for (let n = r.u16(); n > 0; n--) {
        const opener = r.u8() === 1 ? 'out' : 'in';
        const seen = Number(r.u64());
        const lifetime = r.u32();
        let key = '';
        for (let units = r.u8(); units > 0; units--) key += String.fromCharCode(r.u16());
        this.#flows.set(key, { opener, epoch: NO_EPOCH, seen, lifetime, noted: seen });
      }
    } catch (thrown) {
      if (!(thrown instanceof Malformed)) throw thrown;
    }
  }
}
