// The words that the description of the API is written in (OpenAPI 3.1): schemas are JSON Schema, kept as plain data.

import type { Scope } from '../../account/scopes.ts';

export type Schema = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly summary: string;
  readonly description?: string;
  /** null: whoever is let in; `public`: everybody. */
  readonly scope: Scope | null | 'public';
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: Schema;
  /** Status of success, and what it answers: JSON by a schema, or a file of that media type. */
  readonly success:
    | { readonly status: number; readonly schema: Schema }
    | { readonly status: number; readonly file: string };
  /** Codes of refusals beside those that any call may meet. */
  readonly refusals?: readonly string[];
}

/** `GET /networks/{network}` -> what it does. */
export type Operations = Readonly<Record<string, Operation>>;

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const time: Schema = { type: 'integer', description: 'Milliseconds since 1970.' };
export const anything: Schema = { description: 'Any JSON.' };

export function list(items: Schema): Schema {
  return { type: 'array', items };
}

export function nullable(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

export function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

export function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object with these fields and no others; those whose name ends with `?` may be missing. */
export function object(fields: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(fields);
  const properties = Object.fromEntries(names.map((name) => [name.replace(/\?$/, ''), fields[name]!]));
  return {
    type: 'object',
    properties,
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

/** Numbers by name. */
export const counters: Schema = { type: 'object', additionalProperties: { type: 'number' } };

export function ok(schema: Schema, status = 200): Operation['success'] {
  return { status, schema };
}
