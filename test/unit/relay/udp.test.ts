// The relay's sockets on the loopback: datagrams in batches arrive as they do one by one.

import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { type Libc, loadLibc } from '../../../relay/libc.ts';
import { Counts } from '../../../relay/metrics.ts';
import { BindFailed, closeSocket, type LocalSocket, openSocket, sendTo } from '../../../relay/udp.ts';
import { type Batches, chooseBatches } from '../../../relay/udp-batches.ts';

const found = await chooseBatches('auto');
const loaded = await loadLibc();
const WAYS: [string, Batches | null][] = [
  ['one by one', null],
  ...(typeof found === 'string' ? [] : ([['in batches', found]] as [string, Batches][])),
];

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Arrival {
  readonly octets: Uint8Array;
  readonly address: string;
  readonly port: number;
}

async function opened(batches: Batches | null, address = '127.0.0.1', counts = new Counts()) {
  const local: LocalSocket = {
    ...{ address, port: 0, publicAddress: new Uint8Array(4), publicPort: 4500 },
    ...{ handle: null, sender: null },
  };
  const arrived: Arrival[] = [];
  const receive = (_: LocalSocket, octets: Uint8Array, from: string, port: number) =>
    void arrived.push({ octets, address: from, port });
  await openSocket(local, receive, counts, batches);
  closing.push(() => closeSocket(local));
  return { local, arrived, counts, port: local.handle!.address().port };
}

async function peer(address = '127.0.0.1') {
  const socket: Socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const arrived: Arrival[] = [];
  socket.on('message', (octets, from) => arrived.push({ octets, address: from.address, port: from.port }));
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  socket.setRecvBufferSize(4 << 20);
  closing.push(() => socket.close());
  return { socket, arrived, port: socket.address().port };
}

/** Octets that say which datagram they are, all of them. */
function datagram(number: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (number * 31 + i) & 0xff);
}

const sizes = (arrived: readonly Arrival[]) => arrived.map(({ octets }) => octets.length);

