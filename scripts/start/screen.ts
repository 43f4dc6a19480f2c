// What the operator reads: plain lines within 80 columns, or one JSON object a line.

export interface Terminal {
  readonly isTTY: boolean;
  write(text: string): void;
}

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 } as const;
export type Level = keyof typeof LEVELS;

interface Entry {
  readonly level: Level;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export class Screen {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #threshold: number;
  readonly #now: () => Date;
  #progress = '';

  constructor(terminal: Terminal, options: { readonly json: boolean; readonly level: Level }, now = () => new Date()) {
    this.#terminal = terminal;
    this.#json = options.json;
    this.#threshold = LEVELS[options.level];
    this.#now = now;
  }

  /** Something of our own, whole lines. */
  say(text: string, level: Level = 'info'): void {
    if (this.#json)
      for (const line of text.split('\n')) this.#object('culvert', { level, text: line.trim(), fields: {} });
    else this.#line(text);
  }

  /** What is being done; on a terminal the next one takes its place. */
  progress(text: string): void {
    if (this.#json || !this.#terminal.isTTY) {
      this.say(text);
      return;
    }
    this.#clear();
    this.#progress = text;
    this.#terminal.write(`${text} ...`);
  }

  /** A line that a child process wrote. */
  log(source: string, line: string): void {
    const entry = parseLine(line);
    if (entry.text === '' || LEVELS[entry.level] < this.#threshold) return;
    if (this.#json) {
      this.#object(source, entry);
      return;
    }
    const told = Object.entries(entry.fields).filter(([, value]) => value !== null);
    const fields = told.map(([name, value]) => ` ${name}=${String(value)}`);
    const time = this.#now().toTimeString().slice(0, 8);
    this.#line(`${time} ${source.padEnd(5)} ${entry.level.padEnd(5)} ${entry.text}${fields.join('')}`);
  }

  #object(source: string, { level, text, fields }: Entry): void {
    this.#terminal.write(
      `${JSON.stringify({ time: this.#now().toISOString(), source, level, event: text, ...fields })}\n`,
    );
  }

  #line(text: string): void {
    this.#clear();
    this.#terminal.write(`${text}\n`);
  }

  #clear(): void {
    if (this.#progress !== '') this.#terminal.write(`\r${' '.repeat(this.#progress.length + 4)}\r`);
    this.#progress = '';
  }
}

/** Reads the edge's JSON lines, the relay's `time level text`, and anything else. */
export function parseLine(line: string): Entry {
  const text = line.trimEnd();
  if (text.startsWith('{')) {
    try {
      const { level, event, ...fields } = JSON.parse(text) as Record<string, unknown>;
      if (isLevel(level)) return { level, text: String(event ?? ''), fields };
    } catch {
      // Not ours after all.
    }
  }
  const own = /^\d{4}-\d\d-\d\dT[\d:.]+Z (error|warn|info|debug) (.*)$/s.exec(text);
  if (own) return { level: own[1] as Level, text: own[2]!, fields: {} };
  // workerd tells of every socket that was cut and every stack that it walked.
  const noise = /disconnected: |^stack: /.test(text);
  return { level: noise ? 'debug' : 'warn', text, fields: {} };
}

function isLevel(level: unknown): level is Level {
  return typeof level === 'string' && level in LEVELS;
}
