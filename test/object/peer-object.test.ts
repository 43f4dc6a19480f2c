import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { joinPackets } from '../../src/wire/ip-run.ts';
import type { Path } from '../../src/wire/path.ts';
import { esp, espSequence, fakeMember, ike, journal } from './fake-core.ts';
import { ask, eventually, packet, path, socketHeaders, TestRelay } from './relay.ts';
import { onRecord } from './worker.ts';

let nextRoute = 100;
const newRoute = () => nextRoute++;
const peer = (route: number) => env.PEER.getByName(String(route));
const stored = (route: number, key: string) => runInDurableObject(peer(route), (_, ctx) => ctx.storage.kv.get(key));
const alarmOf = (route: number) => runInDurableObject(peer(route), (_, ctx) => ctx.storage.getAlarm());
const writes = (route: number) =>
  runInDurableObject(
    peer(route),
    (_, ctx) => ctx.storage.sql.exec<{ n: number }>('SELECT total_changes() AS n').one().n,
  );

/** Ends the instance without a word, as a crash does: memory and sockets are lost, storage stays. */
async function crash(route: number): Promise<void> {
  await runInDurableObject(peer(route), (_, ctx) => ctx.abort('crashed by the test')).catch(() => {});
}

beforeEach(() => {
  journal.length = 0;
  onRecord.set('net', []);
});

/** Whom nobody denies anything. */
const stranger = { epoch: 0, party: { member: 'm-1', groups: [] } };

describe('dialling a route', () => {
  it('opens a new one once, and an existing one only when something is there', async () => {
    const route = newRoute();
    await expect(TestRelay.dial(route)).rejects.toThrow('404');
    const relay = await TestRelay.dial(route, { fresh: true });
    await expect(TestRelay.dial(route, { fresh: true })).rejects.toThrow('409');
    await expect(TestRelay.dial(route)).rejects.toThrow('404');
    relay.ike('hello');
    await relay.said('welcome');
    await expect(TestRelay.dial(route, { fresh: true, relay: 'relay-2' })).rejects.toThrow('409');
    await TestRelay.dial(route, { relay: 'relay-2' });
  });

  it('says which protocol it speaks, and shows the token to no object', async () => {
    const route = newRoute();
    const response = await ask(`/relay/peer/${route}?new=1`, socketHeaders('culvert.relay.v1', 'relay-1'));
    expect(response.status).toBe(101);
    expect(response.headers.get('Sec-WebSocket-Protocol')).toBe('culvert.relay.v1');
    response.webSocket?.accept();
    const direct = await peer(route).fetch(new Request(`http://edge/relay/peer/${route}`));
    expect(direct.status).toBe(400);
  });

  it('gives a route back that was opened for nothing, after a while', async () => {
    const route = newRoute();
    const relay = await TestRelay.dial(route, { fresh: true });
    relay.ike('echo refused');
    await relay.said('refused');
    const alarm = await alarmOf(route);
    expect(alarm! - Date.now()).toBeGreaterThan(25_000);
    await runInDurableObject(peer(route), (instance) => {
      const shell = instance as unknown as { alarm(): Promise<void> };
      const now = Date.now();
      const clock = Date.now;
      Date.now = () => now + 31_000;
      return shell.alarm().finally(() => {
        Date.now = clock;
      });
    });
    await relay.until(() => relay.closed !== null);
    expect(relay.records.at(-1)).toEqual({ kind: 'release' });
    expect(relay.closed).toEqual({ code: 1000, reason: 'released' });
  });

  it('closes a socket that brings something else than frames', async () => {
    const relay = await TestRelay.connected(newRoute());
    relay.socket.send(new Uint8Array([9, 9, 9]));
    await relay.until(() => relay.closed !== null);
    expect(relay.closed?.code).toBe(1007);
  });
});

