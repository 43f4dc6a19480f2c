// An idle peer object sleeps, its socket stays open, and it wakes with its windows: tried in workerd, at its own pace.

import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { bundleWorker } from '../../../scripts/start/bundle.ts';
import { workerOptions } from '../../../scripts/start/deployment.ts';
import { type FrameRecord, FrameWriter, parseFrame } from '../../../src/wire/frame.ts';
import { esp, ike, text } from '../../object/fake-core.ts';

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

it('an idle peer object sleeps with its socket open, and wakes with its windows', { timeout: 240_000 }, async () => {
  const { port } = await runtime.ready;
  const headers = { Authorization: 'Bearer token', 'X-Culvert-Relay': 'relay-1' };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/relay/peer/7?new=1`, 'culvert.relay.v1', { headers });
  const records: FrameRecord[] = [];
  let closed = false;
  socket.on('message', (data) => records.push(...parseFrame(new Uint8Array(data as Buffer))));
  socket.on('close', () => {
    closed = true;
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const say = async (...datagrams: Uint8Array[]) => {
    const count = records.length;
    const writer = new FrameWriter();
    for (const octets of datagrams) writer.datagram(path, octets);
    socket.send(writer.finish());
    while (records.length === count && !closed) await wait(5);
    return records.slice(count);
  };
  await say(ike('hello'));
  await say(esp(1, new Uint8Array(40)), esp(2, new Uint8Array(40)), esp(3, new Uint8Array(40)));
  let woken = 'not at all';
  while (woken === 'not at all') {
    await wait(NAP_MS);
    records.length = 0;
    await say(ike('woken'));
    while (!records.some(({ kind }) => kind === 'datagram')) await wait(5);
    const answer = records.find((record) => record.kind === 'datagram')!;
    woken = text(answer.octets.subarray(4)).replace(/\0+$/, '');
  }
  expect(woken).toBe('windows 3');
  expect(closed).toBe(false);
  socket.terminate();
});
