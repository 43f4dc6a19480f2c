// The least that a packet can cost at the edge: bench/floor-worker.ts under load, CPU of workerd in us per packet.
// npx tsx bench/floor.ts [--octets 1300] [--packets 20] [--seconds 3] [--rounds 4]

import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { cpuSeconds } from './accounting.ts';
import { startBare } from './bare-runtime.ts';

const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;
const WARM_UP_MS = 15_000;
/** Frames under way. */
const UNDER_WAY = 3;

const { values } = parseArgs({
  options: {
    octets: { type: 'string', default: '1300' },
    packets: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '4' },
  },
});
const octets = Number(values.octets);
const packets = Number(values.packets);

const runtime = await startBare('floor-worker.ts', { PEER: { className: 'FloorPeer', useSQLite: true } });
const [from, to] = [await dial('a'), await dial('b')];
let arrived = 0;
const frame = await frameOf();
to.on('message', (data: Buffer) => {
  arrived += data.length / (octets + NONCE_OCTETS + TAG_OCTETS);
  from.send(frame);
});
for (let i = 0; i < UNDER_WAY; i++) from.send(frame);
await pause(WARM_UP_MS);
for (let round = 0; round < Number(values.rounds); round++) {
  const [cpu, count, began] = [cpuSeconds(runtime.pid), arrived, performance.now()];
  await pause(Number(values.seconds) * 1_000);
  const passed = arrived - count;
  const cost = ((cpuSeconds(runtime.pid) - cpu) / passed) * 1e6;
  const rate = (passed / (performance.now() - began)) * 1_000;
  console.log(`${packets} packets a frame: ${cost.toFixed(1)} us of CPU per packet, ${rate.toFixed(0)} packets/s`);
}
from.terminate();
to.terminate();
await runtime.stop();

function dial(name: string): Promise<WebSocket> {
  const url = new URL(`/${name}?octets=${octets}`, runtime.url);
  const socket = new WebSocket(url.href.replace('http', 'ws'), { perMessageDeflate: false });
  return new Promise((resolve, reject) => socket.once('open', () => resolve(socket)).once('error', reject));
}

/** Packets of zeros, sealed under the Worker's key. */
async function frameOf(): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(32), 'AES-GCM', false, ['encrypt']);
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(NONCE_OCTETS), additionalData: new Uint8Array(8) };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, new Uint8Array(octets)));
  const each = new Uint8Array(NONCE_OCTETS + sealed.length);
  each.set(sealed, NONCE_OCTETS);
  const whole = new Uint8Array(packets * each.length);
  for (let i = 0; i < packets; i++) whole.set(each, i * each.length);
  return whole;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
