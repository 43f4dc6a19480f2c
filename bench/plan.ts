// What is measured, in which order, and what comes of it. Gateways take turns within each round: what slows the machine slows all.

import type { CryptoAlone } from './crypto-alone.ts';
import type { CulvertGateway } from './culvert-gateway.ts';
import type { Options } from './options.ts';
import type { Handshakes, Round, Site } from './site.ts';

export interface Contenders {
  readonly culvert: Site;
  readonly relay: CulvertGateway;
  readonly strongswan: Site | null;
  readonly cipher: CryptoAlone;
}

/** One packet length, one pair of peers. */
export interface SideBySide {
  readonly octets: number;
  readonly culvert: readonly Round[];
  readonly strongswan: readonly Round[];
  /** Microseconds of CPU to open a packet and seal it again, in each round. */
  readonly cipher: readonly number[];
  /** WebSocket messages for 10^9 octets of inner packets. */
  readonly messagesPerGigabyte: number;
}

/** So many peers send, of all that are connected. */
export interface Stage {
  readonly senders: number;
  /** Culvert with one sender, each just before a round of many. */
  readonly one: readonly Round[];
  readonly culvert: readonly Round[];
  readonly strongswan: readonly Round[];
}

export interface Growth {
  readonly connected: number;
  readonly octets: number;
  readonly handshakes: { readonly culvert: Handshakes | null; readonly strongswan: Handshakes | null };
  /** Octets per connected idle peer, by part. */
  readonly memory: { readonly culvert: Record<string, number>; readonly strongswan: Record<string, number> };
  readonly stages: readonly Stage[];
}

export type Tell = (text: string) => void;

/** Whether there is time for one more round. */
export type More = (done: number) => boolean;

/** @param now ms. */
export function rounds({ rounds, budgetMs }: Options, now: () => number): More {
  const end = now() + budgetMs;
  return (done) => done === 0 || (done < rounds && now() < end);
}

/** Objects of idle peers leave memory after ten seconds. */
const SETTLE_MS = 15_000;
const PAIR = 2;

export async function measureSideBySide(
  contenders: Contenders,
  options: Options,
  more: More,
  tell: Tell,
): Promise<SideBySide[]> {
  const sites = sitesOf(contenders);
  for (const site of sites) await site.connect(PAIR);
  tell('warming up');
  for (const octets of options.octets)
    for (const site of sites) await site.round(loadOf(options, 1, octets, options.warmMs / options.octets.length));
  const results: SideBySide[] = [];
  for (const octets of options.octets) {
    tell(`side by side, ${octets} octets`);
    results.push(await sideBySide(contenders, options, octets, more));
  }
  return results;
}

async function sideBySide(contenders: Contenders, options: Options, octets: number, more: More): Promise<SideBySide> {
  const { culvert: site, strongswan: other, cipher, relay } = contenders;
  const culvert: Round[] = [];
  const strongswan: Round[] = [];
  const alone: number[] = [];
  let frames = 0;
  for (let i = 0; more(i); i++) {
    const order = loadOf(options, 1, octets, options.roundMs);
    const before = await relay.metrics();
    culvert.push(await site.round(order));
    frames += (await relay.metrics())('frames_total') - before('frames_total');
    if (other !== null) strongswan.push(await other.round(order));
    alone.push(await cipher.round(octets));
  }
  const packets = culvert.reduce((sum, { received }) => sum + received, 0);
  return { octets, culvert, strongswan, cipher: alone, messagesPerGigabyte: (frames / (packets * octets)) * 1e9 };
}

/** Connects as many peers as ever send, and lets some of them, then more of them send. */
export async function measureGrowth(contenders: Contenders, options: Options, more: More, tell: Tell): Promise<Growth> {
  const connected = Math.max(PAIR, ...options.peers);
  const octets = options.octets[0]!;
  const { culvert, strongswan } = contenders;
  await settle(tell);
  const before = { culvert: culvert.memory(), strongswan: strongswan?.memory() ?? {} };
  const fresh = connected - culvert.connected;
  tell(`connecting ${connected} peers`);
  const handshakes = {
    culvert: await culvert.connect(connected),
    strongswan: (await strongswan?.connect(connected)) ?? null,
  };
  await settle(tell);
  const memory = {
    culvert: growthOf(culvert.memory(), before.culvert, fresh),
    strongswan: growthOf(strongswan?.memory() ?? {}, before.strongswan, fresh),
  };
  const stages: Stage[] = [];
  for (const senders of options.peers) {
    tell(`${senders} of ${connected} peers send`);
    stages.push(await measureStage(contenders, options, senders, more));
  }
  return { connected, octets, handshakes, memory, stages };
}

/** Rounds of one sender and of many alternate, so that the two can be compared. The same peers are connected, and as many packets under way. */
async function measureStage(
  { culvert, strongswan }: Contenders,
  options: Options,
  senders: number,
  more: More,
): Promise<Stage> {
  const octets = options.octets[0]!;
  const one = loadOf(options, 1, octets, options.roundMs);
  const many = loadOf(options, senders, octets, options.roundMs);
  // Each sends once before: no object is to wake, and no route to be asked for, while others are measured.
  const turn = { ...many, burst: 1, milliseconds: 0, least: senders };
  const stage = { senders, one: [] as Round[], culvert: [] as Round[], strongswan: [] as Round[] };
  await culvert.round(turn);
  await strongswan?.round(turn);
  for (let i = 0; more(i); i++) {
    stage.one.push(await culvert.round(one));
    await culvert.round(turn);
    stage.culvert.push(await culvert.round(many));
    if (strongswan !== null) stage.strongswan.push(await strongswan.round(many));
  }
  return stage;
}

function loadOf({ burst, bursts }: Options, senders: number, octets: number, milliseconds: number) {
  return { senders, octets, burst, bursts, milliseconds, least: bursts };
}

function sitesOf({ culvert, strongswan }: Contenders): Site[] {
  return strongswan === null ? [culvert] : [culvert, strongswan];
}

async function settle(tell: Tell): Promise<void> {
  tell(`${SETTLE_MS / 1000} s of silence`);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

function growthOf(
  after: Record<string, number>,
  before: Record<string, number>,
  peers: number,
): Record<string, number> {
  const parts = Object.entries(after).map(([name, octets]) => [
    name,
    peers > 0 ? (octets - (before[name] ?? 0)) / peers : 0,
  ]);
  return Object.fromEntries(parts);
}
