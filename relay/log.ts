// What the relay says, on standard error: one line each. No keys, no octets; addresses at debug only.

export const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];

export class Log {
  readonly #loudest: number;
  readonly #write: (line: string) => void;

  constructor(level: Level, write: (line: string) => void) {
    this.#loudest = LEVELS.indexOf(level);
    this.#write = write;
  }

  error(text: string): void {
    this.#say('error', text);
  }

  warn(text: string): void {
    this.#say('warn', text);
  }

  info(text: string): void {
    this.#say('info', text);
  }

  /** A function, so that what is not said is not put together either. */
  debug(text: () => string): void {
    if (this.#loudest >= LEVELS.indexOf('debug')) this.#say('debug', text());
  }

  #say(level: Level, text: string): void {
    if (LEVELS.indexOf(level) <= this.#loudest) this.#write(`${new Date().toISOString()} ${level} ${text}\n`);
  }
}