describe('IKE steps', () => {
  it('go one at a time, in order, while ESP goes on beside them', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    // In one frame: the runtime may hand over two of them in another order.
    relay.send([
      { path, octets: ike('slow 300 first') },
      { path, octets: ike('echo second') },
      { path, octets: esp(1, packet([10, 0, 0, route], [10, 0, 0, route])) },
    ]);
    await relay.until(() => relay.packets.length > 0);
    expect(relay.words).toEqual(['welcome']);
    await relay.said('second');
    expect(relay.words).toEqual(['welcome', 'first', 'second']);
  });

  it('store before they are answered, and only what has changed', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    const before = await writes(route);
    relay.ike('echo nothing');
    await relay.said('nothing');
    expect(await writes(route)).toBe(before);
    relay.ike('count');
    await relay.said('1');
    expect(await writes(route)).toBeGreaterThan(before);
    await crash(route);
    const again = await TestRelay.dial(route);
    again.ike('count');
    await again.said('2');
  });

  it('are sealed at rest', async () => {
    const route = newRoute();
    await TestRelay.connected(route, 'm-secret-name');
    const kept = (await stored(route, 'kept')) as Uint8Array;
    expect(new TextDecoder('latin1').decode(kept)).not.toContain('secret-name');
  });

  it('of a core that throws take nothing with them', async () => {
    const relay = await TestRelay.connected(newRoute());
    relay.ike('break');
    relay.ike('echo alive');
    await relay.said('alive');
  });

  it('of a flood are bounded', async () => {
    const relay = await TestRelay.connected(newRoute());
    relay.send(Array.from({ length: 64 }, (_, i) => ({ path, octets: ike(i === 0 ? 'slow 50 gate' : `echo ${i}`) })));
    await relay.said('32');
    relay.ike('echo last');
    await relay.said('last');
    expect(relay.words).toEqual(['welcome', 'gate', ...Array.from({ length: 32 }, (_, i) => String(i + 1)), 'last']);
  });

  it('leave nothing when the peer is gone', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    relay.ike('bye');
    await relay.until(() => relay.closed !== null);
    expect(relay.words).toEqual(['welcome', 'bye']);
    expect(relay.records.at(-1)).toEqual({ kind: 'release' });
    expect(await stored(route, 'kept')).toBeUndefined();
    expect(await stored(route, 'marks')).toBeUndefined();
    expect(await alarmOf(route)).toBeNull();
    await TestRelay.connected(route);
  });
});

describe('the alarm', () => {
  it('stands at the deadline of the core, and ticks it', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    expect(await alarmOf(route)).toBeNull();
    const before = Date.now();
    relay.ike('deadline 3600000');
    relay.ike('echo set');
    await relay.said('set');
    expect((await alarmOf(route))! - before).toBeGreaterThan(3_590_000);
    await runDurableObjectAlarm(peer(route));
    expect(journal).not.toContain('tick');
    expect((await alarmOf(route))! - before).toBeGreaterThan(3_590_000);
    relay.ike('deadline 1');
    await eventually(() => journal.includes('tick'));
    expect(await alarmOf(route)).toBeNull();
  });
});

