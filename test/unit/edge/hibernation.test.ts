// An idle peer object sleeps, its socket stays open, and it wakes with its windows: tried in workerd, at its own pace.

import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { bundleWorker } from '../../../scripts/start/bundle.ts';
import { workerOptions } from '../../../scripts/start/deployment.ts';
import { type FrameRecord, FrameWriter, parseFrame } from '../../../src/wire/frame.ts';
import { esp, ike, text } from '../../object/fake-core.ts';
import { address } from '../../sim/initiator/identities.ts';
import { udpPacket } from '../../sim/packets.ts';

/** workerd puts an object to sleep that has been idle for 10 s. */
const NAP_MS = 11_000;

const path = {
  localAddress: Uint8Array.of(192, 0, 2, 1),
  localPort: 4500,
  remoteAddress: Uint8Array.of(198, 51, 100, 7),
  remotePort: 6000,
};
let runtime: Miniflare;

beforeAll(async () => {
  const script = await bundleWorker(fileURLToPath(new URL('../../object/worker.ts', import.meta.url)));
  runtime = new Miniflare({
    ...workerOptions({
      ...{ host: '127.0.0.1', port: 0, data: '', script, portIke: 500, portNatT: 4500, logLevel: 'error' },
      ...{ consoleUrl: '', signUp: 'invited' },
      secrets: { deploymentKey: Buffer.alloc(32, 7).toString('base64'), relayToken: 'token', operatorToken: 'other' },
      settings: { gatewayName: 'vpn.example.com', publicAddress: '192.0.2.1' },
    }),
    host: '127.0.0.1',
    port: 0,
    log: new Log(LogLevel.NONE),
  });
  await runtime.ready;
});

afterAll(() => runtime.dispose());

class Relay {
  readonly records: FrameRecord[] = [];
  readonly socket: WebSocket;
  closed = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.records.push(...parseFrame(new Uint8Array(data as Buffer))));
    socket.on('close', () => {
      this.closed = true;
    });
  }

  static async dial(query = '', route = 7): Promise<Relay> {
    const { port } = await runtime.ready;
    const headers = { Authorization: 'Bearer token', 'X-Culvert-Relay': 'relay-1' };
    const socket = new WebSocket(`ws://127.0.0.1:${port}/relay/peer/${route}${query}`, 'culvert.relay.v1', { headers });
    const relay = new Relay(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return relay;
  }

  send(...datagrams: Uint8Array[]): void {
    const writer = new FrameWriter();
    for (const octets of datagrams) writer.datagram(path, octets);
    this.socket.send(writer.finish());
  }

  get packets(): FrameRecord[] {
    return this.records.filter((record) => record.kind === 'datagram' && record.octets[0] === 1);
  }

  /** @returns what the edge answers to an IKE datagram. */
  async ask(words: string): Promise<string> {
    this.records.length = 0;
    this.send(ike(words));
    for (;;) {
      const answer = this.records.find((record) => record.kind === 'datagram');
      if (answer) return text(answer.octets.subarray(4)).replace(/\0+$/, '');
      await wait(5);
    }
  }
}

describe('an idle peer object', () => {
  it('sleeps with its socket open, and wakes with its windows', { timeout: 240_000 }, async () => {
    const relay = await Relay.dial('?new=1');
    expect(await relay.ask('hello')).toBe('welcome');
    relay.send(esp(1, new Uint8Array(40)), esp(2, new Uint8Array(40)), esp(3, new Uint8Array(40)));
    // A session between two objects keeps neither awake.
    const other = await Relay.dial('?new=1', 8);
    expect(await other.ask('hello')).toBe('welcome');
    let sent = 3;
    for (; other.packets.length < 5; sent++) {
      relay.send(esp(sent + 1, udpPacket(address('10.0.0.7'), address('10.0.0.8'), new Uint8Array(8))));
      await wait(20);
    }
    const woken = async (who: Relay) => {
      for (;;) {
        await wait(NAP_MS);
        const words = await who.ask('woken');
        if (words !== 'not at all') return words;
      }
    };
    expect(await Promise.all([woken(relay), woken(other)])).toEqual([`windows ${sent}`, 'windows 0']);
    expect(relay.closed).toBe(false);
    relay.send(esp(sent + 1, new Uint8Array(40)));
    await wait(NAP_MS);
    // Whether it slept or not: its end must not lose what the socket carried.
    relay.socket.close(1001);
    await wait(NAP_MS);
    const again = await Relay.dial();
    expect([`windows ${sent}`, `windows ${sent + 1}`]).toContain(await again.ask('woken'));
    again.socket.terminate();
  });
});
