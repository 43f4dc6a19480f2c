// What was typed into a form, and what is wrong with it: a refusal stands beside the field that it is about.

import type { Refusal } from '../directory/refusal.ts';

/** More than any field takes. */
const LONGEST = 16_384;

export class Typed {
  /** Tells the fields of two forms on a page apart. */
  readonly id: string;
  readonly #values: ReadonlyMap<string, readonly string[]>;
  #wrong: Refusal | null = null;

  constructor(id: string, values: ReadonlyMap<string, readonly string[]> = new Map()) {
    this.id = id;
    this.#values = values;
  }

  /** The first value, or what stands there before anything was typed. */
  value(name: string, initial = ''): string {
    return this.#values.get(name)?.[0] ?? initial;
  }

  values(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** One text a line or comma. */
  list(name: string): string[] {
    return this.value(name)
      .split(/[\s,]+/)
      .filter((each) => each !== '');
  }

  has(name: string): boolean {
    return this.value(name).trim() !== '';
  }

  /** The first refusal counts. */
  refuse(refusal: Refusal): this {
    this.#wrong ??= refusal;
    return this;
  }

  wrong(name: string): Refusal | null {
    return this.#wrong?.field === name ? this.#wrong : null;
  }

  /** What is wrong and stands beside no field of the form. */
  get overall(): Refusal | null {
    const wrong = this.#wrong;
    return wrong && (wrong.field === undefined || !this.#values.has(wrong.field)) ? wrong : null;
  }

  get refused(): boolean {
    return this.#wrong !== null;
  }
}

export async function readForm(request: Request, id: string): Promise<Typed> {
  const values = new Map<string, string[]>();
  for (const [name, value] of await request.formData()) {
    if (typeof value !== 'string') continue;
    const list = values.get(name) ?? [];
    list.push(value.slice(0, LONGEST));
    values.set(name, list);
  }
  return new Typed(id, values);
}