describe('packets between peers', () => {
  it('go from peer to peer of one network, and back', async () => {
    const [a, b] = [newRoute(), newRoute()];
    const [alice, bob] = await Promise.all([TestRelay.connected(a), TestRelay.connected(b)]);
    const there = packet([10, 0, 0, a], [10, 0, 0, b], 1);
    alice.send([{ path, octets: esp(1, there) }]);
    await bob.until(() => bob.packets.length === 1);
    const arrived = bob.packets[0]!;
    expect(arrived[8]).toBe(63);
    expect(arrived.subarray(12)).toEqual(there.subarray(12));
    bob.send([{ path, octets: esp(1, packet([10, 0, 0, b], [10, 0, 0, a], 2)) }]);
    await alice.until(() => alice.packets.length === 1);
    expect(alice.packets[0]![5]).toBe(2);
  });

  it('keep their order within a frame, and none is lost', async () => {
    const [a, b] = [newRoute(), newRoute()];
    const [alice, bob] = await Promise.all([TestRelay.connected(a), TestRelay.connected(b)]);
    for (let frame = 0; frame < 8; frame++) {
      alice.send(
        Array.from({ length: 16 }, (_, i) => ({
          path,
          octets: esp(frame * 16 + i, packet([10, 0, 0, a], [10, 0, 0, b], frame * 16 + i)),
        })),
      );
    }
    await bob.until(() => bob.packets.length === 128);
    // Calls from object to object keep their order too, but the wrapper that the pool puts around objects does not.
    const tags = bob.packets.map((each) => each[5]!);
    const frames = Array.from({ length: 8 }, (_, frame) => tags.slice(frame * 16, frame * 16 + 16));
    for (const frame of frames) expect(frame).toEqual(Array.from({ length: 16 }, (_, i) => frame[0]! + i));
    expect([...tags].sort((x, y) => x - y)).toEqual(Array.from({ length: 128 }, (_, i) => i));
  });

  it('never reach a member of another network, even under a route number that was reused', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route, 'm-8');
    expect(await peer(route).deliver('other', 'm-8', packet([10, 0, 0, 1], [10, 0, 0, 8]), stranger)).toBe('gone');
    expect(await peer(route).deliver('net', 'm-9', packet([10, 0, 0, 1], [10, 0, 0, 8]), stranger)).toBe('gone');
    expect(await peer(newRoute()).deliver('net', 'm-8', packet([10, 0, 0, 1], [10, 0, 0, 8]), stranger)).toBe('gone');
    expect(await peer(route).deliver('net', 'm-8', packet([10, 0, 0, 1], [10, 0, 0, 8]), stranger)).toBe('ok');
    await relay.until(() => relay.packets.length === 1);
  });

  it('find the new connection of a member that has connected anew, and the old one ends', async () => {
    const [a, old, fresh] = [newRoute(), newRoute(), newRoute()];
    const alice = await TestRelay.connected(a);
    const before = await TestRelay.connected(old, 'm-77');
    alice.send([{ path, octets: esp(1, packet([10, 0, 0, a], [10, 0, 0, 77], 1)) }]);
    await before.until(() => before.packets.length === 1);
    const after = await TestRelay.connected(fresh, 'm-77', 'relay-2');
    await before.until(() => before.closed !== null);
    let tag = 1;
    await eventually(() => {
      tag += 1;
      alice.send([{ path, octets: esp(tag, packet([10, 0, 0, a], [10, 0, 0, 77], tag)) }]);
      return after.packets.length > 0;
    });
    expect(before.packets).toHaveLength(1);
  });

  it('stop when the relay does not send them on, and go on when it does', async () => {
    const [a, b] = [newRoute(), newRoute()];
    const [alice, bob] = await Promise.all([TestRelay.connected(a), TestRelay.connected(b)]);
    const burst = (count: number) => {
      const one = packet([10, 0, 0, a], [10, 0, 0, b], 7, 1_300);
      for (let i = 0; i < count; i++) alice.send(Array.from({ length: 32 }, () => ({ path, octets: esp(i, one) })));
    };
    alice.send([{ path, octets: esp(0, packet([10, 0, 0, a], [10, 0, 0, b])) }]);
    await bob.until(() => bob.packets.length === 1);
    const droppedAt = async (route: number, reason: string) => (await peer(route).inspect()).drops[reason] ?? 0;
    const lost = async () => (await droppedAt(a, 'destination-slow')) + (await droppedAt(b, 'no-credit'));
    // In two goes: what comes all at once is dropped on the way to the other object.
    for (const whole of [320, 640]) {
      burst(10);
      await eventually(async () => bob.packets.length - 1 + (await lost()) === whole);
    }
    expect(await droppedAt(b, 'no-credit')).toBeGreaterThan(0);
    const sent = bob.packets.length;
    // The first one is short.
    expect((sent - 1) * 1_304).toBeLessThanOrEqual(640 * 1024);
    expect((sent - 1) * 1_364).toBeGreaterThan(640 * 1024 - 1_364 * 2);
    bob.credit(640 * 1024);
    burst(1);
    await bob.until(() => bob.packets.length === sent + 32);
  });

  it('are credited to the relay that brought them', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    const octets = esp(1, packet([10, 0, 0, route], [10, 9, 9, 9], 0, 1_000));
    const before = relay.credited;
    relay.send([
      { path, octets },
      { path, octets },
    ]);
    await relay.credits(before + 2 * octets.length);
    // What has asked for it is credited too.
    expect(relay.credited - before).toBeLessThan(3 * octets.length);
  });

  it('are credited without a word at 128 KiB, so that a relay that may send twice as much never stops', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    const octets = esp(1, packet([10, 0, 0, route], [10, 9, 9, 9], 0, 1_020));
    const before = relay.credited;
    for (let i = 0; i < 4; i++) relay.send(Array.from({ length: 32 }, () => ({ path, octets })));
    await relay.until(() => relay.credited > before);
    expect(relay.credited - before).toBe(128 * octets.length);
  });

  it('cost no write each', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    const before = await writes(route);
    const send = (i: number) => relay.send([{ path, octets: esp(i, packet([10, 0, 0, route], [10, 9, 9, 9])) }]);
    for (let i = 0; i < 50; i++) send(i);
    await relay.credits(relay.credited + 50 * 44);
    expect((await writes(route)) - before).toBeLessThan(5);
  });
});

