// One JSON line per event. Never a key or an octet; identities only at debug, addresses there too, but for those that a peer moves between.

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 } as const;

export type Level = keyof typeof LEVELS;
export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export class Log {
  readonly #threshold: number;
  readonly #fixed: Fields;
  readonly #write: (line: string) => void;

  /** @param level below this nothing is written; anything unknown counts as `info`. */
  constructor(
    level: string | undefined,
    fixed: Fields = {},
    write: (line: string) => void = (line) => console.log(line),
  ) {
    this.#threshold = LEVELS[level as Level] ?? LEVELS.info;
    this.#fixed = fixed;
    this.#write = write;
  }

  debug(event: string, fields?: Fields): void {
    this.#line('debug', event, fields);
  }

  info(event: string, fields?: Fields): void {
    this.#line('info', event, fields);
  }

  warn(event: string, fields?: Fields): void {
    this.#line('warn', event, fields);
  }

  error(event: string, fields?: Fields): void {
    this.#line('error', event, fields);
  }

  #line(level: Level, event: string, fields: Fields = {}): void {
    if (LEVELS[level] < this.#threshold) return;
    this.#write(JSON.stringify({ level, event, ...this.#fixed, ...fields }));
  }
}

/** The name and message of whatever was thrown, without its stack, at most 200 characters. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return text.slice(0, 200);
}
