// Everything that makes NATs differ, every two of it together at least once, with a reboot at each stage: RFC 4787, sections 4 to 11.

import { describe, expect, it } from 'vitest';
import { type Story, tell, whole } from './story/story.ts';
import { pairwise } from './world/pairwise.ts';

const SECOND = 1000;

const ROWS = pairwise({
  mapping: ['independent', 'address', 'address-and-port', 'host'],
  filtering: ['independent', 'address', 'address-and-port'],
  ports: ['preserving', 'overloading', 'random', 'low', 'parity'],
  seconds: [10, 20, 30, 120, 300],
  refresh: ['outbound', 'both'],
  paired: [true, false],
  hairpin: ['none', 'external', 'internal'],
  fragments: ['pass', 'drop', 'reorder', 'double'],
  helper: ['none', 'tracks-cookies', 'parses'],
  reboot: ['never', 'after INIT', 'in the midst of EAP', 'after AUTH', 'during a rekey'],
  auth: ['psk', 'eap', 'cert'],
});

type Row = (typeof ROWS)[number];

/** ms after the client begins; one way takes 20 ms. */
const REBOOTS = {
  never: null,
  'after INIT': 30,
  'in the midst of EAP': 110,
  'after AUTH': 300,
  'during a rekey': null,
} as const;

function storyOf(row: Row): Story {
  const { seconds, reboot, auth, ...kind } = row;
  const at = REBOOTS[reboot];
  return {
    title: nameOf(row),
    wish: {
      shared: true,
      auth,
      nat: { ...kind, timeoutMs: seconds * SECOND },
      pool: kind.paired ? ['198.51.100.1'] : ['198.51.100.1', '198.51.100.3'],
      client: { keepaliveMs: Math.min(20, seconds - 2) * SECOND, fragmentOctets: 576, livenessMs: 60 * SECOND },
    },
    before: ({ world, nat }) => {
      if (at !== null) world.clock.in(at, () => nat.reboot());
    },
    happens: async ({ world, nat, a }) => {
      if (reboot === 'during a rekey') {
        await a.run(a.initiator.rekeyIke(world.clock.now));
        nat.reboot();
      }
      await world.run(120 * SECOND);
      return () => {};
    },
  };
}

function nameOf(row: Row): string {
  return Object.values(row).join(', ');
}

describe('a NAT that is', () => {
  it.each(ROWS.map((row) => ({ name: nameOf(row), row })))('$name: two clients are served', async ({ row }) => {
    const { ending } = await tell(storyOf(row));
    expect(ending).toEqual(whole(ending));
  });

  it('is each of these with each of those', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(25);
    expect(ROWS.some(({ mapping, seconds }) => mapping === 'host' && seconds === 10)).toBe(true);
    expect(ROWS.some(({ ports, reboot }) => ports === 'overloading' && reboot === 'during a rekey')).toBe(true);
  });
});
