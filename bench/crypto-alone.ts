// What the cipher costs without the rest of the edge: the same primitives in the same runtime, and nothing around them.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { bundleWorker } from '../scripts/start/bundle.ts';
import { COMPATIBILITY } from '../scripts/start/deployment.ts';
import { threadSeconds } from './accounting.ts';

const ENTRY = fileURLToPath(new URL('crypto-worker.ts', import.meta.url));
const BATCH = 32;
const BATCHES = 200;

export class CryptoAlone {
  readonly #miniflare: Miniflare;
  readonly #url: URL;
  readonly #pid: number;

  private constructor(miniflare: Miniflare, url: URL, pid: number) {
    this.#miniflare = miniflare;
    this.#url = url;
    this.#pid = pid;
  }

  static async start(): Promise<CryptoAlone> {
    const contents = await bundleWorker(ENTRY);
    const before = new Set(childrenOf(process.pid));
    const miniflare = new Miniflare({
      modules: [{ type: 'ESModule', path: 'crypto.js', contents }],
      compatibilityDate: COMPATIBILITY.date,
      compatibilityFlags: [...COMPATIBILITY.flags],
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.NONE),
    });
    const url = await miniflare.ready;
    const pid = childrenOf(process.pid).find((child) => !before.has(child) && nameOf(child) === 'workerd');
    if (pid === undefined) throw new Error('the runtime that measures the cipher is not to be found');
    return new CryptoAlone(miniflare, url, pid);
  }

  /** @returns microseconds of CPU to open one packet and seal it again. */
  async round(octets: number): Promise<number> {
    const before = threadSeconds(this.#pid);
    const response = await fetch(`${this.#url.origin}/?octets=${octets}&batches=${BATCHES}`);
    if (!response.ok) throw new Error(`the cipher by itself: ${await response.text()}`);
    return ((threadSeconds(this.#pid) - before) / (BATCHES * BATCH)) * 1e6;
  }

  stop(): Promise<void> {
    return this.#miniflare.dispose();
  }
}

function childrenOf(parent: number): number[] {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
