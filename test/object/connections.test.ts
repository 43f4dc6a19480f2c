// Comings and goings as a network object tells them: each once, many at a time, kept while nobody takes them.

import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it } from 'vitest';
import { parsePrefix } from '../../src/wire/prefix.ts';
import type { PeerReport, ConnectionEvent } from '../../worker/edge/rpc.ts';
import { octets } from './carried.ts';
import { connections } from './worker.ts';

let count = 0;

function network() {
  const id = `connections-${++count}`;
  const stub = () => env.NETWORK.getByName(id);
  return {
    id,
    stub,
    join: (member: string, route: number, remote: string | null = null) =>
      stub().join({
        ...{
          network: id,
          member,
          name: `${member}-name`,
          kind: 'device',
          route,
          prefixes: [parsePrefix('10.0.0.2/32')!],
        },
        report: remote === null ? null : ({ remote: { address: remote, port: 4500 } } as PeerReport),
      }),
    leave: (member: string, route: number, reason: string) => stub().leave({ member, route, reason }),
    restart: () =>
      runInDurableObject(stub(), (_, ctx) => {
        ctx.abort('evicted by the test');
      }).catch(() => {}),
  };
}

const alarmOf = (stub: DurableObjectStub) => runInDurableObject(stub, (_, { storage }) => storage.getAlarm());

const told: ConnectionEvent[][] = [];

function listen(answer: () => Promise<void> = async () => {}): void {
  told.length = 0;
  connections.tell = async (_, events) => {
    await answer();
    told.push([...events]);
  };
}

afterEach(() => {
  connections.tell = async () => {};
});

describe('comings and goings', () => {
  it('are told with who, from where and why', async () => {
    listen();
    const { join, leave } = network();
    await join('laptop', 3, '198.51.100.7');
    await join('laptop', 3, '198.51.100.7');
    await leave('laptop', 9, 'not this one');
    await leave('laptop', 3, 'idle');
    await leave('laptop', 3, 'idle');
    await expect.poll(() => told.flat()).toHaveLength(2);
    const base = { member: 'laptop', name: 'laptop-name', kind: 'device', addresses: ['10.0.0.2/32'] };
    expect(told.flat()).toMatchObject([
      { ...base, event: 'connected', path: '198.51.100.7:4500', reason: null },
      { ...base, event: 'disconnected', path: '198.51.100.7:4500', reason: 'idle' },
    ]);
  });

  it('of one that is replaced or revoked are told, too', async () => {
    listen();
    const { join, stub } = network();
    await join('laptop', 3);
    await join('laptop', 4);
    await stub().revoke('laptop');
    await expect.poll(() => told.flat()).toHaveLength(4);
    expect(told.flat().map(({ event, reason }) => `${event} ${reason}`)).toEqual([
      'connected null',
      'disconnected replaced',
      'connected null',
      'disconnected revoked',
    ]);
  });

  it('that come while one write is under way go with the next', async () => {
    let release = () => {};
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    listen(() => first);
    const { join } = network();
    for (let i = 1; i <= 30; i++) await join(`m${i}`, i);
    release();
    await expect.poll(() => told.flat()).toHaveLength(30);
    expect(told.map((each) => each.length)).toEqual([1, 29]);
  });

  it('that nobody took are told again by an alarm, later each time, and none is set for nothing', async () => {
    listen();
    const { join, leave, stub, restart } = network();
    await join('laptop', 3);
    await expect.poll(() => told.flat()).toHaveLength(1);
    expect(await alarmOf(stub())).toBeNull();
    listen(async () => {
      throw new Error('away');
    });
    await leave('laptop', 3, 'idle');
    await expect.poll(() => alarmOf(stub())).not.toBeNull();
    const first = (await alarmOf(stub()))! - Date.now();
    await restart();
    expect(await runDurableObjectAlarm(stub())).toBe(true);
    const second = (await alarmOf(stub()))! - Date.now();
    expect([first <= 5_000, second > 5_000, second <= 10_000]).toEqual([true, true, true]);
    listen();
    expect(await runDurableObjectAlarm(stub())).toBe(true);
    expect(told.flat()).toMatchObject([{ member: 'laptop', event: 'disconnected' }]);
    expect(await alarmOf(stub())).toBeNull();
  });

  it('are kept while nobody takes them, over a restart, and no more than a thousand', async () => {
    listen(async () => {
      throw new Error('away');
    });
    const { join, leave, restart } = network();
    for (let i = 0; i < 510; i++) {
      await join('laptop', 3);
      await leave('laptop', 3, `r${i}`);
    }
    await restart();
    listen();
    await join('phone', 4);
    await expect.poll(() => told.flat()).toHaveLength(1_000);
    expect(told.every((each) => each.length <= 100)).toBe(true);
    expect(told.flat().at(-1)).toMatchObject({ member: 'phone', event: 'connected' });
    expect(told.flat().some(({ reason }) => reason === 'r0')).toBe(false);
    expect(new Set(told.flat().map(({ id }) => id)).size).toBe(1_000);
  }, 60_000);

  it('cost nothing where packets flow: only joins and leaves are written', async () => {
    listen();
    const { join, stub } = network();
    await join('laptop', 3);
    await expect.poll(() => told).toHaveLength(1);
    const report = { remote: { address: '198.51.100.7', port: 4500 } } as PeerReport;
    for (let i = 1; i <= 50; i++) await stub().tell({ member: 'laptop', route: 3, report, carried: octets(i, i, i) });
    expect(told).toHaveLength(1);
  });
});
