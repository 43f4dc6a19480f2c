// A Peer that is built again from what was stored: after hibernation with its windows, after a crash without them.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/octets.ts';
import { Peer } from '../../src/peer/peer.ts';
import { espSequence, espSpi } from '../../src/wire/esp.ts';
import type { Datagram } from '../../src/wire/path.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import { windows } from '../sim/initiator/clients.ts';
import { address, selector } from '../sim/initiator/identities.ts';
import { WITHOUT_MOBIKE } from '../sim/initiator/options.ts';
import { udpPacket } from '../sim/packets.ts';
import { faultOf, faultOfTraffic } from '../sim/settled.ts';
import { createPair, type Pair, type PairWish } from './pair.ts';
import { currentOf, kinds, onlyChild, stateOf } from './scene.ts';

const OWN = address('100.64.0.10');
const SERVER = address('100.64.0.20');

const established = async (wish: PairWish = {}) => (await createPair(wish)).establish();

async function clientSends(pair: Pair, count: number): Promise<Datagram[]> {
  const packets = Array.from({ length: count }, (_, n) => udpPacket(OWN, SERVER, utf8(`packet ${n}`)));
  await pair.runClient(pair.client.sendPackets(packets, pair.now));
  return [...pair.toGateway];
}

async function gatewaySends(pair: Pair, count: number): Promise<string[]> {
  await pair.sealTo(Array.from({ length: count }, (_, n) => udpPacket(SERVER, OWN, utf8(`packet ${n}`))));
  return pair.toClient.map(({ octets }) => `${espSpi(octets)}/${espSequence(octets)}`);
}

describe('hibernation', () => {
  it('keeps windows, counters and the member; nothing is due', async () => {
    const pair = await established();
    const sent = await clientSends(pair, 10);
    await pair.drive();
    const deadline = pair.peer.deadline();
    const before = pair.peer.status();
    pair.evict('hibernated');
    expect(pair.peer.status()).toEqual({ ...before, drops: {} });
    expect(pair.peer.deadline()).toBe(deadline);
    pair.toGateway.push(...sent);
    await pair.drive();
    expect(pair.delivered).toHaveLength(10);
    expect(pair.peer.status()!.drops).toEqual({ replayed: 10 });
    expect(await faultOf(pair)).toBeNull();
  });

  it('never repeats a sequence number of its own', async () => {
    const pair = await established();
    const seen: string[] = [];
    for (let n = 0; n < 5; n++) {
      seen.push(...(await gatewaySends(pair, 3)));
      await pair.drive();
      pair.evict('hibernated');
    }
    expect(new Set(seen).size).toBe(15);
    expect(pair.received).toHaveLength(15);
  });

  it('goes on with what was under way', async () => {
    const pair = await established();
    await pair.command({ kind: 'rekey-ike' });
    pair.evict('hibernated');
    await pair.step();
    pair.evict('hibernated');
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
  });
});

describe('a crash', () => {
  it('refuses what may have been heard before, and has the child rekeyed at once', async () => {
    const pair = await established();
    const old = await clientSends(pair, 100);
    await pair.drive();
    expect(pair.delivered).toHaveLength(100);
    pair.evict('crashed');
    expect(pair.peer.deadline()).toBe(0);
    pair.toGateway.push(...old);
    await pair.drive();
    expect(pair.delivered).toHaveLength(100);
    expect(pair.peer.status()!.drops).toEqual({ 'too-old': 100 });
    const { spiIn } = onlyChild(pair);
    await pair.advance(1000);
    expect(onlyChild(pair).spiIn).not.toBe(spiIn);
    expect(await faultOf(pair)).toBeNull();
  });

  it('never repeats a sequence number of its own', async () => {
    const pair = await established();
    const seen: string[] = [];
    for (let n = 0; n < 5; n++) {
      seen.push(...(await gatewaySends(pair, 3)));
      await pair.drive();
      pair.evict('crashed');
    }
    expect(new Set(seen).size).toBe(15);
    expect(pair.received).toHaveLength(15);
  });

  // A peer that Windows would not let rekey takes the child back instead.
  it('at Windows has the child deleted, so that it makes another', async () => {
    const pair = await established({ auth: 'eap', client: windows(2), legacy: true });
    await clientSends(pair, 5);
    await pair.drive();
    pair.evict('crashed');
    expect(pair.peer.deadline()).toBe(0);
    await pair.advance(2000);
    expect(pair.client.journal.arrows().slice(-4)).toEqual([
      '<-- HDR, SK {D(ESP)}',
      '--> HDR, SK {D(ESP)}',
      '--> HDR, SK {SA, Ni, TSi, TSr}',
      '<-- HDR, SK {SA, Nr, TSi, TSr}',
    ]);
    expect(await faultOf(pair)).toBeNull();
  });

  it('at Windows has the child deleted again when the answer that made it is heard only then', async () => {
    const pair = await established({ auth: 'eap', client: windows(2), legacy: true });
    await clientSends(pair, 5);
    await pair.drive();
    pair.fault = (_, to, { octets }) => (to === 'client' && octets[4 + 18] === 36 ? 'drop' : 'carry');
    await pair.runClient(pair.client.rekeyChild(pair.now));
    await pair.drive();
    const { replacedBy: made } = stateOf(pair).children.find(({ replacedBy }) => replacedBy !== null)!;
    pair.evict('crashed');
    await pair.advance(500);
    expect(stateOf(pair).children.map(({ spiIn }) => spiIn)).not.toContain(made);
    pair.fault = null;
    await pair.advance(20_000);
    expect(await faultOf(pair)).toBeNull();
    expect(await faultOfTraffic(pair)).toBeNull();
  });

  it('of one SA among several touches only those whose windows are lost', async () => {
    const pair = await established();
    await pair.runClient(pair.client.moreChildren(pair.now));
    await pair.drive();
    const { SPIr } = currentOf(pair);
    pair.evict('crashed');
    await pair.advance(1000);
    expect(currentOf(pair).SPIr).toBe(SPIr);
    expect(stateOf(pair).children).toHaveLength(2);
    expect(await faultOfTraffic(pair)).toBeNull();
  });
});