describe('the gateway as a router', () => {
  const gateway = [10, 0, 255, 1];

  async function told(route: number, sent: Uint8Array): Promise<Uint8Array> {
    const relay = await TestRelay.connected(route);
    relay.send([{ path, octets: esp(1, sent) }]);
    await relay.until(() => relay.packets.length === 1);
    return relay.packets[0]!;
  }

  it('answers an echo on its own address', async () => {
    const route = newRoute();
    const request = packet([10, 0, 0, route], gateway, 0, 48);
    request[9] = 1;
    request.fill(0, 20);
    request.set([8, 0, 0, 0, 0x12, 0x34, 0, 1], 20);
    request.set([(~0x1a35 >> 8) & 255, ~0x1a35 & 255], 22);
    const reply = await told(route, request);
    expect([...reply.subarray(12, 20)]).toEqual([...gateway, 10, 0, 0, route]);
    expect([...reply.subarray(20, 22)]).toEqual([0, 0]);
    expect([...reply.subarray(24, 28)]).toEqual([0x12, 0x34, 0, 1]);
  });

  it('says that there is no route, and that somebody is away', async () => {
    const route = newRoute();
    const unknown = await told(route, packet([10, 0, 0, route], [192, 168, 1, 1]));
    expect([...unknown.subarray(12, 16)]).toEqual(gateway);
    expect([...unknown.subarray(20, 22)]).toEqual([3, 0]);
    onRecord.set('net', [{ member: 'm-away', prefixes: [{ address: Uint8Array.of(10, 0, 9, 9), length: 32 }] }]);
    await env.NETWORK.getByName('net').changed();
    // What is on record is read beside the answer when a copy is at hand.
    await env.NETWORK.getByName('net').resolve(Uint8Array.of(10, 0, 9, 9));
    const other = newRoute();
    const away = await told(other, packet([10, 0, 0, other], [10, 0, 9, 9]));
    expect([...away.subarray(20, 22)]).toEqual([3, 1]);
  });

  it('takes one from the TTL, and says so when none is left', async () => {
    const [a, b] = [newRoute(), newRoute()];
    await TestRelay.connected(b);
    const dying = packet([10, 0, 0, a], [10, 0, 0, b]);
    dying[8] = 1;
    const exceeded = await told(a, dying);
    expect([...exceeded.subarray(20, 22)]).toEqual([11, 0]);
  });
});

describe('sequence numbers', () => {
  it('are stored before they are used, and none is used twice after a crash', async () => {
    const [a, b] = [newRoute(), newRoute()];
    const alice = await TestRelay.connected(a);
    let bob = await TestRelay.connected(b);
    const seen: number[] = [];
    for (let life = 0; life < 4; life++) {
      for (let i = 0; i < 3; i++) {
        const count = bob.packets.length;
        alice.send([{ path, octets: esp(1, packet([10, 0, 0, a], [10, 0, 0, b], i)) }]);
        await bob.until(() => bob.packets.length > count);
      }
      const sequences = bob.datagrams.filter(({ octets }) => octets[0] === 1).map(({ octets }) => espSequence(octets));
      const marks = (await stored(b, 'marks')) as { marks: number };
      expect(marks.marks).toBeGreaterThanOrEqual(Math.max(...sequences));
      seen.push(...sequences);
      await crash(b);
      bob = await TestRelay.dial(b);
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual([...seen].sort((x, y) => x - y));
  });
});

describe('further sequence numbers', () => {
  it('are stored long before they are needed, and no packet waits for that', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    const first = ((await stored(route, 'marks')) as { marks: number }).marks;
    const batch = Array.from({ length: 100 }, (_, i) => packet([10, 0, 0, 1], [10, 0, 0, route], i));
    for (let sent = 0; sent < 1_500; sent += batch.length) {
      await peer(route).deliver('net', `m-${route}`, joinPackets(batch), stranger);
      await relay.until(() => relay.packets.length === sent + batch.length);
    }
    await eventually(async () => ((await stored(route, 'marks')) as { marks: number }).marks > first + 1_000);
    const marks = ((await stored(route, 'marks')) as { marks: number }).marks;
    await crash(route);
    journal.length = 0;
    await peer(route).inspect();
    expect(journal).toEqual([`woke crashed marks ${marks}`]);
  });
});

