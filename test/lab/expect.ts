// What a scenario claims, and how it waits for a claim to become true.

import { pause } from './command.ts';

/** A claim that did not hold: its message is one sentence for the person who reads the summary. */
export class Unmet extends Error {
  override name = 'Unmet';
}

export function expect(claim: unknown, otherwise: string): asserts claim {
  if (!claim) throw new Unmet(otherwise);
}

export function expectEqual<T>(actual: T, wanted: T, what: string): void {
  expect(Object.is(actual, wanted), `${what}: expected ${String(wanted)}, saw ${String(actual)}`);
}

export function expectMatch(text: string, pattern: RegExp, what: string): void {
  expect(
    pattern.test(text),
    `${what}: ${String(pattern)} not found in:\n${text.trim().split('\n').slice(-15).join('\n')}`,
  );
}

/** Asks again and again until `probe` gives something true; fails with `what` after `limit` ms. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  what: string,
  limit = 15_000,
  interval = 100,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = Date.now() + limit;
  for (;;) {
    const seen = await probe();
    if (seen) return seen as NonNullable<Exclude<T, false>>;
    if (Date.now() > end) throw new Unmet(`${what} (waited ${limit / 1000} s)`);
    await pause(interval);
  }
}
