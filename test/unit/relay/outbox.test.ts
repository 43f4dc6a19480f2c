import type WebSocket from 'ws';
import { describe, expect, it } from 'vitest';
import { FramePool } from '../../../relay/frame-pool.ts';
import { Outbox } from '../../../relay/outbox.ts';
import type { RemotePath } from '../../../relay/paths.ts';
import { type FrameRecord, parseFrame } from '../../../src/wire/frame.ts';

const remote = {} as RemotePath;
const KIB = 1024;

describe('Outbox', () => {
  it('holds 64 KiB without a connection, and sends them when there is one', () => {
    const outbox = new Outbox();
    const drops = Array.from({ length: 70 }, () => outbox.put(remote, new Uint8Array(KIB), false, 0));
    expect(drops.filter((drop) => drop === null)).toHaveLength(64);
    expect(drops[64]).toBe('queue-full');
    outbox.connected();
    expect(outbox.sendable).toBe(64);
    expect(outbox.sent(64)).toBe(64 * KIB);
    expect(outbox.held).toBe(0);
  });

  it('sends 256 KiB without credit, and what the edge credits', () => {
    const outbox = connected();
    expect(fill(outbox, 300, 0)).toBe(300);
    expect(outbox.pauses).toBe(false);
    expect(outbox.sendable).toBe(256);
    outbox.sent(256);
    expect(outbox.pauses).toBe(true);
    expect(outbox.sendable).toBe(0);
    outbox.credited(10 * KIB);
    expect(outbox.sendable).toBe(10);
    expect(outbox.sent(10)).toBe(10 * KIB);
    expect(outbox.held).toBe(34 * KIB);
  });

  it('keeps order, and octets of its own of what waits for credit', () => {
    const outbox = connected();
    fill(outbox, 256, 0);
    outbox.sent(256);
    const batch = Uint8Array.of(1, 2);
    outbox.put(remote, batch.subarray(0, 1), true, 0);
    outbox.put(remote, batch.subarray(1), true, 0);
    batch.fill(9);
    expect(outbox.datagrams).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  });

  it('holds 384 KiB in a pause, and drops the rest', () => {
    const outbox = connected();
    expect(fill(outbox, 700, 0)).toBe(640);
    expect(outbox.put(remote, new Uint8Array(1), true, 0)).toBe('no-credit');
  });

  it('takes nothing more in a pause that lasts: TCP sees loss, not delay', () => {
    const outbox = connected();
    fill(outbox, 256, 0);
    outbox.sent(256);
    expect(fill(outbox, 10, 1_000)).toBe(10);
    expect(fill(outbox, 10, 1_100)).toBe(10);
    expect(fill(outbox, 10, 1_101)).toBe(0);
    outbox.credited(KIB);
    outbox.sent(outbox.sendable);
    expect(fill(outbox, 10, 1_102)).toBe(10);
  });

  it('does not lend more than the bound to an edge that credits too much', () => {
    const outbox = connected();
    outbox.credited(1 << 30);
    fill(outbox, 300, 0);
    expect(outbox.sendable).toBe(256);
  });
});

function connected(): Outbox {
  const outbox = new Outbox();
  outbox.connected();
  return outbox;
}

/** Datagrams of 1 KiB. @returns how many were taken. */
function fill(outbox: Outbox, count: number, now: number): number {
  const drops = Array.from({ length: count }, () => outbox.put(remote, new Uint8Array(KIB), true, now));
  return drops.filter((drop) => drop === null).length;
}

describe('FramePool', () => {
  const path = {
    localAddress: Uint8Array.of(192, 0, 2, 1),
    localPort: 4500,
    remoteAddress: Uint8Array.of(198, 51, 100, 1),
    remotePort: 9,
  };
  const datagram = (fill: number): FrameRecord => ({ kind: 'datagram', path, octets: new Uint8Array(50).fill(fill) });

  it('leaves a frame alone until it has been sent, and uses its buffer again afterwards', () => {
    const sent: { octets: Uint8Array; done: () => void }[] = [];
    const socket = {
      send: (octets: Uint8Array, _options: unknown, done: () => void) => sent.push({ octets, done }),
    } as unknown as WebSocket;
    const pool = new FramePool();
    const send = (fill: number) => {
      pool.writer.datagram(path, new Uint8Array(50).fill(fill));
      pool.send(socket);
    };
    for (let fill = 1; fill <= 3; fill++) send(fill);
    expect(sent.map(({ octets }) => parseFrame(new Uint8Array(octets)))).toEqual([
      [datagram(1)],
      [datagram(2)],
      [datagram(3)],
    ]);
    expect(new Set(sent.map(({ octets }) => octets.buffer)).size).toBe(3);

    sent[0]!.done();
    send(4);
    send(5);
    expect(sent[4]!.octets.buffer).toBe(sent[0]!.octets.buffer);
    expect(sent.slice(1).map(({ octets }) => parseFrame(new Uint8Array(octets)))).toEqual(
      [2, 3, 4, 5].map((fill) => [datagram(fill)]),
    );
  });
});