describe('several relays', () => {
  const elsewhere: Path = { ...path, localAddress: Uint8Array.of(203, 0, 113, 9) };

  it('each get the datagrams of their own paths', async () => {
    const route = newRoute();
    const one = await TestRelay.connected(route);
    const two = await TestRelay.dial(route, { relay: 'relay-2' });
    two.ike('echo two', elsewhere);
    await two.said('two');
    one.ike('echo one');
    await one.said('one');
    expect(one.words).toEqual(['welcome', 'one']);
    expect(two.words).toEqual(['two']);
    two.send([{ path: elsewhere, octets: esp(1, packet([10, 0, 0, route], [10, 0, 0, route], 3)) }]);
    await two.until(() => two.packets.length === 1);
    expect(one.packets).toHaveLength(0);
    expect([...(await peer(route).inspect()).relays].sort()).toEqual(['relay-1', 'relay-2']);
  });

  it('take over from one another when one goes', async () => {
    const route = newRoute();
    const one = await TestRelay.connected(route);
    const two = await TestRelay.dial(route, { relay: 'relay-2' });
    one.socket.close(1001, 'restart');
    await eventually(async () => (await peer(route).inspect()).relays.length === 1);
    await peer(route).deliver('net', `m-${route}`, packet([10, 0, 0, 1], [10, 0, 0, route]), stranger);
    await two.until(() => two.packets.length === 1);
  });

  it('of one name replace one another', async () => {
    const route = newRoute();
    const one = await TestRelay.connected(route);
    const again = await TestRelay.dial(route);
    await one.until(() => one.closed !== null);
    expect(one.closed?.code).toBe(4001);
    // The end of the old socket brings nothing of it back.
    await runInDurableObject(peer(route), (_, ctx) => {
      const held = ctx.getWebSockets().map((socket) => socket.deserializeAttachment() as { windows: unknown } | null);
      expect(held.filter((note) => note?.windows)).toHaveLength(1);
    });
    again.ike('echo here');
    await again.said('here');
  });

  it('are asked to dial when something is to be sent and none is there, and it is sent then', async () => {
    const route = newRoute();
    const control = await ask('/relay/control', socketHeaders('culvert.control.v1', 'relay-9'));
    const orders: unknown[] = [];
    control.webSocket!.accept();
    control.webSocket!.addEventListener('message', ({ data }) => void orders.push(JSON.parse(data as string)));
    const relay = await TestRelay.connected(route, `m-${route}`, 'relay-9');
    relay.ike('keepalive');
    await relay.until(() => relay.records.some(({ kind }) => kind === 'keepalive'));
    relay.socket.close(1001);
    await eventually(async () => (await peer(route).inspect()).relays.length === 0);
    for (let i = 0; i < 5; i++)
      await peer(route).deliver('net', `m-${route}`, packet([10, 0, 0, 1], [10, 0, 0, route], i), stranger);
    await eventually(() => orders.length > 0);
    expect(orders).toEqual([{ dial: route }]);
    const back = await TestRelay.dial(route, { relay: 'relay-9' });
    await back.until(() => back.packets.length === 5);
    expect(back.records.filter(({ kind }) => kind === 'keepalive')).toMatchObject([{ seconds: 20 }]);
  });
});

