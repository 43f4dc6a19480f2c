// All nine cells of mapping x filtering (RFC 4787 sections 4.1 and 5), every exchange in each, and every datagram of it lost once.

import { describe, expect, it } from 'vitest';
import { type Story, tell, tellWithEachLost, whole } from './story/story.ts';
import type { Dependence } from './world/nat-behaviour.ts';
import { remoteOf } from './world/office.ts';

const DEPENDENCES: readonly Dependence[] = ['independent', 'address', 'address-and-port'];

function cell(mapping: Dependence, filtering: Dependence): Story {
  return {
    title: `${mapping} mapping, ${filtering} filtering`,
    wish: { nat: { mapping, filtering } },
    judge: ({ world, a }) => expect(remoteOf(world, a)).toMatch(/^198\.51\.100\.1:\d+$/),
  };
}

describe.each(DEPENDENCES)('%s mapping', { timeout: 600_000 }, (mapping) => {
  it.each(DEPENDENCES)(
    `${mapping} mapping, %s filtering: packets go both ways, and between two clients`,
    async (filtering) => {
      const story = cell(mapping, filtering);
      const { ending, judge } = await tell(story);
      expect(ending).toEqual(whole(ending));
      judge();
    },
  );

  it.each(DEPENDENCES)(`${mapping} mapping, %s filtering: the same whatever datagram is lost`, async (filtering) => {
    const { title, wish, ...rest } = cell(mapping, filtering);
    expect(await tellWithEachLost({ title, wish: { ...wish, alone: true }, ...rest })).toBeNull();
  });
});
