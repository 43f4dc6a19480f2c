// Whether datagrams go many to a system call, or one: decided once, when the relay starts.

import { BatchReceiver } from './batch-receive.ts';
import { type Libc, loadLibc } from './libc.ts';

export const UDP_WAYS = ['auto', 'batched', 'single'] as const;

export type UdpWay = (typeof UDP_WAYS)[number];

export interface Batches {
  readonly libc: Libc;
  /** Shared by all sockets. */
  readonly receiver: BatchReceiver;
}

/** @returns why there are none, in words that end a sentence. */
export async function chooseBatches(way: UdpWay, load: typeof loadLibc = loadLibc): Promise<Batches | string> {
  if (way === 'single') return 'as --udp says';
  const libc = await load();
  return typeof libc === 'string' ? libc : { libc, receiver: new BatchReceiver(libc) };
}
