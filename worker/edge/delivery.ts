// A session in which one object hands packets to another: however many calls, it is billed as one, and all of them cross in order.

import { RpcTarget } from 'cloudflare:workers';
import type { Standing } from './standing.ts';

/** @param run of packets end to end: one buffer costs less to hand over than many. @returns `gone` when nobody of that name is here. */
export type Deliver = (run: Uint8Array, from: Standing) => Promise<'ok' | 'gone'>;

export class Delivery extends RpcTarget {
  readonly #deliver: Deliver;

  constructor(deliver: Deliver) {
    super();
    this.#deliver = deliver;
  }

  deliver(run: Uint8Array, from: Standing): Promise<'ok' | 'gone'> {
    return this.#deliver(run, from);
  }
}
