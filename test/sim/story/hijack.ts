// N32: somebody without keys who has seen everything.

import { expect } from 'vitest';
import { WITHOUT_MOBIKE } from '../initiator/options.ts';
import { remoteOf, talkAll } from '../world/office.ts';
import { type Story, whole } from './story.ts';

const STRIKES = 30;

export const HIJACK: readonly Story[] = [true, false].map((mobike) => ({
  title: `N32 replayed, altered and forged datagrams from elsewhere move nothing and end nothing, ${mobike ? 'with' : 'without'} MOBIKE`,
  wish: { alone: true, ...(mobike ? {} : { client: { layout: WITHOUT_MOBIKE } }) },
  ends: (ending) => whole(ending, 'peer', mobike),
  happens: async (office) => {
    const { world, a } = office;
    // ESP to be struck with, too.
    await talkAll(office);
    const before = remoteOf(world, a);
    for (let n = 0; n < STRIKES; n++) world.attacker.strike();
    await world.run(10_000);
    const after = remoteOf(world, a);
    return () => {
      expect(after).toBe(before);
      expect(world.shellOf(a)?.peer.status()?.report.moved).toBe(0);
      expect(a.connections).toBe(1);
    };
  },
}));
