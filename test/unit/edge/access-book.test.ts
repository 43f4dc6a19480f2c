// What is read about access after a sleep and after a change: of those who are asked about, not of all who are connected.

import { describe, expect, it } from 'vitest';
import { NO_POLICY } from '../../../src/policy/policy.ts';
import { AccessBook } from '../../../worker/edge/access-book.ts';

function bookOf(connected: string[]) {
  const asked: (readonly string[])[] = [];
  const state = { epoch: 1, down: false, said: 0 };
  const book = new AccessBook({
    connected: () => connected,
    failed: () => state.said++,
    load: async (members) => {
      asked.push(members);
      if (state.down) throw new Error('down');
      return { policy: NO_POLICY, epoch: state.epoch, groups: new Map(members.map((each) => [each, [`${each}-g`]])) };
    },
  });
  return { book, asked, state };
}

const MANY = Array.from({ length: 5_000 }, (_, i) => `m${i}`);

describe('the book of access', () => {
  it('reads of one member what one member is', async () => {
    const { book, asked } = bookOf(MANY);
    expect(await book.standing('m7', 0)).toEqual({ epoch: 1, party: { member: 'm7', groups: ['m7-g'] } });
    expect(await book.standing('m7', 0)).toMatchObject({ party: { groups: ['m7-g'] } });
    await book.view('m8', 0);
    expect(asked).toEqual([['m7'], ['m8']]);
  });

  it('reads those again that are remembered, and connected still', async () => {
    const connected = [...MANY];
    const { book, asked, state } = bookOf(connected);
    await book.know(['m1', 'm2', 'm3'], 0);
    connected.splice(2, 1);
    state.epoch = 2;
    await book.reload(70_000);
    expect(book.epoch).toBe(2);
    expect(asked.at(-1)).toEqual(['m1', 'm3']);
  });

  it('takes nobody of an older epoch along when somebody new shows a later one', async () => {
    const { book, asked, state } = bookOf(MANY);
    await book.standing('m1', 0);
    state.epoch = 2;
    expect(await book.standing('m2', 0)).toMatchObject({ epoch: 2 });
    expect(asked.at(-1)).toEqual(['m1', 'm2']);
    expect(await book.standing('m1', 0)).toMatchObject({ epoch: 2 });
  });

  it('learns of many by one question', async () => {
    const { book, asked } = bookOf(MANY);
    await book.know(MANY, 0);
    for (const member of ['m0', 'm4999']) await book.view(member, 0);
    expect(asked.map((each) => each.length)).toEqual([5_000]);
  });

  it('forgets at a bound, and reads again who is asked about afterwards', async () => {
    const { book, asked } = bookOf(['m0']);
    for (let i = 0; i < 4_200; i++) await book.standing(`m${i}`, 0);
    await book.standing('m0', 0);
    expect(asked.filter((each) => each.includes('m1'))).toHaveLength(1);
    expect(await book.standing('m1', 0)).toMatchObject({ party: { groups: ['m1-g'] } });
    expect(asked.filter((each) => each.includes('m1'))).toHaveLength(2);
  });

  it('says so where nothing is known, and keeps what is known', async () => {
    const { book, state } = bookOf(MANY);
    state.down = true;
    await expect(book.standing('m1', 0)).rejects.toThrow('down');
    expect(state.said).toBe(1);
    state.down = false;
    await book.standing('m1', 0);
    state.down = true;
    await book.reload(70_000);
    expect(await book.standing('m1', 0)).toMatchObject({ epoch: 1 });
  });
});
