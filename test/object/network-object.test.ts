import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { formatPrefix, parseAddress, parsePrefix } from '../../src/wire/prefix.ts';
import type { Joining } from '../../worker/edge/network-object.ts';
import type { PeerReport } from '../../worker/edge/rpc.ts';
import { octets } from './carried.ts';
import { onRecord } from './worker.ts';

let count = 0;
/** A network of its own for each test. */
function network() {
  const id = `network-${++count}`;
  // A stub is of no use any more when its object was reset.
  const stub = () => env.NETWORK.getByName(id);
  const joining = (member: string, route: number, ...prefixes: string[]): Joining => ({
    network: id,
    member,
    name: member,
    kind: prefixes.some((each) => !each.endsWith('/32') && !each.endsWith('/128')) ? 'site' : 'device',
    route,
    prefixes: prefixes.map((each) => parsePrefix(each)!),
    report: null,
  });
  return {
    id,
    get stub() {
      return stub();
    },
    join: (member: string, route: number, ...prefixes: string[]) => stub().join(joining(member, route, ...prefixes)),
    resolve: async (address: string) => {
      const { entry, prefix } = await stub().resolve(parseAddress(address)!);
      const who = entry === null ? 'nobody' : entry.kind === 'gateway' ? 'gateway' : `${entry.member} ${entry.route}`;
      return `${who} for ${formatPrefix(prefix)}`;
    },
    restart: () =>
      runInDurableObject(stub(), (_, ctx) => {
        ctx.abort('evicted by the test');
      }).catch(() => {}),
  };
}

