// One line on where and with what a measurement was taken.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release } from 'node:os';
import { attempt } from '../test/lab/command.ts';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly kernel: string;
  readonly node: string;
  readonly workerd: string;
  /** null where there is none. */
  readonly strongswan: string | null;
  /** Processes that wanted to run before the bench did, by the minute's average: others share the cores. */
  readonly load: number;
}

export async function describeMachine(): Promise<Machine> {
  const require = createRequire(import.meta.url);
  const { version } = JSON.parse(readFileSync(require.resolve('workerd/package.json'), 'utf8')) as { version: string };
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    kernel: release(),
    node: process.versions.node,
    workerd: version,
    strongswan: await strongswanVersion(),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

export function lineOf(machine: Machine): string {
  const { cores, processor, kernel, node, workerd, strongswan, load } = machine;
  const others = strongswan === null ? 'no strongSwan' : `strongSwan ${strongswan}`;
  return `${cores} cores (${processor}), Linux ${kernel}, Node ${node}, workerd ${workerd}, ${others}; load before ${load}`;
}

async function strongswanVersion(): Promise<string | null> {
  const result = await attempt(['swanctl', '--version']).catch(() => null);
  return result === null ? null : (/\b\d+\.\d+\.\d+\w*/.exec(result.stdout + result.stderr)?.[0] ?? null);
}
