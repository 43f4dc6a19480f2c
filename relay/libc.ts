// The system calls that Node's dgram has not: many datagrams in one call, and what a socket does about path MTU (udp(7), recvmmsg(2),
// sendmmsg(2)). Linux on 64 bits; elsewhere, or without the library that calls them, the relay does without.

import { endianness } from 'node:os';

/** Memory outside of the heap, at an address that stays. */
export interface Memory {
  readonly octets: Buffer;
  readonly address: bigint;
  /** Once, and `octets` must not be touched after it. */
  free(): void;
}

export interface Libc {
  allocate(octets: number): Memory;
  /** All below: -1 for failure, the reason is errno(). */
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Buffer, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, length: number): number;
  /** @param headers struct mmsghdr, one after the other, from `address` on. */
  recvmmsg(fd: number, address: bigint, count: number, flags: number, timeout: null): number;
  sendmmsg(fd: number, address: bigint, count: number, flags: number): number;
  close(fd: number): number;
  errno(): number;
}

/** @returns why it cannot be had, in words that end a sentence. */
export async function loadLibc(): Promise<Libc | string> {
  if (process.platform !== 'linux' || !['x64', 'arm64', 'riscv64'].includes(process.arch) || endianness() !== 'LE')
    return `this is ${process.platform} on ${process.arch}`;
  try {
    const { default: koffi } = await import('koffi');
    const own = koffi.load(null);
    return {
      allocate: (octets) => {
        const memory = koffi.alloc('uint8_t', octets);
        return {
          octets: Buffer.from(koffi.view(memory, octets)),
          address: koffi.address(memory),
          free: () => koffi.free(memory),
        };
      },
      socket: own.func('int socket(int, int, int)'),
      bind: own.func('int bind(int, const void *, uint32_t)'),
      setsockopt: own.func('int setsockopt(int, int, int, const void *, uint32_t)'),
      recvmmsg: own.func('int recvmmsg(int, uintptr_t, unsigned int, int, void *)'),
      sendmmsg: own.func('int sendmmsg(int, uintptr_t, unsigned int, int)'),
      close: own.func('int close(int)'),
      errno: () => koffi.errno(),
    };
  } catch (thrown) {
    return `koffi cannot be loaded from beside the relay (${thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown)})`;
  }
}