describe('the registry of a network', () => {
  it('answers with the longest prefix, and for how much around the address that holds', async () => {
    const { id, join, resolve } = network();
    onRecord.set(id, []);
    await join('site', 7, '10.0.0.0/8');
    expect(await resolve('10.9.9.9')).toBe('site 7 for 10.0.0.0/8');
    await join('device', 8, '10.1.2.3/32', 'fd00::3/128');
    expect(await resolve('10.1.2.3')).toBe('device 8 for 10.1.2.3/32');
    expect(await resolve('10.1.2.2')).toBe('site 7 for 10.1.2.2/32');
    expect(await resolve('10.200.0.1')).toBe('site 7 for 10.128.0.0/9');
    expect(await resolve('11.0.0.1')).toBe('nobody for 11.0.0.0/8');
    expect(await resolve('fd00::3')).toBe('device 8 for fd00::3/128');
    expect(await resolve('2001:db8::1')).toBe('nobody for ::/1');
  });

  it('tells who is known and not connected from who is not known', async () => {
    const { id, join, resolve, stub } = network();
    onRecord.set(id, [
      { member: 'branch', prefixes: [parsePrefix('192.168.5.0/24')!] },
      { member: 'phone', prefixes: [parsePrefix('10.0.0.5/32')!] },
    ]);
    await join('laptop', 3, '10.0.0.3/32');
    expect(await resolve('192.168.5.9')).toBe('branch null for 192.168.5.0/24');
    await join('branch', 4, '192.168.5.0/24');
    expect(await resolve('192.168.5.9')).toBe('branch 4 for 192.168.5.0/24');
    await stub.leave({ member: 'branch', route: 4, reason: 'test' });
    expect(await resolve('192.168.5.9')).toBe('branch null for 192.168.5.0/24');
    await stub.leave({ member: 'laptop', route: 3, reason: 'test' });
    expect(await resolve('10.0.0.3')).toMatch(/^nobody/);
  });

  it('goes on without the directory, and asks it again when told of a change', async () => {
    const { id, join, resolve, stub } = network();
    await join('laptop', 3, '10.0.0.3/32');
    expect(await resolve('10.0.0.3')).toBe('laptop 3 for 10.0.0.3/32');
    expect(await resolve('192.168.5.9')).toMatch(/^nobody/);
    onRecord.set(id, [{ member: 'branch', prefixes: [parsePrefix('192.168.5.0/24')!] }]);
    expect(await resolve('192.168.5.9')).toMatch(/^nobody/);
    await stub.changed();
    expect(await resolve('192.168.5.9')).toBe('branch null for 192.168.5.0/24');
  });

  it('lets a newer connection of the same member take the place of the older', async () => {
    const { id, join, resolve, stub } = network();
    onRecord.set(id, []);
    await join('laptop', 3, '10.0.0.3/32');
    await join('laptop', 9, '10.0.0.3/32');
    expect(await resolve('10.0.0.3')).toBe('laptop 9 for 10.0.0.3/32');
    await stub.leave({ member: 'laptop', route: 3, reason: 'test' });
    expect(await resolve('10.0.0.3')).toBe('laptop 9 for 10.0.0.3/32');
  });

  it('lets nobody in again who was revoked', async () => {
    const { id, join, resolve, stub } = network();
    onRecord.set(id, []);
    expect(await join('laptop', 3, '10.0.0.3/32')).toBe('joined');
    await stub.revoke('laptop');
    expect(await resolve('10.0.0.3')).toMatch(/^nobody/);
    expect(await join('laptop', 4, '10.0.0.3/32')).toBe('revoked');
    expect((await stub.status()).connected).toBe(0);
  });

  it('lets nobody in who is suspended, until they are resumed; whoever was revoked stays so', async () => {
    const { id, join, resolve, restart, stub } = network();
    onRecord.set(id, []);
    expect(await join('laptop', 3, '10.0.0.3/32')).toBe('joined');
    await stub.suspend('laptop');
    expect(await resolve('10.0.0.3')).toMatch(/^nobody/);
    expect(await join('laptop', 4, '10.0.0.3/32')).toBe('suspended');
    await stub.resume('laptop');
    expect(await join('laptop', 5, '10.0.0.3/32')).toBe('joined');
    await stub.suspend('laptop');
    await stub.revoke('laptop');
    await stub.resume('laptop');
    await stub.suspend('phone');
    await restart();
    expect(await join('laptop', 6, '10.0.0.3/32')).toBe('revoked');
    expect(await join('phone', 7, '10.0.0.4/32')).toBe('suspended');
  });

  it('forgets a connection that the peer object does not know of', async () => {
    const { id, join, resolve, stub } = network();
    onRecord.set(id, []);
    await join('ghost', 4711, '10.0.0.3/32');
    await stub.suspect({ member: 'ghost', route: 9 });
    expect(await resolve('10.0.0.3')).toBe('ghost 4711 for 10.0.0.3/32');
    await stub.suspect({ member: 'ghost', route: 4711 });
    expect(await resolve('10.0.0.3')).toMatch(/^nobody/);
  });

  it('survives a restart', async () => {
    const { id, join, resolve, restart, stub } = network();
    onRecord.set(id, []);
    await join('laptop', 3, '10.0.0.3/32', 'fd00::3/128');
    await join('phone', 4, '10.0.0.4/32');
    await stub.leave({ member: 'phone', route: 4, reason: 'test' });
    await stub.revoke('thief');
    await restart();
    expect(await resolve('fd00::3')).toBe('laptop 3 for fd00::3/128');
    expect(await resolve('10.0.0.4')).toMatch(/^nobody/);
    expect(await join('thief', 5, '10.0.0.9/32')).toBe('revoked');
  });

  it('shows who is connected, a page at a time', async () => {
    const { id, join, stub } = network();
    onRecord.set(id, []);
    for (let i = 0; i < 25; i++) await join(`m${String(i).padStart(2, '0')}`, i + 1, `10.0.0.${i}/32`);
    const seen: string[] = [];
    let after: string | null = '';
    while (after !== null) {
      const page = await stub.status({ after, limit: 10 });
      expect(page.connected).toBe(25);
      expect(page.members.length).toBeLessThanOrEqual(10);
      seen.push(...page.members.map(({ member }) => member));
      after = page.next;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `m${String(i).padStart(2, '0')}`));
    const [first] = (await stub.status()).members;
    expect(first).toMatchObject({ member: 'm00', route: 1, kind: 'device', prefixes: ['10.0.0.0/32'] });
  });
});

