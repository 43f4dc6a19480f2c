import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { PeerReport } from '../../worker/edge/rpc.ts';
import { octets } from './carried.ts';
import { onRecord } from './worker.ts';

const MINUTE = 60_000;
const report = {} as PeerReport;

let count = 0;
function network() {
  const id = `watched-${++count}`;
  onRecord.set(id, []);
  return { id, stub: env.NETWORK.getByName(id) };
}

function joining(id: string, member: string, route: number) {
  return { network: id, member, name: member, kind: 'device', route, prefixes: [], report: null } as const;
}

describe('what was carried', () => {
  it('is counted into the minute and the hour when it was, of the member and of all', async () => {
    const { stub } = network();
    const at = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    await stub.tell({ member: 'a', route: 7, report, carried: octets(at + 10, 100, 1000) });
    await stub.tell({ member: 'a', route: 7, report, carried: octets(at + MINUTE, 150, 1000) });
    await stub.tell({ member: 'b', route: 8, report, carried: octets(at + MINUTE + 5, 7, 3) });
    expect(await stub.traffic('a', 'minute', 0)).toEqual([
      { at, octetsIn: 100, octetsOut: 1000 },
      { at: at + MINUTE, octetsIn: 50, octetsOut: 0 },
    ]);
    expect(await stub.traffic(null, 'hour', 0)).toEqual([{ at, octetsIn: 157, octetsOut: 1003 }]);
    expect(await stub.traffic(null, 'minute', at + MINUTE)).toEqual([{ at: at + MINUTE, octetsIn: 57, octetsOut: 3 }]);
  });

  it('begins anew with another connection, and goes on from where counters went back to', async () => {
    const { stub } = network();
    const at = Math.floor(Date.now() / MINUTE) * MINUTE;
    await stub.tell({ member: 'a', route: 7, report, carried: octets(at, 100, 0) });
    await stub.tell({ member: 'a', route: 9, report, carried: octets(at, 30, 0) });
    await stub.tell({ member: 'a', route: 9, report, carried: octets(at, 20, 0) });
    await stub.tell({ member: 'a', route: 9, report, carried: octets(at, 25, 0) });
    expect(await stub.traffic('a', 'minute', 0)).toEqual([{ at, octetsIn: 135, octetsOut: 0 }]);
  });

  it('is counted once, though the end of a connection is heard of after the next one has spoken, and twice', async () => {
    const { id, stub } = network();
    const at = Math.floor(Date.now() / MINUTE) * MINUTE;
    await stub.join(joining(id, 'a', 7));
    await stub.tell({ member: 'a', route: 7, report, carried: octets(at, 1000, 0) });
    await stub.join(joining(id, 'a', 9));
    await stub.tell({ member: 'a', route: 9, report, carried: octets(at, 20, 0) });
    for (let n = 0; n < 2; n++)
      await stub.leave({ member: 'a', route: 7, reason: 'replaced', carried: octets(at, 1010, 0) });
    await stub.tell({ member: 'a', route: 9, report, carried: octets(at, 30, 0) });
    expect(await stub.figures()).toMatchObject({ octetsIn: 1040 });
  });

  it('is remembered of the last connections of a member, and not of all that it ever had', async () => {
    const { stub } = network();
    const at = Math.floor(Date.now() / MINUTE) * MINUTE;
    for (let route = 1; route <= 20; route++)
      await stub.tell({ member: 'a', route, report, carried: octets(at + route, route, 0) });
    const rows = await runInDurableObject(stub, (_, { storage }) =>
      storage.sql.exec('SELECT route FROM carried').toArray(),
    );
    expect(rows.map(({ route }) => route)).toEqual([17, 18, 19, 20]);
  });

  it('is added up of all members, octets and packets, over whatever comes and goes', async () => {
    const { id, stub } = network();
    const at = Math.floor(Date.now() / MINUTE) * MINUTE;
    const carried = (octetsIn: number, octetsOut: number, packetsIn: number, packetsOut: number) => {
      return { at, octetsIn, octetsOut, packetsIn, packetsOut };
    };
    expect(await stub.figures()).toEqual({ octetsIn: 0, octetsOut: 0, packetsIn: 0, packetsOut: 0, connected: 0 });
    await stub.join(joining(id, 'a', 7));
    await stub.tell({ member: 'a', route: 7, report, carried: carried(100, 1000, 1, 10) });
    await stub.tell({ member: 'a', route: 7, report, carried: carried(150, 1000, 3, 10) });
    await stub.tell({ member: 'b', route: 8, report, carried: carried(7, 3, 2, 1) });
    await stub.leave({ member: 'a', route: 7, reason: 'idle', carried: carried(160, 1010, 4, 11) });
    await stub.tell({ member: 'a', route: 9, report, carried: carried(20, 0, 1, 0) });
    expect(await stub.figures()).toEqual({
      octetsIn: 187,
      octetsOut: 1013,
      packetsIn: 7,
      packetsOut: 12,
      connected: 0,
    });
  });

  it('is told at the latest when the member goes', async () => {
    const { id, stub } = network();
    const at = Math.floor(Date.now() / MINUTE) * MINUTE;
    await stub.join(joining(id, 'a', 7));
    await stub.leave({ member: 'a', route: 7, reason: 'revoked', carried: octets(at, 5, 6) });
    expect(await stub.traffic('a', 'minute', 0)).toEqual([{ at, octetsIn: 5, octetsOut: 6 }]);
  });
});

describe('presence', () => {
  it('says when a member was there, and why it went', async () => {
    const { id, stub } = network();
    await stub.join(joining(id, 'a', 7));
    await stub.join(joining(id, 'a', 7));
    expect(await stub.presence(['a', 'nobody'])).toMatchObject([{ member: 'a', left: null, times: 1 }]);
    await stub.leave({ member: 'a', route: 8, reason: 'of an older connection' });
    expect(await stub.presence(['a'])).toMatchObject([{ left: null }]);
    await stub.leave({ member: 'a', route: 7, reason: 'deleted by the peer' });
    expect(await stub.presence(['a'])).toMatchObject([{ left: expect.any(Number), reason: 'deleted by the peer' }]);
    await stub.join(joining(id, 'a', 9));
    expect(await stub.presence(['a'])).toMatchObject([{ left: null, reason: '', times: 2 }]);
  });
});

describe('the live feed', () => {
  it('begins with a snapshot, and tells what happens', async () => {
    const { id, stub } = network();
    await stub.join(joining(id, 'a', 7));
    const response = await stub.fetch('http://network/live', { headers: { Upgrade: 'websocket' } });
    const socket = response.webSocket!;
    const heard: { kind: string; connected?: number }[] = [];
    const pong = new Promise((resolve) => {
      socket.addEventListener('message', ({ data }) =>
        data === 'pong' ? resolve(data) : heard.push(JSON.parse(String(data))),
      );
    });
    socket.accept();
    await stub.join(joining(id, 'b', 8));
    await stub.tell({ member: 'b', route: 8, report, carried: octets(Date.now(), 1, 2) });
    await stub.suspend('a');
    await stub.resume('a');
    socket.send('ping');
    await pong;
    await expect.poll(() => heard.length).toBe(6);
    expect(heard.map(({ kind, connected }) => [kind, connected])).toEqual([
      ['snapshot', 1],
      ['joined', 2],
      ['traffic', undefined],
      ['changed', undefined],
      ['left', 1],
      ['changed', undefined],
    ]);
    socket.close();
  });

  it('is a WebSocket and nothing else', async () => {
    const { stub } = network();
    expect((await stub.fetch('http://network/live')).status).toBe(426);
  });
});
