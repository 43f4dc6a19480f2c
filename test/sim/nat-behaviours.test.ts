// N1 to N34, the NATs and networks that are met, by name: each story told as it is, and again for each datagram with that one lost.

import { describe, expect, it } from 'vitest';
import { GATEWAY_SIDE } from './story/gateway-side.ts';
import { HIJACK } from './story/hijack.ts';
import { IN_MID_SA } from './story/in-mid-sa.ts';
import { KINDS_OF_NAT } from './story/kinds-of-nat.ts';
import { MIDDLEBOXES } from './story/middleboxes.ts';
import { tell, tellWithEachLost, whole } from './story/story.ts';

const STORIES = [...KINDS_OF_NAT, ...IN_MID_SA, ...GATEWAY_SIDE, ...MIDDLEBOXES, ...HIJACK];

describe.each(STORIES)('$title', (story) => {
  it(`${story.title}`, async () => {
    const { ending, judge } = await tell(story);
    expect(ending).toEqual((story.ends ?? whole)(ending));
    judge();
  });

  it(`${story.title}: the same whatever datagram is lost`, { timeout: 600_000 }, async () => {
    expect(await tellWithEachLost(story)).toBeNull();
  });
});