describe.each(WAYS)('UDP %s', (_, batches) => {
  it.each(['127.0.0.1', '::1'])('arrives whole and in order from %s', async (address) => {
    const { arrived, port } = await opened(batches, address);
    const { socket, port: from } = await peer(address);
    const lengths = [0, 1, 8, 1_300, 1_300, 1_472, 9_000, 65_507, ...Array.from({ length: 150 }, (_, i) => 100 + i)];
    for (const [number, length] of lengths.entries()) {
      socket.send(datagram(number, length), port, address);
      // The host's own buffers may be small: no more than a few at a time.
      if (number % 50 === 0) await expect.poll(() => arrived.length).toBe(number + 1);
    }
    await expect.poll(() => arrived.length).toBe(lengths.length);
    for (const [number, { octets, ...sender }] of arrived.entries()) {
      expect(sender).toEqual({ address, port: from });
      expect(Buffer.from(octets).equals(datagram(number, lengths[number]!))).toBe(true);
    }
  });

  it('knows many senders apart', async () => {
    const { arrived, port } = await opened(batches);
    const peers = await Promise.all(Array.from({ length: 20 }, () => peer()));
    for (let round = 0; round < 5; round++)
      for (const [i, { socket }] of peers.entries()) socket.send(datagram(i, 40), port, '127.0.0.1');
    await expect.poll(() => arrived.length).toBe(100);
    for (const [i, { port: from }] of peers.entries()) {
      const own = arrived.filter((each) => each.port === from);
      expect(own.map(({ octets }) => octets[0])).toEqual(Array(5).fill((i * 31) & 0xff));
    }
  });

  it.each(['127.0.0.1', '::1'])('leaves whole and in order to %s', async (address) => {
    const { local, counts, port: from } = await opened(batches, address);
    const { arrived, port } = await peer(address);
    const lengths = [1, 1_300, 1_300, 1_300, 700, 1_300, 0, 60, 60, 61, 9_000, 65_507, 65_507, 65_507, 65_507, 65_507];
    for (const [number, length] of lengths.entries())
      expect(sendTo(local, datagram(number, length), address, port, counts)).toBe(true);
    await expect.poll(() => sizes(arrived)).toEqual(lengths);
    for (const [number, { octets }] of arrived.entries())
      expect(Buffer.from(octets).equals(datagram(number, lengths[number]!))).toBe(true);
    expect(arrived.every((each) => each.port === from)).toBe(true);
  });

  it('leaves in order to each of many, however they are mixed', async () => {
    const { local, counts } = await opened(batches);
    const peers = await Promise.all(Array.from({ length: 5 }, () => peer()));
    for (let number = 0; number < 200; number++) {
      const { port } = peers[(number * number) % 5]!;
      sendTo(local, datagram(number, number % 7 === 0 ? 900 : 1_000), '127.0.0.1', port, counts);
    }
    const expected = peers.map((_, i) => Array.from({ length: 200 }, (_, n) => n).filter((n) => (n * n) % 5 === i));
    for (const [i, { arrived }] of peers.entries()) {
      await expect.poll(() => arrived.length).toBe(expected[i]!.length);
      expect(arrived.map(({ octets }) => octets[0])).toEqual(expected[i]!.map((n) => (n * 31) & 0xff));
    }
  });

  it('counts what the host refuses, and goes on behind it', async () => {
    const { local, counts } = await opened(batches);
    const { arrived, port } = await peer();
    sendTo(local, datagram(1, 10), '127.0.0.1', port, counts);
    // A broadcast that was not allowed.
    sendTo(local, datagram(2, 10), '255.255.255.255', port, counts);
    sendTo(local, datagram(3, 10), '127.0.0.1', port, counts);
    await expect.poll(() => counts.dropped['udp-error']).toBe(1);
    await expect.poll(() => arrived.length).toBe(2);
  });

  it.skipIf(batches === null)('sends nothing through a socket that was closed in the same turn', async () => {
    const { local, counts } = await opened(batches);
    const { arrived, port } = await peer();
    sendTo(local, datagram(1, 10), '127.0.0.1', port, counts);
    closeSocket(local);
    // It may have the descriptor of the one that was closed.
    const other = await opened(batches);
    sendTo(other.local, datagram(2, 11), '127.0.0.1', port, other.counts);
    await expect.poll(() => sizes(arrived)).toEqual([11]);
    expect(sendTo(local, datagram(1, 10), '127.0.0.1', port, counts)).toBe(false);
    expect(counts.dropped['no-local-socket']).toBe(1);
  });

  it('says why a port cannot be had', async () => {
    const { port } = await opened(batches);
    const again: LocalSocket = {
      ...{ address: '127.0.0.1', port, publicAddress: new Uint8Array(4), publicPort: 4500 },
      ...{ handle: null, sender: null },
    };
    const opening = openSocket(again, () => {}, new Counts(), batches);
    await expect(opening).rejects.toThrow(BindFailed);
    await expect(opening).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const elsewhere = openSocket({ ...again, address: '192.0.2.77', port: 0 }, () => {}, new Counts(), batches);
    await expect(elsewhere).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});

describe('a host that is slower than its peers', () => {
  it('has a mebibyte to catch up, and what comes beyond it is dropped and counted', async () => {
    const { local, counts } = await opened(null);
    const { arrived, port } = await peer();
    let unsent = 1 << 20;
    Object.assign(local.handle!, { getSendQueueSize: () => unsent });
    expect(sendTo(local, datagram(1, 10), '127.0.0.1', port, counts)).toBe(true);
    unsent += 1;
    expect(sendTo(local, datagram(2, 11), '127.0.0.1', port, counts)).toBe(false);
    unsent = 0;
    expect(sendTo(local, datagram(3, 12), '127.0.0.1', port, counts)).toBe(true);
    await expect.poll(() => sizes(arrived)).toEqual([10, 12]);
    expect(counts.dropped['udp-queue-full']).toBe(1);
  });
});

describe.skipIf(typeof loaded === 'string')('a run that the kernel does not cut', () => {
  const EINVAL = 22;
  const EIO = 5;
  const EMSGSIZE = 90;

  it.each([EINVAL, EMSGSIZE, EIO])('goes one by one: error %i', async (errno) => {
    const libc = loaded as Libc;
    let refused = 0;
    let last = 0;
    const refusing: Libc = {
      ...libc,
      sendmmsg: (fd, address, count, flags) => {
        if (refused > 0 && errno === EIO) return libc.sendmmsg(fd, address, count, flags);
        refused += 1;
        last = errno;
        return -1;
      },
      errno: () => (last > 0 ? last : libc.errno()),
    };
    const { local, counts } = await opened({ libc: refusing, receiver: (found as Batches).receiver });
    const { arrived, port } = await peer();
    for (let number = 0; number < 4; number++) sendTo(local, datagram(number, 1_000), '127.0.0.1', port, counts);
    await expect.poll(() => sizes(arrived)).toEqual([1_000, 1_000, 1_000, 1_000]);
    expect(arrived.map(({ octets }) => octets[0])).toEqual([0, 31, 62, 93]);
    expect(refused).toBe(1);
    expect(counts.dropped['udp-error']).toBe(0);
  });
});

describe.skipIf(typeof loaded === 'string')('the memory of a socket that is closed', () => {
  it('is given back, each part once', async () => {
    const libc = loaded as Libc;
    const held = new Set<bigint>();
    let strays = 0;
    const counting: Libc = {
      ...libc,
      allocate: (octets) => {
        const memory = libc.allocate(octets);
        held.add(memory.address);
        const free = () => {
          if (held.delete(memory.address)) memory.free();
          else strays += 1;
        };
        return { ...memory, free };
      },
    };
    const { arrived, port } = await peer();
    for (let round = 1; round <= 3; round++) {
      const { local, counts } = await opened({ libc: counting, receiver: (found as Batches).receiver });
      sendTo(local, datagram(round, 10), '127.0.0.1', port, counts);
      await expect.poll(() => arrived.length).toBe(round);
      expect(held.size).toBeGreaterThan(0);
      // What waits for the end of this turn must not reach for it.
      sendTo(local, datagram(round, 10), '127.0.0.1', port, counts);
      closeSocket(local);
      expect(held.size).toBe(0);
    }
    expect(strays).toBe(0);
  });
});

describe('the way that is chosen', () => {
  it('is one by one where that is wished for, or nothing else is there', async () => {
    expect(await chooseBatches('single')).toBe('as --udp says');
    expect(await chooseBatches('auto', async () => 'this is another system')).toBe('this is another system');
  });

  it('is in batches on Linux', () => {
    expect(typeof found === 'string').toBe(process.platform !== 'linux');
  });
});
