import { describe, expect, it } from 'vitest';
import { Lanes } from '../../../worker/edge/lanes.ts';

interface Flight {
  readonly route: number;
  readonly packets: Uint8Array[];
  land(how: 'ok' | 'gone' | Error): void;
}

function lanes() {
  const flights: Flight[] = [];
  const lost: string[] = [];
  const lostPackets: number[] = [];
  const held: Promise<void>[] = [];
  let dropped = 0;
  const subject = new Lanes({
    caller:
      ({ route }) =>
      (packets) =>
        new Promise((resolve, reject) => {
          flights.push({ route, packets, land: (how) => (how instanceof Error ? reject(how) : resolve(how)) });
        }),
    lost: (to, why, packets) => {
      lost.push(`${to.member} ${to.route} ${why}`);
      lostPackets.push(packets.length);
    },
    dropped: (packets) => {
      dropped += packets;
    },
    hold: (work) => held.push(work),
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { subject, flights, lost, lostPackets, held, settled, dropped: () => dropped };
}

const a = { member: 'a', route: 1 };
const packets = (n: number, octets = 100) => Array.from({ length: n }, (_, i) => new Uint8Array(octets).fill(i));

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
