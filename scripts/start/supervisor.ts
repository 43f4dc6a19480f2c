// Keeps one child running: starts it again when it ends, at once the first time, later and later when it keeps ending.

import { Child, type ChildSpec } from './child.ts';

export interface Supervised {
  readonly spec: ChildSpec;
  /** Told to the child when it starts. */
  readonly greeting: object | null;
  line(text: string): void;
  message(message: unknown): void;
  /** It has ended by itself and comes back in `delayMs`. */
  ended(how: string, delayMs: number): void;
}

/** A child that has run so long has recovered. */
const STEADY_MS = 60_000;
const DELAY_MS = { first: 500, last: 30_000 } as const;

export class Supervisor {
  readonly #what: Supervised;
  #child: Child | null = null;
  #failures = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(what: Supervised) {
    this.#what = what;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { spec, greeting } = this.#what;
    this.#startedAt = Date.now();
    this.#child = new Child(spec, {
      line: (text) => this.#what.line(text),
      message: (message) => this.#what.message(message),
      gone: (how) => this.#gone(how),
    });
    if (greeting) this.#child.send(greeting);
  }

  async stop(patienceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#child?.stop(patienceMs);
  }

  #gone(how: string): void {
    this.#child = null;
    if (this.#stopping) return;
    if (Date.now() - this.#startedAt >= STEADY_MS) this.#failures = 0;
    const delayMs = restartDelay(this.#failures);
    this.#failures += 1;
    this.#what.ended(how, delayMs);
    if (!this.#stopping) this.#timer = setTimeout(() => this.start(), delayMs);
  }
}

/** @param failures in a row before this one. */
export function restartDelay(failures: number): number {
  return failures === 0 ? 0 : Math.min(DELAY_MS.last, DELAY_MS.first * 2 ** (failures - 1));
}
