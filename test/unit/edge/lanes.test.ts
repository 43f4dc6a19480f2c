import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lanes } from '../../../worker/edge/lanes.ts';

interface Flight {
  readonly route: number;
  readonly packets: Uint8Array[];
  readonly inSession: boolean;
  land(how: 'ok' | 'gone' | Error): void;
}

function lanes() {
  const flights: Flight[] = [];
  /** Routes with whose objects there is a session. */
  const open: number[] = [];
  let opened = 0;
  const lost: string[] = [];
  const lostPackets: number[] = [];
  const held: Promise<void>[] = [];
  let dropped = 0;
  const fly = (route: number, packets: Uint8Array[], inSession: boolean) =>
    new Promise<'ok' | 'gone'>((resolve, reject) => {
      const land = (how: 'ok' | 'gone' | Error) => (how instanceof Error ? reject(how) : resolve(how));
      flights.push({ route, packets, inSession, land });
    });
  const subject = new Lanes({
    call: ({ route }, packets) => fly(route, packets, false),
    open: ({ route }) => {
      open.push(route);
      opened += 1;
      return { call: (packets) => fly(route, packets, true), end: () => open.splice(open.indexOf(route), 1) };
    },
    lost: (to, why, packets) => {
      lost.push(`${to.member} ${to.route} ${why}`);
      lostPackets.push(packets.length);
    },
    dropped: (packets) => {
      dropped += packets;
    },
    hold: (work) => held.push(work),
  });
  const settled = () => vi.advanceTimersByTimeAsync(0);
  const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return {
    subject,
    flights,
    open,
    opened: () => opened,
    passes,
    lost,
    lostPackets,
    held,
    settled,
    dropped: () => dropped,
  };
}

const a = { member: 'a', route: 1 };
const packets = (n: number, octets = 100) => Array.from({ length: n }, (_, i) => new Uint8Array(octets).fill(i));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a session', () => {
  it('is opened with the second call, serves call after call, and ends when nothing has gone through it for 50 to 100 ms', async () => {
    const { subject, flights, open, opened, passes } = lanes();
    for (let i = 0; i < 20; i++) {
      subject.send(a, packets(1));
      flights.at(-1)!.land('ok');
      await passes(40);
    }
    expect(flights.map(({ inSession }) => inSession)).toEqual([false, ...Array(19).fill(true)]);
    expect([opened(), open]).toEqual([1, [1]]);
    await passes(60);
    expect(open).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not opened for calls that come alone', async () => {
    const { subject, flights, opened, passes } = lanes();
    for (let i = 0; i < 5; i++) {
      subject.send(a, packets(1));
      flights.at(-1)!.land('ok');
      await passes(100);
    }
    expect([flights.length, opened(), vi.getTimerCount()]).toEqual([5, 0, 0]);
  });

  it('needs no timer where there is none: a call that comes alone wakes the object once', () => {
    const { subject } = lanes();
    subject.send(a, packets(1));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not opened because of what went somewhere long ago', async () => {
    const { subject, flights, opened, passes } = lanes();
    for (let n = 0; n < 3; n++) {
      for (let route = 1; route <= 200; route++) {
        subject.send({ member: `m${route}`, route }, packets(1));
        flights.pop()!.land('ok');
        await passes(1);
      }
    }
    expect(opened()).toBe(0);
  });

  it('stays while a call is under way, however long', async () => {
    const { subject, flights, open, opened, passes } = lanes();
    subject.send(a, packets(1));
    flights[0]!.land('ok');
    await passes(10);
    subject.send(a, packets(1));
    await passes(60_000);
    expect(open).toEqual([1]);
    flights[1]!.land('ok');
    await passes(100);
    expect([opened(), open]).toEqual([1, []]);
  });

  it('that breaks is given up, and what was under way goes once more, by itself', async () => {
    const { subject, flights, lost, open, opened, settled } = lanes();
    subject.send(a, packets(1));
    for (let i = 0; i < 2; i++) subject.send(a, packets(8, 4 * 1024));
    const broken = flights.splice(0).slice(1);
    expect(broken.map(({ inSession }) => inSession)).toEqual([true, true]);
    for (const flight of broken) flight.land(new Error('reset'));
    await settled();
    expect(flights.map((flight) => flight.packets)).toEqual(broken.map((flight) => flight.packets));
    expect(flights.map(({ inSession }) => inSession)).toEqual([false, false]);
    expect([opened(), open]).toEqual([1, []]);
    flights[0]!.land('ok');
    flights[1]!.land(new Error('reset again'));
    await settled();
    expect(lost).toEqual(['a 1 failed']);
    subject.send(a, packets(1));
    expect([flights.length, flights.at(-1)!.inSession]).toEqual([3, false]);
  });

  it('ends at once when nobody is there', async () => {
    const { subject, flights, lost, open, settled } = lanes();
    for (let i = 0; i < 2; i++) subject.send(a, packets(8, 4 * 1024));
    flights[0]!.land('ok');
    flights[1]!.land('gone');
    await settled();
    expect([lost, open, vi.getTimerCount()]).toEqual([['a 1 gone'], [], 0]);
  });
});

