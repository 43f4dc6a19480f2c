// Plain data as text and back: JSON, with octets, big integers, maps and sets under a tag.

import { Buffer } from 'node:buffer';

/** Takes what structured clone takes of plain data: no dates, no cycles, no class of one's own. */
export function writePlain(value: unknown): string {
  return JSON.stringify(tagged(value));
}

/** Reads what writePlain wrote. Throws a SyntaxError for anything else. */
export function readPlain(text: string): unknown {
  return untagged(JSON.parse(text));
}

function tagged(value: unknown): unknown {
  if (typeof value === 'bigint') return ['n', value.toString()];
  if (typeof value === 'number' && !Number.isFinite(value)) return ['f', String(value)];
  if (value === undefined) return ['u'];
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array)
    return ['o', Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')];
  if (value instanceof Map) return ['m', [...value].map(([key, held]) => [tagged(key), tagged(held)])];
  if (value instanceof Set) return ['s', [...value].map(tagged)];
  if (Array.isArray(value)) return ['a', value.map(tagged)];
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, tagged(held)]));
}

function untagged(value: unknown): unknown {
  if (Array.isArray(value)) return untaggedArray(value[0], value[1]);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, untagged(held)]));
}

function untaggedArray(tag: unknown, held: unknown): unknown {
  switch (tag) {
    case 'n':
      return BigInt(held as string);
    case 'f':
      return Number(held);
    case 'u':
      return undefined;
    case 'o':
      return Uint8Array.from(Buffer.from(held as string, 'base64'));
    case 'm':
      return new Map((held as [unknown, unknown][]).map(([key, value]) => [untagged(key), untagged(value)]));
    case 's':
      return new Set((held as unknown[]).map(untagged));
    case 'a':
      return (held as unknown[]).map(untagged);
    default:
      throw new SyntaxError('not plain data');
  }
}
