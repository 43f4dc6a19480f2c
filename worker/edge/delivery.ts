// A session in which one object hands packets to another: however many calls, it is billed as one, and all of them cross in order.

import { RpcTarget } from 'cloudflare:workers';
import { splitPackets } from '../../src/wire/ip-run.ts';
import type { Standing } from './standing.ts';

/** @returns `gone` when nobody of that name is here. */
export type Take = (packets: readonly Uint8Array[], from: Standing) => Promise<'ok' | 'gone'>;

export class Delivery extends RpcTarget {
  readonly #take: Take;

  constructor(take: Take) {
    super();
    this.#take = take;
  }

  /** @param run of packets end to end: one buffer costs less to hand over than many. */
  deliver(run: Uint8Array, from: Standing): Promise<'ok' | 'gone'> {
    return this.#take(splitPackets(run), from);
  }
}