describe('lanes', () => {
  it('send at once, and what comes meanwhile rides in the next call', async () => {
    const { subject, flights, settled } = lanes();
    for (let i = 0; i < 10; i++) subject.send(a, packets(2));
    expect(flights.map((flight) => flight.packets.length)).toEqual([2]);
    flights[0]!.land('ok');
    await settled();
    expect(flights.map((flight) => flight.packets.length)).toEqual([2, 18]);
  });

  it('make few calls at a time, side by side only for a frame or so each', async () => {
    const { subject, flights, settled } = lanes();
    for (let i = 0; i < 60; i++) subject.send(a, packets(2, 4 * 1024));
    expect(flights.map((flight) => flight.packets.length)).toEqual([2, 8, 8, 8]);
    flights[0]!.land('ok');
    await settled();
    expect(flights.map((flight) => flight.packets.length)).toEqual([2, 8, 8, 8, 64]);
  });

  it('go to several destinations side by side', () => {
    const { subject, flights } = lanes();
    for (let route = 1; route <= 9; route++) subject.send({ member: `m${route}`, route }, packets(1));
    expect(flights.map((flight) => flight.route)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('drop beyond a bound, and lose nothing below it', async () => {
    const { subject, flights, settled, dropped } = lanes();
    const octets = 64 * 1024;
    for (let i = 0; i < 20; i++) subject.send(a, packets(1, octets));
    expect(flights).toHaveLength(4);
    expect(dropped()).toBe(20 - 4 - 4);
    for (const flight of flights.splice(0)) flight.land('ok');
    await settled();
    expect(flights.map((flight) => flight.packets.length)).toEqual([4]);
  });

  it('forget a destination where nobody is, and give back all that waited for it', async () => {
    const { subject, flights, lost, lostPackets, settled } = lanes();
    for (let i = 0; i < 6; i++) subject.send(a, packets(1));
    expect(flights).toHaveLength(1);
    flights[0]!.land('gone');
    await settled();
    expect(lost).toEqual(['a 1 gone']);
    expect(lostPackets).toEqual([6]);
    expect(flights).toHaveLength(1);
    subject.send(a, packets(3));
    expect(flights.at(-1)?.packets).toHaveLength(3);
  });

  it('survive a call that fails', async () => {
    const { subject, flights, lost, held, settled } = lanes();
    subject.send(a, packets(1));
    flights[0]!.land(new Error('overloaded'));
    await settled();
    expect(lost).toEqual(['a 1 failed']);
    await expect(Promise.all(held)).resolves.toEqual([undefined]);
    subject.send(a, packets(1));
    expect(flights).toHaveLength(2);
  });
});
