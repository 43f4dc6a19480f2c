// An array of struct mmsghdr in memory of its own, each with one address and one stretch of octets (recvmmsg(2), recvmsg(2)), for
// 64 bits, little endian.

import type { Libc, Memory } from './libc.ts';
import { SOCKADDR_OCTETS } from './sockaddr.ts';

/*
   struct mmsghdr (64)   0 name  8 namelen  16 iov  24 iovlen  32 control  40 controllen  48 flags  56 len
   struct iovec (16)     0 base  8 len
   struct cmsghdr (16)   0 len   8 level    12 type, then the data
*/
const HEADER = 64;
const IOVEC = 16;
const CONTROL = 24;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;

export class Headers {
  readonly count: number;
  readonly address: bigint;
  readonly #headers: Buffer;
  readonly #iovecs: Buffer;
  readonly #controls: Memory;
  readonly #names: Buffer;
  readonly #memory: readonly Memory[];

  constructor(libc: Libc, count: number) {
    this.count = count;
    const headers = libc.allocate(count * HEADER);
    const iovecs = libc.allocate(count * IOVEC);
    const names = libc.allocate(count * SOCKADDR_OCTETS);
    this.#controls = libc.allocate(count * CONTROL);
    this.#memory = [headers, iovecs, names, this.#controls];
    this.#headers = headers.octets.fill(0);
    this.#iovecs = iovecs.octets;
    this.#names = names.octets;
    this.address = headers.address;
    for (let i = 0; i < count; i++) {
      headers.octets.writeBigUInt64LE(names.address + BigInt(i * SOCKADDR_OCTETS), i * HEADER);
      headers.octets.writeBigUInt64LE(iovecs.address + BigInt(i * IOVEC), i * HEADER + 16);
      headers.octets.writeBigUInt64LE(1n, i * HEADER + 24);
      const control = this.#controls.octets;
      control.writeBigUInt64LE(18n, i * CONTROL);
      control.writeInt32LE(SOL_UDP, i * CONTROL + 8);
      control.writeInt32LE(UDP_SEGMENT, i * CONTROL + 12);
    }
  }

  /** Nothing else may be called after it. */
  free(): void {
    for (const memory of this.#memory) memory.free();
  }

  /** Where the octets of the ith lie. */
  point(i: number, address: bigint, length: number): void {
    this.#iovecs.writeBigUInt64LE(address, i * IOVEC);
    this.#iovecs.writeUInt32LE(length, i * IOVEC + 8);
    this.#iovecs.writeUInt32LE(0, i * IOVEC + 12);
  }

  /** The address of the ith, a struct sockaddr. */
  name(i: number): Buffer {
    return this.#names.subarray(i * SOCKADDR_OCTETS, (i + 1) * SOCKADDR_OCTETS);
  }

  setNameLength(i: number, length: number): void {
    this.#headers.writeUInt32LE(length, i * HEADER + 8);
  }

  /** @param octets of each segment that the kernel shall make of the ith (UDP_SEGMENT); 0: it is one datagram. */
  setSegment(i: number, octets: number): void {
    const has = octets > 0;
    this.#headers.writeBigUInt64LE(has ? this.#controls.address + BigInt(i * CONTROL) : 0n, i * HEADER + 32);
    this.#headers.writeUInt32LE(has ? CONTROL : 0, i * HEADER + 40);
    if (has) this.#controls.octets.writeUInt16LE(octets, i * CONTROL + 16);
  }

  /** Octets that came in the ith. */
  length(i: number): number {
    return this.#headers.readUInt32LE(i * HEADER + 56);
  }

  /** Where the ith begins, for a call that goes on behind those that are done. */
  addressOf(i: number): bigint {
    return this.address + BigInt(i * HEADER);
  }
}
