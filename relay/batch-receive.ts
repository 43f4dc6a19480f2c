// What has come to a socket, taken in one call for many datagrams (recvmmsg(2)).

import { Headers } from './headers.ts';
import type { Libc, Memory } from './libc.ts';
import { addressIn, portIn, SOCKADDR_OCTETS } from './sockaddr.ts';

const COUNT = 64;
const SLOT = 65_536;
const MSG_DONTWAIT = 0x40;

export type Each = (octets: Uint8Array, address: string, port: number) => void;

/** One for all sockets: it holds nothing between two calls. */
export class BatchReceiver {
  readonly #libc: Libc;
  readonly #headers: Headers;
  readonly #slots: Memory;
  /** The name of the last datagram, and what it says: the next one mostly comes from there too. */
  readonly #last = Buffer.alloc(SOCKADDR_OCTETS);
  #address = '';
  #port = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#headers = new Headers(libc, COUNT);
    // Pages that no datagram reaches are never touched.
    this.#slots = libc.allocate(COUNT * SLOT);
    for (let i = 0; i < COUNT; i++) this.#headers.point(i, this.#slots.address + BigInt(i * SLOT), SLOT);
  }

  /** Takes what is there, in its order, without waiting; the octets are the caller's to keep. @returns whether there may be more. */
  take(fd: number, each: Each): boolean {
    for (let i = 0; i < COUNT; i++) this.#headers.setNameLength(i, SOCKADDR_OCTETS);
    const count = this.#libc.recvmmsg(fd, this.#headers.address, COUNT, MSG_DONTWAIT, null);
    if (count > 0) this.#hand(count, each);
    return count === COUNT;
  }

  #hand(count: number, each: Each): void {
    let total = 0;
    for (let i = 0; i < count; i++) total += this.#headers.length(i);
    const batch = Buffer.allocUnsafeSlow(total);
    const { octets } = this.#slots;
    for (let i = 0, at = 0; i < count; i++) {
      const length = this.#headers.length(i);
      octets.copy(batch, at, i * SLOT, i * SLOT + length);
      const name = this.#headers.name(i);
      if (!name.equals(this.#last)) {
        name.copy(this.#last);
        this.#address = addressIn(name);
        this.#port = portIn(name);
      }
      each(new Uint8Array(batch.buffer, at, length), this.#address, this.#port);
      at += length;
    }
  }
}
