import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Mailbox } from '../../../worker/edge/mailbox.ts';

function mailbox(limits: { capacity?: number; timeoutMs?: number } = {}) {
  const failures: string[] = [];
  const box = new Mailbox({ capacity: 8, timeoutMs: 10_000, ...limits }, (thrown) => {
    failures.push((thrown as Error).message);
  });
  return { box, failures };
}

describe('the mailbox', () => {
  it('runs one task at a time, in order', async () => {
    const { box } = mailbox();
    const seen: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      box.post(async () => {
        seen.push(`${name} begins`);
        await wait(5);
        seen.push(`${name} ends`);
      });
    }
    await box.drained;
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('takes only so many', async () => {
    const { box } = mailbox({ capacity: 2 });
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    expect(box.post(() => gate)).toBe(true);
    expect([box.post(() => gate), box.post(() => gate), box.post(() => gate)]).toEqual([true, true, false]);
    release();
    await box.drained;
    expect(box.post(async () => {})).toBe(true);
  });

  it('goes on after a task that throws', async () => {
    const { box, failures } = mailbox();
    let done = false;
    box.post(() => Promise.reject(new Error('broken')));
    box.post(() => {
      throw new Error('broken at once');
    });
    box.post(async () => {
      done = true;
    });
    await box.drained;
    expect(done).toBe(true);
    expect(failures).toEqual(['broken', 'broken at once']);
  });

  it('gives up a task that takes too long, tells it so, and goes on', async () => {
    const { box, failures } = mailbox({ timeoutMs: 20 });
    let release = () => {};
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    const verdicts: boolean[] = [];
    const late = new Promise<void>((resolve) => {
      box.post(async (signal) => {
        await stuck;
        verdicts.push(signal.givenUp);
        resolve();
      });
    });
    box.post(async (signal) => {
      verdicts.push(signal.givenUp);
    });
    await box.drained;
    expect(failures).toEqual(['the step took too long']);
    release();
    await late;
    expect(verdicts).toEqual([false, true]);
  });

  it('is drained when nothing was ever posted', async () => {
    await expect(mailbox().box.drained).resolves.toBeUndefined();
  });
});