describe('the path', () => {
  const moved = address('203.0.113.77');

  it.each(['hibernated', 'crashed'] as const)('that ESP has found is known again when %s', async (how) => {
    const pair = await established();
    await pair.runClient(pair.client.move(moved, pair.now));
    await clientSends(pair, 1);
    await pair.drive();
    pair.evict(how);
    await gatewaySends(pair, 1);
    expect(pair.toClient.at(-1)!.path.remoteAddress).toEqual(moved);
  });

  it.each(['hibernated', 'crashed'] as const)('that IKE has found after ESP is known again when %s', async (how) => {
    const pair = await established();
    await clientSends(pair, 1);
    await pair.drive();
    await pair.runClient(pair.client.move(moved, pair.now));
    await pair.runClient(pair.client.liveness(pair.now));
    await pair.drive();
    pair.evict(how);
    await gatewaySends(pair, 1);
    expect(pair.toClient.at(-1)!.path.remoteAddress).toEqual(moved);
  });
});

describe('the NAT keepalive of a gateway that is behind a NAT itself', () => {
  const behind = async (client: PairWish['client'] = {}) => {
    const pair = await createPair({ client });
    await pair.start();
    const hidden = pair.toGateway.shift()!;
    pair.toGateway.push({ ...hidden, path: { ...hidden.path, localAddress: address('10.0.0.4') } });
    await pair.step();
    const answer = pair.toClient.shift()!;
    pair.toClient.push({ ...answer, path: { ...answer.path, localAddress: hidden.path.localAddress } });
    await pair.drive();
    return pair;
  };
  const keepalives = (pair: Pair) =>
    pair.outputs.flatMap((output) =>
      output.kind === 'keepalive' ? [`${output.path.remoteAddress.join('.')} ${output.seconds}`] : [],
    );

  it('is asked for once, on the path of the peer', async () => {
    const pair = await behind();
    expect(stateOf(pair).sas[0]!.traits.nat).toBe('gateway');
    expect(keepalives(pair)).toEqual(['198.51.100.7 20']);
    await pair.runClient(pair.client.liveness(pair.now));
    await pair.drive();
    pair.evict('hibernated');
    expect(pair.peer.deadline()).toBeGreaterThan(pair.now);
    await pair.command({ kind: 'liveness' });
    expect(keepalives(pair)).toHaveLength(1);
  });

  it('moves with the path, be it found by ESP', async () => {
    const pair = await behind({ natDetection: 'pretend', layout: WITHOUT_MOBIKE });
    expect(stateOf(pair).sas[0]!.traits.nat).toBe('both');
    await pair.runClient(pair.client.move(address('203.0.113.77'), pair.now));
    await clientSends(pair, 1);
    await pair.drive();
    expect(pair.peer.deadline()).toBe(0);
    await pair.advance(0);
    expect(keepalives(pair)).toEqual(['198.51.100.7 20', '198.51.100.7 0', '203.0.113.77 20']);
    expect(pair.peer.deadline()).toBeGreaterThan(pair.now);
  });

  it('ends with the connection', async () => {
    const pair = await behind();
    await pair.runClient(pair.client.close(pair.now));
    await pair.drive();
    expect(keepalives(pair)).toEqual(['198.51.100.7 20', '198.51.100.7 0']);
  });

  it('is not asked for where only the client is behind a NAT', async () => {
    const pair = await established({ client: { natDetection: 'pretend' } });
    expect(stateOf(pair).sas[0]!.traits.nat).toBe('peer');
    expect(keepalives(pair)).toEqual([]);
  });
});

