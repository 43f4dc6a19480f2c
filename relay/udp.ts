// The relay's UDP sockets: one per local address and port, so that a reply leaves from the address that was spoken to.

import { type BindOptions, createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { BatchSender } from './batch-send.ts';
import type { Counts } from './metrics.ts';
import { openOwn } from './own-socket.ts';
import type { Batches } from './udp-batches.ts';

/** What sockets are asked to hold for a burst; the host may give less (net.core.rmem_max). */
const BUFFER_OCTETS = 4 << 20;
/** Beyond this much unsent in one socket the host is slower than its peers are: further datagrams are dropped. */
const QUEUE_OCTETS = 1 << 20;
/** Batches taken from one socket at a time: the others wait for their turn. */
const BATCHES = 4;

/** Stands for its address and port as long as the relay runs; `handle` is null while the host has no such address. */
export interface LocalSocket {
  /** As the host knows it. */
  readonly address: string;
  /** As the host knows it. */
  readonly port: number;
  /** As peers know it, 4 or 16 octets: another address behind a 1:1 NAT. */
  readonly publicAddress: Uint8Array;
  /** As peers know it: 500 or 4500, whatever the host listens on. */
  readonly publicPort: number;
  handle: Socket | null;
  /** Null also where datagrams are sent one by one. */
  sender: BatchSender | null;
}

export type Receive = (socket: LocalSocket, octets: Uint8Array, address: string, port: number) => void;

/** Why a socket could not be opened. */
export class BindFailed extends Error {
  readonly code: string;
  readonly address: string;
  readonly port: number;

  constructor(code: string, address: string, port: number) {
    super(`cannot bind ${address} port ${port}: ${code}`);
    this.code = code;
    this.address = address;
    this.port = port;
  }
}

/**
 * Binds, and keeps listening until close.
 * @param batches null: datagrams come and go one by one.
 * @throws BindFailed
 */
export async function openSocket(
  local: LocalSocket,
  receive: Receive,
  counts: Counts,
  batches: Batches | null,
): Promise<void> {
  // A scope is a matter of dgram's.
  if (batches === null || local.address.includes('%') || local.address.startsWith('fe80:')) {
    const { address, port } = local;
    const handle = await bound(local, { address, port, exclusive: true });
    attend(local, handle, receive, counts);
    return;
  }
  const fd = openOwn(batches.libc, local.address, local.port);
  if (typeof fd === 'string') throw new BindFailed(fd, local.address, local.port);
  const handle = await bound(local, { fd });
  local.sender = new BatchSender(batches.libc, fd, {
    single: (octets, address, port) => sendSingly(local, octets, address, port, counts),
    waiting: () => local.handle !== null && local.handle.getSendQueueCount() > 0,
    failed: (count) => (counts.dropped['udp-error'] += count),
  });
  const each = (octets: Uint8Array, address: string, port: number) => receive(local, octets, address, port);
  attend(local, handle, receive, counts);
  // The first datagram wakes dgram and has been received; all others that are there come in batches behind it.
  handle.on('message', () => {
    for (let n = 0; n < BATCHES && local.handle === handle && batches.receiver.take(fd, each); n++);
  });
}

function bound(local: LocalSocket, where: BindOptions): Promise<Socket> {
  const six = isIPv6(local.address);
  const handle = createSocket({ type: six ? 'udp6' : 'udp4', ipv6Only: six, lookup: six ? literal6 : literal4 });
  return new Promise((resolve, reject) => {
    handle.once('error', (error: NodeJS.ErrnoException) => {
      handle.close();
      reject(new BindFailed(error.code ?? error.message, local.address, local.port));
    });
    handle.bind(where, () => {
      handle.removeAllListeners('error');
      resolve(handle);
    });
  });
}

function attend(local: LocalSocket, handle: Socket, receive: Receive, counts: Counts): void {
  handle.on('error', () => (counts.dropped['udp-error'] += 1));
  handle.on('message', (octets: Buffer, remote: RemoteInfo) => receive(local, octets, remote.address, remote.port));
  grow(handle);
  local.handle = handle;
}

export function closeSocket(local: LocalSocket): void {
  local.sender?.close();
  local.sender = null;
  local.handle?.close();
  local.handle = null;
}

/** @returns false when the datagram was dropped; the reason is counted. `address` is an IP address. */
export function sendTo(local: LocalSocket, octets: Uint8Array, address: string, port: number, counts: Counts): boolean {
  if (local.sender === null) return sendSingly(local, octets, address, port, counts);
  local.sender.put(octets, address, port);
  return true;
}

function sendSingly(local: LocalSocket, octets: Uint8Array, address: string, port: number, counts: Counts): boolean {
  const handle = local.handle;
  if (handle === null) {
    counts.dropped['no-local-socket'] += 1;
    return false;
  }
  if (handle.getSendQueueSize() > QUEUE_OCTETS) {
    counts.dropped['udp-queue-full'] += 1;
    return false;
  }
  handle.send(octets, port, address, (error) => {
    if (error !== null) counts.dropped['udp-error'] += 1;
  });
  return true;
}

type Looked = (error: null, address: string, family: number) => void;

/** Addresses are literal: no resolver, and no turn of the event loop, stands between a send and the kernel. */
const literal4 = (address: string, options: unknown, callback: Looked) => found(address, 4, options, callback);
const literal6 = (address: string, options: unknown, callback: Looked) => found(address, 6, options, callback);

function found(address: string, family: 4 | 6, options: unknown, callback: Looked): void {
  const done = typeof options === 'function' ? (options as Looked) : callback;
  done(null, address, family);
}

function grow(handle: Socket): void {
  try {
    handle.setRecvBufferSize(BUFFER_OCTETS);
    handle.setSendBufferSize(BUFFER_OCTETS);
  } catch {
    // The sizes that the host gives by itself serve too.
  }
}
