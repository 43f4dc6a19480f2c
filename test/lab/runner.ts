// Runs scenarios, each in a network of its own that is removed afterwards.

import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GatewayKind } from './gateway.ts';
import { Lab } from './lab.ts';
import { Network, RUN_FOLDER } from './namespace.ts';
import type { Scenario } from './scenario.ts';

const SCENARIOS = fileURLToPath(new URL('scenarios', import.meta.url));
const KEPT = fileURLToPath(new URL('../../.culvert/lab', import.meta.url));

export interface RunOptions {
  readonly gateway: GatewayKind;
  /** A letter that tells this scenario's network from those that stand at the same time. */
  readonly lane: string;
  /** Called when a scenario is over and its network still stands. */
  readonly inspect: ((hosts: readonly string[]) => Promise<void>) | null;
}

export interface Outcome {
  /** Null when it passed. */
  readonly failure: string | null;
  readonly notes: readonly string[];
  readonly seconds: number;
  /** Folder of captures and logs of a failed one. */
  readonly evidence: string | null;
}

const standing = new Set<Network>();
let aborting = false;

export function scenarioNames(): string[] {
  return readdirSync(SCENARIOS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(SCENARIOS, entry.name, 'scenario.ts')))
    .map((entry) => entry.name)
    .sort();
}

export async function loadScenario(name: string): Promise<Scenario> {
  const module = (await import(join(SCENARIOS, name, 'scenario.ts'))) as { scenario: Scenario };
  return module.scenario;
}

export async function runScenario(name: string, scenario: Scenario, options: RunOptions): Promise<Outcome> {
  const directory = join(RUN_FOLDER, name);
  const network = new Network(directory, options.lane);
  standing.add(network);
  const started = performance.now();
  const notes: string[] = [];
  let failure: string | null = null;
  let lab: Lab | null = null;
  try {
    await within(scenario.limit, async () => {
      lab = await Lab.build(
        network,
        options.gateway,
        scenario.gatewayBehindNat ?? false,
        scenario.ipv6Outside ?? false,
      );
      await scenario.run(lab, (text) => notes.push(text));
    });
  } catch (error) {
    failure =
      error instanceof Error
        ? error.name === 'Unmet'
          ? error.message
          : (error.stack ?? error.message)
        : String(error);
  }
  if (aborting) await new Promise<never>(() => {});
  const seconds = (performance.now() - started) / 1000;
  if (options.inspect) await options.inspect(network.hosts().map((host) => host.namespace));
  await (lab as Lab | null)?.stop();
  await network.remove();
  standing.delete(network);
  const evidence = failure === null ? null : keep(directory, name);
  rmSync(directory, { recursive: true, force: true });
  return { failure, notes, seconds, evidence };
}

/** Ends the run where it is, and removes what it made. */
export async function abort(): Promise<void> {
  aborting = true;
  await Promise.all([...standing].map((network) => network.remove()));
  rmSync(RUN_FOLDER, { recursive: true, force: true });
}

/** Removes what scenarios have had in common. */
export function finish(): void {
  rmSync(RUN_FOLDER, { recursive: true, force: true });
}

/** Copies what a failed scenario has left in its folder: captures, logs, settings. @returns the copy. */
export function keep(directory: string, name: string, kept = KEPT): string {
  const target = join(kept, name);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(kept, { recursive: true });
  // Control sockets cannot be copied.
  cpSync(directory, target, { recursive: true, filter: (path) => !path.endsWith('.vici') });
  return target;
}

async function within(seconds: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${seconds} s`)), seconds * 1000);
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
