import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RouteEntry, RouteTable } from '../../src/route/network.ts';
import type { Prefix } from '../../src/wire/prefix.ts';

const bits = (address: Uint8Array) => [...address].map((octet) => octet.toString(2).padStart(8, '0')).join('');
const holds = (prefix: Prefix, address: Uint8Array) =>
  prefix.address.length === address.length &&
  bits(prefix.address).slice(0, prefix.length) === bits(address).slice(0, prefix.length);

/** Every prefix in a list, each looked at every time. */
class LinearModel {
  entries: { prefix: Prefix; entry: RouteEntry }[] = [];

  insert(prefix: Prefix, entry: RouteEntry): void {
    this.remove(prefix);
    this.entries.push({ prefix, entry });
  }

  remove(prefix: Prefix): boolean {
    const before = this.entries.length;
    this.entries = this.entries.filter((e) => e.prefix.length !== prefix.length || !holds(prefix, e.prefix.address));
    return this.entries.length < before;
  }

  lookup(address: Uint8Array): RouteEntry | null {
    const matches = this.entries
      .filter((e) => holds(e.prefix, address))
      .sort((a, b) => b.prefix.length - a.prefix.length);
    return matches[0]?.entry ?? null;
  }
}

// Few different octets, so that prefixes nest and meet.
const address = fc
  .constantFrom(4, 16)
  .chain((octets) => fc.uint8Array({ minLength: octets, maxLength: octets }))
  .map((octets) => octets.map((octet) => [0, 1, 10, 0x80, 0xff][octet % 5]!));

const prefix = address.chain((octets) =>
  fc.integer({ min: 0, max: octets.length * 8 }).map((length): Prefix => {
    const masked = bits(octets)
      .slice(0, length)
      .padEnd(octets.length * 8, '0');
    return { address: octets.map((_, i) => Number.parseInt(masked.slice(i * 8, i * 8 + 8), 2)), length };
  }),
);

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('insert' as const), prefix }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), prefix }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), index: fc.nat() }) },
);

describe('the route table, against a list', () => {
  it('agrees after any insertions and removals', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.array(address, { maxLength: 20 }), (steps, probes) => {
        const table = new RouteTable();
        const model = new LinearModel();
        for (const [index, s] of steps.entries()) {
          if (s.kind === 'insert') {
            const entry: RouteEntry = { kind: 'member', member: String(index), route: index };
            table.insert(s.prefix, entry);
            model.insert(s.prefix, entry);
          } else {
            const known = s.kind === 'forget' ? model.entries[s.index % (model.entries.length || 1)]?.prefix : s.prefix;
            if (known) expect(table.remove(known)).toBe(model.remove(known));
          }
          expect(table.size).toBe(model.entries.length);
        }
        for (const probe of [...probes, ...model.entries.map((e) => e.prefix.address)]) {
          expect(table.lookup(probe)).toEqual(model.lookup(probe));
        }
      }),
      { numRuns: 300 },
    );
  });
});
