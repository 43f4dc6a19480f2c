// What is sent in batches never overtakes what waits in the socket's own queue.

import { describe, expect, it } from 'vitest';
import { BatchSender } from '../../../relay/batch-send.ts';
import type { Libc } from '../../../relay/libc.ts';

const EAGAIN = 11;
const EMSGSIZE = 90;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A host whose calls fail with `errno` while it is not 0, and a socket whose queue empties when the test says so. */
function fake() {
  const host = { errno: 0, calls: 0, queue: [] as number[] };
  const libc = {
    allocate: (octets: number) => ({ octets: Buffer.alloc(octets), address: 0n, free: () => {} }),
    sendmmsg: (_fd: number, _address: bigint, count: number) => {
      host.calls += 1;
      return host.errno === 0 ? count : -1;
    },
    errno: () => host.errno,
  } as Partial<Libc> as Libc;
  const sender = new BatchSender(libc, 3, {
    single: (octets) => void host.queue.push(octets[0]!),
    waiting: () => host.queue.length > 0,
    failed: () => {},
  });
  const put = (number: number, port = 4500) => sender.put(Uint8Array.of(number, 0, 0, 0), '192.0.2.1', port);
  return { host, put };
}

describe('a host that has no room', () => {
  it('gets nothing in batches until what waits has left', async () => {
    const { host, put } = fake();
    host.errno = EAGAIN;
    put(1);
    put(2);
    await turn();
    expect(host).toMatchObject({ calls: 1, queue: [1, 2] });
    host.errno = 0;
    put(3);
    await turn();
    expect(host).toMatchObject({ calls: 1, queue: [1, 2, 3] });
    host.queue.length = 0;
    put(4);
    await turn();
    expect(host).toMatchObject({ calls: 2, queue: [] });
  });

  it('gets all that stands behind a run that it does not cut one by one too', async () => {
    const { host, put } = fake();
    host.errno = EMSGSIZE;
    put(1);
    put(2);
    put(3, 4501);
    put(4);
    await turn();
    expect(host).toMatchObject({ calls: 1, queue: [1, 2, 3, 4] });
  });
});
