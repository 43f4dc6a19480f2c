// A child process with a process group of its own, so that whatever it has started goes when it goes.

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { lines } from './lines.ts';

export interface ChildSpec {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Modules that are loaded before the file. */
  readonly preload: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface ChildEvents {
  /** A line that the child, or what it started, wrote. */
  line(text: string): void;
  message(message: unknown): void;
  /** The child is gone, and so is its group. */
  gone(how: string): void;
}

/** A killed group is given so long to vanish from the process table. */
const VANISH_MS = 500;

export class Child {
  readonly #process: ChildProcess;
  readonly #gone: Promise<void>;

  constructor(spec: ChildSpec, events: ChildEvents) {
    const preload = [import.meta.resolve('tsx'), ...spec.preload].flatMap((module) => ['--import', module]);
    this.#process = spawn(process.execPath, [...preload, spec.file, ...spec.args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: spec.env,
    });
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      lines(stream, (text) => events.line(text));
    }
    this.#process.on('message', (message) => events.message(message));
    this.#gone = new Promise((resolve) => {
      const end = async (how: string) => {
        await this.#clear();
        resolve();
        events.gone(how);
      };
      this.#process.once('error', (error) => void end(error.message));
      this.#process.once(
        'exit',
        (code, signal) => void end(signal ? `was killed by ${signal}` : `ended with code ${code}`),
      );
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  send(message: object): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  /** Asks the child to end, and ends it and its group when it has not after `patienceMs`. */
  async stop(patienceMs: number): Promise<void> {
    this.#process.kill('SIGTERM');
    const ended = await Promise.race([this.#gone.then(() => true), wait(patienceMs, false, { ref: false })]);
    if (ended) return;
    this.#signalGroup('SIGKILL');
    await this.#gone;
  }

  /** Kills what the child has left behind. */
  async #clear(): Promise<void> {
    const until = Date.now() + VANISH_MS;
    while (this.#signalGroup('SIGKILL') && Date.now() < until) await wait(10);
  }

  #signalGroup(signal: 'SIGKILL'): boolean {
    if (this.#process.pid === undefined) return false;
    try {
      return process.kill(-this.#process.pid, signal);
    } catch {
      return false;
    }
  }
}