describe('what the objects of the peers tell', () => {
  const report = (member: string, octetsIn: number) => ({ member, octetsIn }) as unknown as PeerReport;
  const carried = octets(0, 0, 0);

  it('is kept for as long as they are connected, over a restart too', async () => {
    const { id, join, stub, restart } = network();
    onRecord.set(id, []);
    const told = async (member: string) =>
      (await env.NETWORK.getByName(id).status()).members.find((each) => each.member === member)?.told;
    await join('laptop', 7, '10.0.0.7/32');
    expect(await told('laptop')).toBeNull();
    await stub.tell({ member: 'laptop', route: 7, report: report('laptop', 5), carried });
    expect(await told('laptop')).toEqual({ at: expect.any(Number), report: report('laptop', 5) });
    // Of an older connection, and of somebody who is not there.
    await stub.tell({ member: 'laptop', route: 6, report: report('laptop', 9), carried });
    await stub.tell({ member: 'nobody', route: 9, report: report('nobody', 1), carried });
    await restart();
    expect(await told('laptop')).toMatchObject({ report: report('laptop', 5) });
    await join('laptop', 8, '10.0.0.7/32');
    expect(await told('laptop')).toBeNull();
    await env.NETWORK.getByName(id).leave({ member: 'laptop', route: 8, reason: 'over' });
    expect(await told('laptop')).toBeUndefined();
  });
});

describe('handshake attempts', () => {
  const attempt = (at: number) => ({
    at,
    path: '192.0.2.1:500 - 198.51.100.7:500',
    from: '198.51.100.7',
    seen: {
      port: 500,
      nat: 'peer' as const,
      windows: false,
      software: '',
      weak: false,
      cookie: false,
      fragments: null,
    },
    outcome: 'failed' as const,
    reason: 'unknown-identity',
    detail: '',
    identity: `user-${at}`,
    organisation: null,
    network: null,
    member: null,
  });

  it('are kept, the youngest first, a page at a time, and only the last of them', async () => {
    const { stub } = network();
    await runInDurableObject(stub, async (instance, ctx) => {
      for (let i = 0; i < 400; i++) {
        ctx.storage.sql.exec('INSERT INTO attempt (body) VALUES (?)', JSON.stringify(attempt(i)));
      }
      await instance.attempted(attempt(400));
      const all: number[] = [];
      let before: number | null = null;
      do {
        const page = await instance.attempts({ before, limit: 60 });
        all.push(...page.attempts.map(({ at }) => at));
        before = page.next;
      } while (before !== null);
      expect(all).toEqual(Array.from({ length: 256 }, (_, i) => 400 - i));
    });
  });

  it('are found by the address that they came from', async () => {
    const { stub } = network();
    await stub.attempted({ ...attempt(1), from: '198.51.100.8' });
    await stub.attempted(attempt(2));
    await stub.attempted({ ...attempt(3), outcome: 'begun' });
    expect((await stub.knocks('198.51.100.7')).map(({ at }) => at)).toEqual([3, 2]);
    expect(await stub.knocks('198.51.100.9')).toEqual([]);
  });

  it('and departures are found by the member', async () => {
    const { stub, join } = network();
    await stub.attempted({ ...attempt(1), member: 'laptop' });
    await stub.attempted({ ...attempt(2), member: 'phone' });
    await join('laptop', 3, '10.0.0.3/32');
    await join('laptop', 4, '10.0.0.3/32');
    await stub.leave({ member: 'laptop', route: 3, reason: 'late' });
    await stub.leave({ member: 'laptop', route: 4, reason: 'no answer' });
    const { attempts, departures } = await stub.history('laptop');
    expect(attempts.map(({ at }) => at)).toEqual([1]);
    expect(departures.map(({ reason }) => reason)).toEqual(['no answer', 'replaced']);
    expect(departures.every(({ since, at }) => since <= at)).toBe(true);
    expect((await stub.history('phone')).departures).toEqual([]);
  });

  it('cost no more than a few writes a second, however many there are', async () => {
    const { stub } = network();
    for (let i = 0; i < 200; i++) await stub.attempted(attempt(i));
    const { attempts, dropped } = await stub.attempts({ limit: 100 });
    expect(attempts.length + dropped).toBe(200);
    expect(dropped).toBeGreaterThan(0);
    expect(attempts.length).toBeGreaterThanOrEqual(32);
  });
});
