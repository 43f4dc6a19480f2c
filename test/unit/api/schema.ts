// As much of JSON Schema as the description of the API uses, to hold real answers against it.

// biome-ignore lint/suspicious/noExplicitAny: a schema is any JSON, and says itself what it is.
type Json = any;

const KNOWN = new Set([
  ...['$ref', 'type', 'description', 'enum', 'items', 'properties', 'required', 'additionalProperties', 'anyOf'],
  ...['minimum', 'maximum', 'contentEncoding'],
]);

/** @returns what differs, by place; empty for what fits. @throws for a schema that is not understood. */
export function misfits(schema: Json, value: Json, schemas: Record<string, Json>, place = '$'): string[] {
  for (const word of Object.keys(schema))
    if (!KNOWN.has(word)) throw new Error(`${place}: '${word}' is not understood`);
  if (schema.$ref !== undefined) {
    const named = schemas[schema.$ref.replace('#/components/schemas/', '')];
    if (!named) throw new Error(`${place}: there is no ${schema.$ref}`);
    return misfits(named, value, schemas, place);
  }
  if (schema.anyOf !== undefined) {
    const tries = schema.anyOf.map((each: Json) => misfits(each, value, schemas, place));
    return tries.some((each: string[]) => each.length === 0) ? [] : tries[0];
  }
  if (schema.type !== undefined && !isOfType(schema.type, value)) return [`${place} is no ${schema.type}`];
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${place} is none of ${schema.enum}`];
  if (typeof value === 'number' && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value))) {
    return [`${place} is out of bounds`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((each, i) => misfits(schema.items ?? {}, each, schemas, `${place}[${i}]`));
  }
  return typeof value === 'object' && value !== null ? fieldMisfits(schema, value, schemas, place) : [];
}

function fieldMisfits(schema: Json, value: Json, schemas: Record<string, Json>, place: string): string[] {
  const missing = (schema.required ?? []).filter((name: string) => value[name] === undefined);
  const found: string[] = missing.map((name: string) => `${place}.${name} is missing`);
  for (const [name, each] of Object.entries(value)) {
    const own = schema.properties?.[name];
    if (own !== undefined) found.push(...misfits(own, each, schemas, `${place}.${name}`));
    else if (schema.additionalProperties === false) found.push(`${place}.${name} is not described`);
    else if (typeof schema.additionalProperties === 'object')
      found.push(...misfits(schema.additionalProperties, each, schemas, `${place}.${name}`));
  }
  return found;
}

function isOfType(type: string, value: Json): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
