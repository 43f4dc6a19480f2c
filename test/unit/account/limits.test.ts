// How often something may be tried: by one source, to one account, and from the database's point of view.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../browser.ts';
import { Control } from '../control.ts';
import { firstOwner, PASSWORD } from './organisation.ts';

let control: Control;

beforeAll(async () => {
  control = await Control.start();
  await firstOwner(control);
});

afterAll(() => control?.stop());

describe('signing in', () => {
  it('is slowed for one account, from wherever it is tried', async () => {
    const wrong = { email: 'owner@example.com', password: 'wrong horse battery' };
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) statuses.push((await new Browser(control).post('/auth/sign-in', wrong)).status);
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    const right = { email: 'OWNER@example.com', password: PASSWORD };
    const { status, body } = await new Browser(control).post('/auth/sign-in', right);
    expect([status, body.error]).toMatchObject([
      429,
      { code: 'too-many-requests', next: expect.stringContaining('Wait') },
    ]);
    await control.rows('UPDATE rate_limits SET empty_at = empty_at - 61000');
    expect((await new Browser(control).post('/auth/sign-in', right)).status).toBe(200);
  });

  it('is slowed for one source, whichever account it tries', async () => {
    const browser = new Browser(control);
    const statuses: number[] = [];
    for (let i = 0; i < 22; i++) {
      const { status } = await browser.post('/auth/sign-in', { email: `u${i}@example.com`, password: 'x' });
      statuses.push(status);
    }
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses.at(-1)).toBe(429);
    expect((await new Browser(control).post('/auth/sign-in', { email: 'u@example.com', password: 'x' })).status).toBe(
      401,
    );
  });

  it('counts tries that come at once', async () => {
    const tries = Array.from({ length: 15 }, () =>
      new Browser(control).post('/auth/sign-in', { email: 'rush@example.com', password: 'x' }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  });

  it('keeps neither addresses nor accounts in its buckets', async () => {
    const buckets = JSON.stringify(await control.rows('SELECT bucket FROM rate_limits'));
    expect(buckets).not.toMatch(/198\.18\.|example/);
    await control.call('scheduled', '7 * * * *', Date.now() + 86_400_000);
    expect(await control.rows('SELECT count(*) AS n FROM rate_limits')).toEqual([{ n: 0 }]);
  });
});
