// The fields of a request's JSON body. The first one that is wrong is remembered; the reader goes on with something harmless.

import { inField, type Refused, refuse } from '../directory/refusal.ts';
import { shorten } from '../directory/names.ts';

export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  #refused: Refused | null = null;

  /** @param known the names that are understood; any other is refused, so that no misspelt one goes unnoticed. */
  constructor(body: unknown, known: readonly string[]) {
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    this.#values = isObject ? (body as Record<string, unknown>) : {};
    if (!isObject)
      this.refuse(
        refuse('bad-request', 'The body is not a JSON object.', `Send an object with the fields ${known.join(', ')}.`),
      );
    const stranger = Object.keys(this.#values).find((name) => !known.includes(name));
    if (stranger !== undefined) {
      this.refuse(
        refuse(
          'unknown-field',
          `There is no field '${shorten(stranger)}'.`,
          `The fields here are ${known.join(', ')}.`,
        ),
      );
    }
  }

  /** The first refusal; nothing that was read counts when there is one. */
  get refused(): Refused | null {
    return this.#refused;
  }

  /** @param field the one that is wrong, where it is one. */
  refuse(refused: Refused, field?: string): void {
    this.#refused ??= field === undefined ? refused : inField(refused, field);
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** Whether the field was given as null. */
  isNull(name: string): boolean {
    return this.#values[name] === null;
  }

  /** @returns undefined when absent. */
  string(name: string): string | undefined {
    return this.#read(name, 'a text', (value) => typeof value === 'string' && value.length <= LONGEST_TEXT);
  }

  boolean(name: string): boolean | undefined {
    return this.#read(name, 'true or false', (value) => typeof value === 'boolean');
  }

  /** A whole number within bounds. */
  integer(name: string, lowest: number, highest: number, unit: string): number | undefined {
    const isGood = (value: unknown) =>
      Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest;
    return this.#read(name, `a whole number of ${unit} from ${lowest} to ${highest}`, isGood);
  }

  strings(name: string, most: number): string[] | undefined {
    const isText = (value: unknown) => typeof value === 'string' && value.length <= LONGEST_TEXT;
    return this.#read(
      name,
      `a list of at most ${most} texts`,
      (value) => Array.isArray(value) && value.length <= most && value.every(isText),
    );
  }

  #read<T>(name: string, wanted: string, isGood: (value: unknown) => boolean): T | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    if (isGood(value)) return value as T;
    this.refuse(
      refuse(
        'bad-value',
        `'${name}' is ${shorten(JSON.stringify(value) ?? 'nothing')}, but it takes ${wanted}.`,
        `Send ${wanted} as '${name}', or leave it out.`,
      ),
      name,
    );
    return undefined;
  }
}

const LONGEST_TEXT = 1024;
