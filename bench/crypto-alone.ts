// What the cipher costs without the rest of the edge: the same primitives in the same runtime, and nothing around them.

import { threadSeconds } from './accounting.ts';
import { type BareRuntime, startBare } from './bare-runtime.ts';

const BATCH = 32;
const BATCHES = 200;

export class CryptoAlone {
  readonly #runtime: BareRuntime;

  private constructor(runtime: BareRuntime) {
    this.#runtime = runtime;
  }

  static async start(): Promise<CryptoAlone> {
    return new CryptoAlone(await startBare('crypto-worker.ts'));
  }

  /** @returns microseconds of CPU to open one packet and seal it again. */
  async round(octets: number): Promise<number> {
    const { url, pid } = this.#runtime;
    const before = threadSeconds(pid);
    const response = await fetch(`${url.origin}/?octets=${octets}&batches=${BATCHES}`);
    if (!response.ok) throw new Error(`the cipher by itself: ${await response.text()}`);
    return ((threadSeconds(pid) - before) / (BATCHES * BATCH)) * 1e6;
  }

  stop(): Promise<void> {
    return this.#runtime.stop();
  }
}