describe('waking', () => {
  it('takes up the windows that were stored when the last socket closed', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    for (let i = 0; i < 3; i++) relay.send([{ path, octets: esp(i, packet([10, 0, 0, route], [10, 9, 9, 9])) }]);
    await relay.credits(relay.credited + 3 * 44);
    relay.socket.close(1001);
    await eventually(async () => (await peer(route).inspect()).relays.length === 0);
    await crash(route);
    journal.length = 0;
    await peer(route).inspect();
    expect(journal).toEqual([expect.stringMatching(/^woke windows 3 marks \d+$/)]);
  });

  it('has the windows of the last frame in its socket, whatever it has sent since', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    const carried = () =>
      runInDurableObject(peer(route), (_, ctx) =>
        ctx.getWebSockets().map((socket) => (socket.deserializeAttachment() as { windows: Uint8Array }).windows[0]),
      );
    for (let i = 1; i <= 5; i++) {
      relay.send([{ path, octets: esp(i, packet([10, 0, 0, route], [10, 9, 9, 9])) }]);
      await relay.credits(relay.credited + 44);
      expect(await carried()).toEqual([i]);
      await peer(route).deliver('net', `m-${route}`, packet([10, 0, 0, 1], [10, 0, 0, route]), stranger);
      expect(await carried()).toEqual([i]);
    }
  });

  it('knows nothing of windows after a crash, and tells the network again', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    relay.send([{ path, octets: esp(1, packet([10, 0, 0, route], [10, 9, 9, 9])) }]);
    await relay.credits(relay.credited + 44);
    await env.NETWORK.getByName('net').leave({ member: `m-${route}`, route, reason: 'test' });
    await crash(route);
    journal.length = 0;
    await peer(route).inspect();
    expect(journal).toEqual([expect.stringMatching(/^woke crashed marks \d+$/)]);
    const [address] = fakeMember(`m-${route}`).addresses;
    await eventually(async () => {
      const { entry } = await env.NETWORK.getByName('net').resolve(address!);
      return entry?.kind === 'member' && entry.route === route;
    });
  });

  it('does not take up windows that a socket has held since', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    relay.socket.close(1001);
    await eventually(async () => (await peer(route).inspect()).relays.length === 0);
    expect(await stored(route, 'windows')).toBeDefined();
    await TestRelay.dial(route);
    expect(await stored(route, 'windows')).toBeUndefined();
    await crash(route);
    journal.length = 0;
    await peer(route).inspect();
    expect(journal).toEqual([expect.stringMatching(/^woke crashed/)]);
  });

  it('has no use for what another deployment key has sealed', async () => {
    const route = newRoute();
    await TestRelay.connected(route);
    await runInDurableObject(peer(route), (_, ctx) => {
      const kept = ctx.storage.kv.get<Uint8Array>('kept')!;
      kept[20]! ^= 1;
      ctx.storage.kv.put('kept', kept);
    });
    await crash(route);
    await expect(TestRelay.dial(route)).rejects.toThrow('404');
    await TestRelay.connected(route);
  });
});

describe('the operator', () => {
  it('may command a member and end it', async () => {
    const route = newRoute();
    const relay = await TestRelay.connected(route);
    const network = env.NETWORK.getByName('net');
    await eventually(async () => (await network.status()).members.some(({ member }) => member === `m-${route}`));
    expect(await network.command(`m-${route}`, { kind: 'rekey-child' })).toBe(true);
    expect(journal).toContain('command rekey-child');
    expect(await network.command('m-nobody', { kind: 'rekey-child' })).toBe(false);
    await network.revoke(`m-${route}`);
    await relay.until(() => relay.closed !== null);
    expect(await peer(route).command({ kind: 'liveness' })).toBe(false);
    const again = newRoute();
    const thief = await TestRelay.connected(again, `m-${route}`);
    await thief.until(() => thief.closed !== null);
  });

  it('sees what a peer object does', async () => {
    const route = newRoute();
    await TestRelay.connected(route);
    expect(await peer(route).status()).toMatchObject({
      member: `m-${route}`,
      received: 0,
      drops: {},
      relay: 'relay-1',
    });
    expect(await peer(route).inspect()).toMatchObject({ route, relays: ['relay-1'] });
    const nobody = newRoute();
    expect(await peer(nobody).status()).toBeNull();
    expect(await peer(nobody).inspect()).toMatchObject({ route: 0, relays: [] });
  });
});
