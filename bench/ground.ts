// Where a process of the bench runs: in a network namespace, or, without root, on this machine's loopback.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, type Result, run, Service } from '../test/lab/command.ts';
import type { Host } from '../test/lab/namespace.ts';

export interface Process {
  readonly pid: number;
  readonly command: string;
}

export interface Ground {
  readonly directory: string;
  /** The command that runs a command there. */
  enter(command: readonly string[]): string[];
  run(command: readonly string[], options?: CommandOptions): Promise<Result>;
  start(name: string, command: readonly string[], options?: CommandOptions): Service;
  /** What runs there. */
  processes(): Promise<Process[]>;
}

export class NamespaceGround implements Ground {
  readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  get directory(): string {
    return this.host.directory;
  }

  enter(command: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.host.namespace, ...command];
  }

  run(command: readonly string[], options?: CommandOptions): Promise<Result> {
    return this.host.run(command, options);
  }

  start(name: string, command: readonly string[], options?: CommandOptions): Service {
    return this.host.start(name, command, options);
  }

  async processes(): Promise<Process[]> {
    const { stdout } = await run(['ip', 'netns', 'pids', this.host.namespace]);
    return stdout.split('\n').filter(Boolean).map(Number).map(describe);
  }
}

export class LoopbackGround implements Ground {
  readonly directory: string;
  readonly #services: Service[] = [];

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  enter(command: readonly string[]): string[] {
    return [...command];
  }

  run(command: readonly string[], options?: CommandOptions): Promise<Result> {
    return run(command, options);
  }

  start(name: string, command: readonly string[], options?: CommandOptions): Service {
    const service = new Service(name, command, join(this.directory, `${name}.out`), options);
    this.#services.push(service);
    return service;
  }

  async processes(): Promise<Process[]> {
    const parents = parentsOfAll();
    const roots = new Set(this.#services.map(({ pid }) => pid));
    const within = (pid: number): boolean => {
      for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
        if (roots.has(at)) return true;
      return false;
    };
    return [...parents.keys()].filter(within).map(describe);
  }
}

function describe(pid: number): Process {
  return { pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() };
}

/** Field 4 of proc_pid_stat(5), behind the name in parentheses. */
function parentsOfAll(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = read(`/proc/${entry}/stat`);
    parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  return parents;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
