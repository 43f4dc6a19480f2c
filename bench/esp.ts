// What sealing and opening of ESP costs, by suite and packet length: npx tsx bench/esp.ts [seconds per figure]

import { InboundSa } from '../src/esp/inbound.ts';
import { OutboundSa } from '../src/esp/outbound.ts';
import type { EspParameters } from '../src/esp/parameters.ts';
import { ReplayWindow } from '../src/esp/replay-window.ts';
import { SequenceBlock } from '../src/esp/sequence.ts';
import type { AeadKey, Primitives } from '../src/crypto/primitives.ts';
import { EncrId, IntegId, KeId } from '../src/wire/ike-numbers.ts';
import { workerPrimitives } from '../worker/edge/primitives.ts';

const BATCH = 32;
const BATCHES = 16;
const LENGTHS = [100, 1400];
const seconds = Number(process.argv[2] ?? 1);

/** Copies and nothing else, at once: what is left is the work of src/esp itself. */
const copying: AeadKey = {
  seal: (_nonce, _aad, plaintext) => {
    const sealed = new Uint8Array(plaintext.length + 16);
    sealed.set(plaintext);
    return Promise.resolve(sealed);
  },
  open: (_nonce, _aad, ciphertext) => Promise.resolve(ciphertext.slice(0, ciphertext.length - 16)),
};

interface Row {
  readonly name: string;
  readonly primitives: Primitives;
  readonly parameters: EspParameters;
}

function row(name: string, encr: number, keyBits: number, integ: number, esn = false, own = false): Row {
  const real = workerPrimitives();
  const primitives = own ? { ...real, aesGcm: () => copying } : real;
  const suite = { encr, encrKeyBits: keyBits, integ, esn, ke: KeId.NONE };
  const salt = integ === IntegId.NONE ? 4 : 0;
  const keys = { encr: real.random(keyBits / 8 + salt), integ: real.random(integ === IntegId.NONE ? 0 : 64) };
  return { name, primitives, parameters: { spi: 0x10001, suite, keys } };
}

const ROWS = [
  row('no cipher, src/esp alone', EncrId.AES_GCM_16, 256, IntegId.NONE, false, true),
  row('no cipher, src/esp alone, ESN', EncrId.AES_GCM_16, 256, IntegId.NONE, true, true),
  row('AES-128-GCM', EncrId.AES_GCM_16, 128, IntegId.NONE),
  row('AES-256-GCM', EncrId.AES_GCM_16, 256, IntegId.NONE),
  row('AES-256-GCM, ESN', EncrId.AES_GCM_16, 256, IntegId.NONE, true),
  row('ChaCha20-Poly1305', EncrId.CHACHA20_POLY1305, 256, IntegId.NONE),
  row('AES-128-CBC HMAC-SHA1-96', EncrId.AES_CBC, 128, IntegId.HMAC_SHA1_96),
  row('AES-256-CBC HMAC-SHA-256-128', EncrId.AES_CBC, 256, IntegId.HMAC_SHA2_256_128),
  row('AES-256-CBC HMAC-SHA-512-256', EncrId.AES_CBC, 256, IntegId.HMAC_SHA2_512_256),
];

function innerPacket(length: number): Uint8Array {
  const packet = new Uint8Array(length).fill(0x5a);
  packet[0] = 0x45;
  packet.set([length >> 8, length & 255], 2);
  return packet;
}

interface Figure {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

/** Runs rounds of BATCH * BATCHES packets until the time is over; what `prepare` does is not counted. */
async function measure<T>(prepare: () => Promise<T>, work: (prepared: T) => Promise<void>): Promise<Figure> {
  for (let warm = 0; warm < 8; warm++) await work(await prepare());
  let packets = 0;
  let wall = 0;
  let cpu = 0;
  while (wall < seconds * 1000) {
    const prepared = await prepare();
    const before = process.cpuUsage();
    const began = performance.now();
    await work(prepared);
    wall += performance.now() - began;
    const used = process.cpuUsage(before);
    cpu += used.user + used.system;
    packets += BATCH * BATCHES;
  }
  return { perSecond: (packets / wall) * 1000, cpuMicroseconds: cpu / packets };
}

async function seal({ primitives, parameters }: Row, length: number): Promise<Figure> {
  const batch = Array.from({ length: BATCH }, () => innerPacket(length));
  const sa = new OutboundSa(primitives, parameters, new SequenceBlock(1, 2 ** 31));
  return measure(
    () => Promise.resolve(),
    async () => {
      for (let i = 0; i < BATCHES; i++) await sa.seal(batch);
    },
  );
}

async function open({ primitives, parameters }: Row, length: number): Promise<Figure> {
  const batch = Array.from({ length: BATCH }, () => innerPacket(length));
  const sender = new OutboundSa(primitives, parameters, new SequenceBlock(1, 2 ** 31));
  const sa = new InboundSa(primitives, parameters, new ReplayWindow());
  return measure(
    async () => {
      const batches: Uint8Array[][] = [];
      for (let i = 0; i < BATCHES; i++) batches.push((await sender.seal(batch)) as Uint8Array[]);
      return batches;
    },
    async (batches) => {
      for (const sealed of batches) {
        const opened = await sa.open(sealed);
        if (typeof opened[0] === 'string') throw new Error(opened[0]);
      }
    },
  );
}

const only = process.argv[3] ?? '';
console.log(`batches of ${BATCH}; CPU of all threads, us per packet`);
const heads = [
  ['seal/s', 9],
  ['CPU', 6],
  ['open/s', 9],
  ['CPU', 6],
] as const;
console.log(`${'suite'.padEnd(32)} octets ${heads.map(([head, width]) => head.padStart(width)).join(' ')}`);
for (const suite of ROWS.filter((r) => r.name.includes(only))) {
  for (const length of LENGTHS) {
    const [s, o] = [await seal(suite, length), await open(suite, length)];
    const cell = (f: Figure) => `${f.perSecond.toFixed(0).padStart(9)} ${f.cpuMicroseconds.toFixed(1).padStart(6)}`;
    console.log(`${suite.name.padEnd(32)} ${String(length).padStart(6)} ${cell(s)} ${cell(o)}`);
  }
}
