// A relay on high loopback ports before a fake edge, with UDP clients and a clock that the test moves.

import { createSocket, type Socket } from 'node:dgram';
import type { Rates } from '../../../relay/admission.ts';
import { Log } from '../../../relay/log.ts';
import { createRelay, type Relay, type RelayOptions } from '../../../relay/relay.ts';
import { addMarker } from '../../../src/wire/encap.ts';
import { emitIkeMessage } from '../../../src/wire/ike-message.ts';
import { ExchangeType, Notify } from '../../../src/wire/ike-numbers.ts';
import type { Payload } from '../../../src/wire/payload.ts';
import { makeEspSpi, makeIkeSpi } from '../../../src/wire/spi.ts';
import { FakeEdge, TOKEN } from './fake-edge.ts';

export interface Harness {
  readonly edge: FakeEdge;
  readonly relay: Relay;
  readonly clock: { now: number };
  readonly said: string[];
  /** A client on its own port, by default of 127.0.0.1. */
  client(address?: string): Promise<Client>;
  close(): Promise<void>;
}

const BURST = 32;

/** A UDP socket that keeps what it hears. */
export class Client {
  readonly heard: Uint8Array[] = [];
  readonly #socket: Socket;
  readonly #relay: Relay;

  constructor(socket: Socket, relay: Relay) {
    this.#socket = socket;
    this.#relay = relay;
    socket.on('message', (octets) => this.heard.push(new Uint8Array(octets)));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** To the relay's port that stands for 500 or 4500. */
  send(publicPort: 500 | 4500, octets: Uint8Array, relay = this.#relay): Promise<void> {
    const local = relay.listening().find((socket) => socket.publicPort === publicPort)!;
    const port = local.handle!.address().port;
    return new Promise((resolve) => this.#socket.send(octets, port, local.address, () => resolve()));
  }

  /** Many, in steps that no socket buffer is too small for. */
  async burst(publicPort: 500 | 4500, datagrams: readonly Uint8Array[]): Promise<void> {
    const { received } = this.#relay.counts;
    const count = () => Object.values(received).reduce((sum, each) => sum + each, 0);
    for (let i = 0; i < datagrams.length; i += BURST) {
      const part = datagrams.slice(i, i + BURST);
      const before = count();
      for (const octets of part) await this.send(publicPort, octets);
      await until(() => count() >= before + part.length);
    }
  }

  close(): void {
    this.#socket.close();
  }
}

export async function harness(
  options: Partial<RelayOptions> & { rates?: Rates; edgeDown?: boolean; beside?: FakeEdge } = {},
): Promise<Harness> {
  const { rates, edgeDown, beside, ...rest } = options;
  const edge = beside ?? new FakeEdge();
  if (beside === undefined) await edge.start();
  const controls = edge.controls.length;
  const clock = { now: 1_000_000 };
  const said: string[] = [];
  const relay = createRelay(
    {
      edge: edge.url,
      token: TOKEN,
      id: 'relay-a',
      listen: ['127.0.0.1'],
      portIke: 0,
      portNatT: 0,
      publicAddresses: [],
      cookies: 'auto',
      udp: 'auto',
      ...rest,
    },
    {
      log: new Log('debug', (line) => said.push(line)),
      now: () => clock.now,
      wallClock: Date.now,
      random: () => 0,
      ...(rates ? { rates } : {}),
    },
  );
  if (edgeDown) await edge.stop();
  await relay.start();
  if (!edgeDown) await until(() => edge.controls.length > controls && edge.settingsAsked > controls);
  const clients: Client[] = [];
  return {
    edge,
    relay,
    clock,
    said,
    async client(address = '127.0.0.1') {
      const socket = createSocket('udp4');
      await new Promise<void>((resolve) => socket.bind(0, address, resolve));
      const client = new Client(socket, relay);
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.close();
      relay.stop();
      await edge.stop();
    },
  };
}

/** Waits for what must come; how long it takes says nothing. */
export async function until(condition: () => boolean, what = 'what the test waits for'): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** An IKE_SA_INIT request without marker; `cookie` goes first. */
export function initialRequest(SPIi: bigint, cookie: Uint8Array | null = null): Uint8Array {
  const payloads: Payload[] = [
    { type: 'KE', method: 31, data: new Uint8Array(32).fill(1) },
    { type: 'NONCE', data: new Uint8Array(32).fill(2) },
  ];
  if (cookie !== null) {
    payloads.unshift({ type: 'N', notify: Notify.COOKIE, protocol: 0, spi: new Uint8Array(0), data: cookie });
  }
  return emitIkeMessage(
    { SPIi, SPIr: 0n, exchange: ExchangeType.IKE_SA_INIT, initiator: true, response: false, messageId: 0 },
    payloads,
  );
}

/** As the original initiator sends it on port 4500, marker included; `response` turns it into an answer. */
export function protectedMessage(route: number, response = false, messageId = 1): Uint8Array {
  const header = {
    SPIi: 0x1122334455667788n,
    SPIr: makeIkeSpi(route, Uint8Array.of(1, 2, 3, 4, 5)),
    exchange: ExchangeType.INFORMATIONAL,
    initiator: true,
    response,
    messageId,
  };
  return addMarker(emitIkeMessage(header, [{ type: 'V', data: new Uint8Array(40) }]));
}

/** So many ESP packets of 1 KiB. */
export function espPackets(route: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => espPacket(route, i, 1024));
}

export function espPacket(route: number, sequence: number, length = 100): Uint8Array {
  const octets = new Uint8Array(length).fill(sequence);
  const view = new DataView(octets.buffer);
  view.setUint32(0, makeEspSpi(route, 0));
  view.setUint32(4, sequence);
  return octets;
}
