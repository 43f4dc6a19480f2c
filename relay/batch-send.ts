// What a turn of the event loop sends through one socket, in one call for many datagrams (sendmmsg(2)); runs of equal length to the
// same address are cut by the kernel, which walks its stack once for all of them (UDP_SEGMENT, udp(7)).

import { Headers } from './headers.ts';
import type { Libc, Memory } from './libc.ts';
import { SOCKADDR_OCTETS, writeSockaddr } from './sockaddr.ts';

const COUNT = 64;
const AREA = 256 << 10;
/** Of one run: UDP_MAX_SEGMENTS, and what an IPv4 packet holds. */
const SEGMENTS = 64;
const RUN_OCTETS = 65_507;
/** Longer ones may have to be cut by IP, which the kernel does not do to segments. */
const SEGMENT_OCTETS = 1_452;
const MSG_DONTWAIT = 0x40;
const EIO = 5;
const EAGAIN = 11;
const EINVAL = 22;
const EMSGSIZE = 90;

export interface SendPorts {
  /** Sends one datagram by itself, as the socket does it, with its queue. */
  single(octets: Uint8Array, address: string, port: number): void;
  /** Whether some of those have not left yet: what follows must go behind them. */
  waiting(): boolean;
  /** So many datagrams were refused by the host. */
  failed(count: number): void;
}

/** One header's worth: a datagram, or a run of them. */
interface Run {
  address: string;
  port: number;
  at: number;
  end: number;
  /** Octets of each but the last, which may be shorter. */
  each: number;
  count: number;
  /** The last is shorter: nothing may follow it. */
  closed: boolean;
}

export class BatchSender {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #ports: SendPorts;
  readonly #headers: Headers;
  readonly #area: Memory;
  readonly #name = Buffer.alloc(SOCKADDR_OCTETS);
  readonly #runs: Run[] = [];
  #nameLength = 0;
  #named = { address: '', port: 0 };
  #used = 0;
  #waits = false;
  #segments = true;
  readonly #turnEnds = () => {
    this.#waits = false;
    this.#flush();
  };

  constructor(libc: Libc, fd: number, ports: SendPorts) {
    this.#libc = libc;
    this.#fd = fd;
    this.#ports = ports;
    this.#headers = new Headers(libc, COUNT);
    this.#area = libc.allocate(AREA);
  }

  /** Takes a copy; it is sent when the current callback has ended, or when there is no more room. */
  put(octets: Uint8Array, address: string, port: number): void {
    if (!this.#names(address, port)) {
      this.#flush();
      this.#ports.single(octets, address, port);
      return;
    }
    if (this.#used + octets.length > AREA) this.#flush();
    const run = this.#runs.at(-1);
    if (run === undefined || !this.#joins(run, octets.length, address, port)) this.#begin(octets.length, address, port);
    this.#area.octets.set(octets, this.#used);
    this.#used += octets.length;
    this.#runs.at(-1)!.end = this.#used;
    if (this.#waits) return;
    this.#waits = true;
    process.nextTick(this.#turnEnds);
  }

  /** Once, before the descriptor becomes somebody else's; nothing may be put after it. */
  close(): void {
    this.#runs.length = 0;
    this.#headers.free();
    this.#area.free();
  }

  #flush(): void {
    const runs = this.#runs;
    for (let done = 0; done < runs.length; ) {
      if (this.#ports.waiting()) {
        for (const run of runs.slice(done)) this.#singly(run);
        break;
      }
      const sent = this.#libc.sendmmsg(this.#fd, this.#headers.addressOf(done), runs.length - done, MSG_DONTWAIT);
      if (sent > 0) done += sent;
      else if (this.#refused(runs[done]!, this.#libc.errno())) done += 1;
      else {
        for (const run of runs.slice(done)) this.#singly(run);
        break;
      }
    }
    runs.length = 0;
    this.#used = 0;
  }

  #joins(run: Run, length: number, address: string, port: number): boolean {
    if (run.closed || !this.#segments || run.port !== port || run.address !== address) return false;
    if (length > run.each || length === 0 || run.each > SEGMENT_OCTETS) return false;
    if (run.count === SEGMENTS || run.end - run.at + length > RUN_OCTETS) return false;
    run.count += 1;
    run.closed = length < run.each;
    const i = this.#runs.length - 1;
    this.#headers.point(i, this.#area.address + BigInt(run.at), run.end - run.at + length);
    if (run.count === 2) this.#headers.setSegment(i, run.each);
    return true;
  }

  #begin(length: number, address: string, port: number): void {
    if (this.#runs.length === COUNT) this.#flush();
    const i = this.#runs.length;
    this.#name.copy(this.#headers.name(i));
    this.#headers.setNameLength(i, this.#nameLength);
    this.#headers.point(i, this.#area.address + BigInt(this.#used), length);
    this.#headers.setSegment(i, 0);
    this.#runs.push({ address, port, at: this.#used, end: this.#used, each: length, count: 1, closed: false });
  }

  /** Makes `#name` that of the address. @returns false for one that has a scope, or is none. */
  #names(address: string, port: number): boolean {
    if (this.#named.address === address && this.#named.port === port) return this.#nameLength > 0;
    this.#named = { address, port };
    this.#nameLength = writeSockaddr(this.#name, address, port);
    return this.#nameLength > 0;
  }

  /** @returns false when all that is left shall go by itself: the host has no room now. */
  #refused(run: Run, errno: number): boolean {
    if (errno === EAGAIN) return false;
    if (run.count > 1 && (errno === EINVAL || errno === EMSGSIZE || errno === EIO)) {
      // EIO: the device computes no checksums, which will not change. The others, by the kernel's age: this way is narrower than the segments.
      if (errno === EIO) this.#segments = false;
      this.#singly(run);
    } else {
      this.#ports.failed(run.count);
    }
    return true;
  }

  #singly({ address, port, at, each, count, end }: Run): void {
    for (let n = 0; n < count; n++) {
      const from = at + n * each;
      // A copy: it may wait in the socket's queue.
      this.#ports.single(Uint8Array.from(this.#area.octets.subarray(from, Math.min(from + each, end))), address, port);
    }
  }
}
