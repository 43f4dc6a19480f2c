// Programs of the laboratory: one that ends (run, attempt) and one that stays (Service).

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface Result {
  /** Exit status; null when a signal or the timeout ended the program. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Milliseconds, 30 s unless told. */
  readonly timeout?: number;
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

/** Runs a program to its end. Throws when it fails, with what it wrote. */
export async function run(command: readonly string[], options: CommandOptions = {}): Promise<Result> {
  const result = await attempt(command, options);
  if (result.status !== 0) {
    const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-12).join('\n');
    throw new Error(
      `${command.join(' ')}: ${result.status === null ? 'was ended' : `status ${result.status}`}\n${said}`,
    );
  }
  return result;
}

/** Runs a program to its end, whatever that is. Throws only when it cannot be started. */
export function attempt(command: readonly string[], options: CommandOptions = {}): Promise<Result> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, {
      cwd: options.directory,
      env: { ...process.env, ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeout ?? 30_000,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (status) =>
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** A program that stays, with its output in a file. */
export class Service {
  readonly name: string;
  readonly log: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #running = true;
  #status: number | null = null;
  #signal: NodeJS.Signals | null = null;

  constructor(name: string, command: readonly string[], log: string, options: CommandOptions = {}) {
    this.name = name;
    this.log = log;
    const [program, ...args] = command;
    const file = openSync(log, 'a');
    this.#child = spawn(program!, args, {
      cwd: options.directory,
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', file, file],
    });
    closeSync(file);
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        this.#running = false;
        resolve();
      };
      this.#child.on('exit', (status, signal) => {
        this.#status = status;
        this.#signal = signal;
        end();
      });
      this.#child.on('error', end);
    });
  }

  get running(): boolean {
    return this.#running;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Exit status, or the signal that ended it; both null while it runs. */
  get ending(): { readonly status: number | null; readonly signal: string | null } {
    return { status: this.#status, signal: this.#signal };
  }

  output(): string {
    return readFileSync(this.log, 'utf8');
  }

  /** Asks it to end, and after `grace` ms ends it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', grace = 3_000): Promise<void> {
    if (!this.#running) return;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), grace);
    await this.#ended;
    clearTimeout(timer);
  }

  async ended(): Promise<void> {
    await this.#ended;
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