describe('what is stored', () => {
  it('is plain data, and the same again after structured clone', async () => {
    const pair = await established({ auth: 'cert' });
    await pair.command({ kind: 'rekey-ike' });
    const checkpoint = pair.peer.checkpoint();
    expect(structuredClone(checkpoint)).toEqual(checkpoint);
    const again = new Peer({ primitives: workerPrimitives(), pad: pair.pad }, pair.peer.route, checkpoint);
    expect(again.checkpoint()).toEqual(checkpoint);
  });

  // A view keeps the whole frame that it was cut from, in memory and in what is stored.
  it.each(['psk', 'eap', 'cert'] as const)('holds no view into anything larger: %s', async (auth) => {
    // Selectors of the client's own choice, which are kept as they were cut.
    const pair = await createPair({ auth, client: { TSr: [selector('100.64.0.0/24')], rekeySelectors: 'proposed' } });
    await pair.start();
    while (pair.toGateway.length + pair.toClient.length > 0) {
      pair.toGateway.push(...pair.toGateway.splice(0).map(framed));
      await pair.step();
      expect(largestBuffer(pair.peer.checkpoint())).toBeLessThan(4096);
    }
    expect(viewsInto(stateOf(pair).children)).toEqual([]);
    await pair.runClient(pair.client.rekeyChild(pair.now));
    await pair.drive();
    await pair.command({ kind: 'rekey-child' });
    await pair.drive();
    await pair.runClient(pair.client.rekeyIke(pair.now));
    await pair.drive();
    await pair.advance(30_000);
    expect(viewsInto(pair.peer.checkpoint())).toEqual([]);
  });

  it('of another version is no use', async () => {
    const pair = await established();
    const checkpoint = { ...pair.peer.checkpoint()!, version: 1 as 2 };
    const peer = new Peer({ primitives: workerPrimitives(), pad: pair.pad }, pair.peer.route, checkpoint);
    expect(peer.checkpoint()).toBeNull();
    expect(peer.member).toBeNull();
  });

  it('is nothing when nothing is left', async () => {
    const pair = await established();
    await pair.runClient(pair.client.close(pair.now));
    await pair.advance(20_000);
    expect(pair.peer.checkpoint()).toBeNull();
    expect(pair.peer.reserve()).toBeNull();
    expect(kinds(pair).at(-1)).toBe('gone');
  });
});

describe('windows for the attachment of a socket', () => {
  it('stay below 8 KiB however many child SAs there are; the others wake as from a crash', async () => {
    const pair = await established();
    for (let n = 1; n < 64; n++) {
      await pair.runClient(pair.client.moreChildren(pair.now));
      await pair.drive();
    }
    const packet = udpPacket(OWN, SERVER, utf8('once'));
    for (const child of pair.client.session.children.values())
      await pair.runClient(pair.client.sendPackets([packet], pair.now, child));
    const replay = [...pair.toGateway];
    await pair.drive();
    expect(pair.delivered).toHaveLength(64);
    expect(pair.peer.windows().length).toBeLessThan(8192);
    expect(pair.peer.windows().length).toBeGreaterThan(7000);
    pair.evict('hibernated');
    pair.toGateway.push(...replay);
    await pair.drive();
    expect(pair.delivered).toHaveLength(64);
    await pair.advance(1000);
    expect(stateOf(pair).children).toHaveLength(64);
    expect(await faultOfTraffic(pair)).toBeNull();
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['of another version', new Uint8Array(100).fill(9)],
    ['cut', null],
  ])('that cannot be read count as lost: %s', async (_, octets) => {
    const pair = await established();
    const replay = await clientSends(pair, 3);
    await pair.drive();
    const cut = octets ?? pair.peer.windows().slice(0, -10);
    pair.evict('hibernated');
    const { checkpoint, marks } = { checkpoint: pair.peer.checkpoint(), marks: pair.peer.reserve() };
    const peer = new Peer({ primitives: workerPrimitives(), pad: pair.pad }, pair.peer.route, checkpoint);
    const child = onlyChild(pair);
    peer.woke({
      windows: cut,
      marks: marks ?? { marks: new Map([[child.spiIn, { outbound: 65_536, inbound: 1024 }]]), path: null },
    });
    pair.peer = peer;
    expect(peer.deadline()).toBe(0);
    pair.toGateway.push(...replay);
    await pair.drive();
    expect(pair.delivered).toHaveLength(3);
  });
});

/** As it comes from a relay, in a frame with others. */
function framed({ path, octets }: Datagram): Datagram {
  const frame = new Uint8Array(65_536);
  frame.set(octets, 1000);
  return { path, octets: frame.subarray(1000, 1000 + octets.length) };
}

/** Octets of the largest buffer that is reached. */
function largestBuffer(value: unknown): number {
  return Math.max(0, ...viewed(value).map((view) => view.buffer.byteLength));
}

/** Views that are smaller than half of what they keep. */
function viewsInto(value: unknown): string[] {
  return viewed(value)
    .filter((view) => view.buffer.byteLength > 2 * view.byteLength + 64)
    .map((view) => `${view.byteLength} of ${view.buffer.byteLength}`);
}

function viewed(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(viewed);
}
