// A relay as the tests play it: opens a socket through the gateway and speaks frames.

import { exports } from 'cloudflare:workers';
import { type FrameRecord, FrameWriter, parseFrame } from '../../src/wire/frame.ts';
import type { Datagram, Path } from '../../src/wire/path.ts';
import { ike, text } from './fake-core.ts';
import { taken } from './worker.ts';

export const TOKEN = 'relay-token-of-the-test';

export const path: Path = {
  localAddress: Uint8Array.of(192, 0, 2, 1),
  localPort: 4500,
  remoteAddress: Uint8Array.of(198, 51, 100, 7),
  remotePort: 61_234,
};

const worker = (exports as unknown as { default: { fetch(request: Request): Promise<Response> } }).default;

export function ask(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return worker.fetch(new Request(`http://edge${url}`, { headers }));
}

export function socketHeaders(protocol: string, relay: string): Record<string, string> {
  return {
    Authorization: `Bearer ${TOKEN}`,
    'X-Culvert-Relay': relay,
    Upgrade: 'websocket',
    'Sec-WebSocket-Protocol': protocol,
  };
}

export class TestRelay {
  readonly socket: WebSocket;
  readonly records: FrameRecord[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly #route: number;
  #frames = 0;
  readonly #waiting: (() => void)[] = [];

  private constructor(socket: WebSocket, route: number) {
    this.socket = socket;
    this.#route = route;
    taken.set(route, 0);
    socket.binaryType = 'arraybuffer';
    socket.accept();
    socket.addEventListener('message', ({ data }) => {
      this.records.push(...parseFrame(new Uint8Array(data as ArrayBuffer)));
      this.#stir();
    });
    socket.addEventListener('close', ({ code, reason }) => {
      this.closed = { code, reason };
      this.#stir();
    });
  }

  /** Dials a route; throws when the edge refuses. */
  static async dial(route: number, { fresh = false, relay = 'relay-1' } = {}): Promise<TestRelay> {
    const response = await ask(
      `/relay/peer/${route}${fresh ? '?new=1' : ''}`,
      socketHeaders('culvert.relay.v1', relay),
    );
    if (!response.webSocket) throw new Error(`${response.status} ${await response.text()}`);
    return new TestRelay(response.webSocket, route);
  }

  /** Dials a new route and has a handshake. */
  static async connected(route: number, member = `m-${route}`, relay = 'relay-1'): Promise<TestRelay> {
    const dialled = await TestRelay.dial(route, { fresh: true, relay });
    dialled.ike(`hello-as ${member}`);
    await dialled.said('welcome');
    return dialled;
  }

  ike(words: string, from: Path = path): void {
    this.send([{ path: from, octets: ike(words) }]);
  }

  send(datagrams: readonly Datagram[]): void {
    const writer = new FrameWriter();
    for (const datagram of datagrams) writer.datagram(datagram.path, datagram.octets);
    this.#send(writer);
  }

  credit(octets: number): void {
    const writer = new FrameWriter();
    writer.credit(octets);
    this.#send(writer);
  }

  get datagrams(): Datagram[] {
    return this.records.filter((record) => record.kind === 'datagram');
  }

  /** What the edge said by IKE, in order. */
  get words(): string[] {
    const ikes = this.datagrams.filter(({ octets }) => octets.subarray(0, 4).every((octet) => octet === 0));
    return ikes.map(({ octets }) => text(octets.subarray(4)).replace(/\0+$/, ''));
  }

  get credited(): number {
    return this.records.reduce((sum, record) => sum + (record.kind === 'credit' ? record.octets : 0), 0);
  }

  /** ESP datagrams, opened. */
  get packets(): Uint8Array[] {
    return this.datagrams.filter(({ octets }) => octets[0] === 1).map(({ octets }) => octets.slice(4).reverse());
  }

  /** Waits until so many octets have been credited: credit rides with what the edge says. */
  async credits(octets: number): Promise<void> {
    for (let i = 0; this.credited < octets; i++) {
      this.ike(`echo credit ${i}`);
      await this.said(`credit ${i}`);
    }
  }

  said(words: string): Promise<void> {
    return this.until(() => this.words.includes(words));
  }

  /** Waits for frames until it is so. The test's own time limit is the only one. */
  async until(so: () => boolean): Promise<void> {
    while (!so()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Waits until the object has all that was sent: an answer is not always to be expected. The only relay of its route knows that. */
  arrived(): Promise<void> {
    return eventually(() => (taken.get(this.#route) ?? 0) >= this.#frames);
  }

  #send(writer: FrameWriter): void {
    this.#frames++;
    this.socket.send(writer.finish());
  }

  #stir(): void {
    for (const waiting of this.#waiting.splice(0)) waiting();
  }
}

/** Waits for something that no frame tells of. */
export async function eventually(so: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await so())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** An IPv4 UDP packet with a tag as its payload. */
export function packet(from: readonly number[], to: readonly number[], tag = 0, octets = 40): Uint8Array {
  const ip = new Uint8Array(octets);
  ip.set([0x45, 0, octets >> 8, octets & 255, 0, tag & 255, 0, 0, 64, 17, 0, 0, ...from, ...to]);
  ip.set([0x30, 0x39, 0, 7, (octets - 20) >> 8, (octets - 20) & 255, 0, 0, tag & 255], 20);
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += (ip[i]! << 8) | ip[i + 1]!;
  sum = (sum & 0xffff) + (sum >>> 16);
  ip.set([(~sum >> 8) & 255, ~sum & 255], 10);
  return ip;
}
