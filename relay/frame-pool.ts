// The buffers that frames are written into and sent from, used again and again: a fresh one for each frame costs more than all
// else that the relay does to it.

import type WebSocket from 'ws';
import { FRAME_OCTETS, FrameWriter } from '../src/wire/frame.ts';

const KEPT = 64;
const SEND = { binary: true, compress: false, fin: true } as const;

interface Slot {
  readonly octets: Uint8Array;
  /** Called when the frame has left. */
  readonly done: () => void;
}

export class FramePool {
  /** Empty whenever nobody is about to send. */
  readonly writer = new FrameWriter();
  readonly #free: Slot[] = [];
  /** What the writer writes into. */
  #current: Slot;

  constructor() {
    this.#current = this.#slot();
    this.writer.handOver(this.#current.octets);
  }

  /** Sends what the writer holds, and begins the next frame. */
  send(socket: WebSocket): void {
    const full = this.#current;
    this.#current = this.#free.pop() ?? this.#slot();
    socket.send(this.writer.handOver(this.#current.octets), SEND, full.done);
  }

  #slot(): Slot {
    const slot: Slot = {
      octets: Buffer.allocUnsafeSlow(FRAME_OCTETS),
      done: () => {
        if (this.#free.length < KEPT) this.#free.push(slot);
      },
    };
    return slot;
  }
}
