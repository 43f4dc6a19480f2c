import type WebSocket from 'ws';
import { describe, expect, it } from 'vitest';
import { FramePool } from '../../../relay/frame-pool.ts';
import { Outbox } from '../../../relay/outbox.ts';
import type { RemotePath } from '../../../relay/paths.ts';
import { type FrameRecord, parseFrame } from '../../../src/wire/frame.ts';

const remote = {} as RemotePath;

describe('Outbox', () => {
  it('holds 64 KiB without a connection', () => {
    const outbox = new Outbox();
    const drops = Array.from({ length: 70 }, () => outbox.put(remote, new Uint8Array(1024), false));
    expect(drops.filter((drop) => drop === null).length).toBe(64);
    expect(drops[64]).toBe('queue-full');
    expect(outbox.clear()).toBe(64 * 1024);
    expect(outbox.put(remote, new Uint8Array(1024), false)).toBeNull();
  });

  it('counts what was held as outstanding once there is a connection', () => {
    const outbox = new Outbox();
    for (let i = 0; i < 64; i++) outbox.put(remote, new Uint8Array(1024), false);
    outbox.connected();
    outbox.clear();
    const drops = Array.from({ length: 200 }, () => outbox.put(remote, new Uint8Array(1024), true));
    expect(drops.filter((drop) => drop === null).length).toBe(192);
    outbox.clear();
    outbox.credited(1024);
    expect(outbox.put(remote, new Uint8Array(1024), true)).toBeNull();
    expect(outbox.put(remote, new Uint8Array(1), true)).toBe('no-credit');
  });

  it('does not lend more than the bound to an edge that credits too much', () => {
    const outbox = new Outbox();
    outbox.credited(1 << 30);
    const drops = Array.from({ length: 300 }, () => outbox.put(remote, new Uint8Array(1024), true));
    expect(drops.filter((drop) => drop === null).length).toBe(256);
  });
});

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
