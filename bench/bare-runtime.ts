// A Worker by itself in the runtime, and the process that runs it: what a part costs without the rest of the edge.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Log, LogLevel, Miniflare, type WorkerOptions } from 'miniflare';
import { bundleWorker } from '../scripts/start/bundle.ts';
import { COMPATIBILITY } from '../scripts/start/deployment.ts';

export interface BareRuntime {
  readonly url: URL;
  /** Of workerd. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** @param entry a file of this folder. */
export async function startBare(entry: string, objects: WorkerOptions['durableObjects'] = {}): Promise<BareRuntime> {
  const contents = await bundleWorker(fileURLToPath(new URL(entry, import.meta.url)));
  const before = new Set(childrenOf(process.pid));
  const miniflare = new Miniflare({
    modules: [{ type: 'ESModule', path: 'bare.js', contents }],
    compatibilityDate: COMPATIBILITY.date,
    compatibilityFlags: [...COMPATIBILITY.flags],
    durableObjects: objects,
    // Without the service that the ready URL leads through, which costs more than what is measured.
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    cf: false,
    telemetry: { enabled: false },
    log: new Log(LogLevel.NONE),
  });
  await miniflare.ready;
  const url = await miniflare.unsafeGetDirectURL();
  const pid = childrenOf(process.pid).find((child) => !before.has(child) && nameOf(child) === 'workerd');
  if (pid === undefined) throw new Error(`the runtime that runs ${entry} is not to be found`);
  return { url, pid, stop: () => miniflare.dispose() };
}

function childrenOf(parent: number): number[] {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
