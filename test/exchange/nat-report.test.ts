// What status tells of the way to a peer, and the keepalives of a gateway that is behind a NAT. RFC 3948 section 4.

import { describe, expect, it } from 'vitest';
import type { KeptOpen } from '../../src/peer/keepalive.ts';
import { address } from '../sim/initiator/identities.ts';
import { faultOf } from '../sim/settled.ts';
import { espEnd, remoteOf, reportOf, sendPacket } from './moving.ts';
import { chain, GatewayNat, NatBox } from './nat-box.ts';
import { createPair, type Pair, type PairWish } from './pair.ts';

const NAT_ADDRESS = '198.51.100.50';

async function behind(box: NatBox, wish: PairWish = {}, gatewayToo = false): Promise<Pair> {
  const pair = await createPair(wish);
  pair.nat = gatewayToo ? chain(box, new GatewayNat()) : box;
  return pair.establish();
}

/** What the relay has been asked to keep open, in their order. */
function keepalives(pair: Pair): string[] {
  return pair.outputs.flatMap((output) =>
    output.kind === 'keepalive' ? [`${remoteOf(output.path)} ${output.seconds}`] : [],
  );
}

/** A packet after an idle time; the gateway's alarm goes off where it wants to. */
async function packetAfter(pair: Pair, ms: number): Promise<void> {
  await pair.advance(ms);
  await sendPacket(pair);
  await pair.drive();
  await pair.advance(100);
}

describe('the report', () => {
  it('of a peer of which nothing is known yet says so', async () => {
    const pair = await (await createPair()).establish();
    expect(reportOf(pair)).toEqual({
      behind: 'none',
      mobike: true,
      additional: [],
      moved: 0,
      moves: [],
      lifetime: { survived: null, expired: null },
      keepalive: null,
      roundTrip: null,
      loss: null,
      fragments: { supported: true, largest: null },
    });
  });

  it('bounds the lifetime of the mapping', async () => {
    const pair = await behind(new NatBox(NAT_ADDRESS, { lifetime: 45_000 }));
    for (const seconds of [10, 30, 20]) await packetAfter(pair, seconds * 1_000);
    expect(reportOf(pair).lifetime).toEqual({ survived: 30_100, expired: null });
    await packetAfter(pair, 60_000);
    expect(reportOf(pair)).toMatchObject({ moved: 1, lifetime: { survived: 30_100, expired: 60_100 } });
    await packetAfter(pair, 44_000);
    await packetAfter(pair, 50_000);
    expect(reportOf(pair)).toMatchObject({ moved: 2, lifetime: { survived: 44_100, expired: 50_100 } });
  });

  it('smooths the round-trip time of exchanges that were not repeated', async () => {
    const pair = await (await createPair()).establish();
    const delayed = async (ms: number) => {
      await pair.command({ kind: 'liveness' });
      pair.now += ms;
      await pair.drive();
    };
    await delayed(80);
    expect(reportOf(pair).roundTrip).toEqual({ smoothed: 80, variation: 40 });
    await delayed(160);
    expect(reportOf(pair).roundTrip).toEqual({ smoothed: 90, variation: 50 });
    pair.fault = (_, to) => (to === 'client' ? 'drop' : 'carry');
    await pair.command({ kind: 'liveness' });
    await pair.drive();
    pair.fault = null;
    await pair.advance(2_000);
    expect(reportOf(pair).roundTrip).toEqual({ smoothed: 90, variation: 50 });
    await pair.command({ kind: 'rekey-ike' });
    await pair.drive();
    expect(reportOf(pair).roundTrip).not.toBeNull();
  });

  it('estimates the loss from the gaps in what has come', async () => {
    const pair = await (await createPair()).establish();
    for (let i = 0; i < 40; i++) {
      await sendPacket(pair);
      if (i % 4 === 3) pair.toGateway.pop();
    }
    await sendPacket(pair);
    await pair.drive();
    // 31 of 41
    expect(reportOf(pair).loss).toBe(0.2439);
    pair.evict('hibernated');
    expect(reportOf(pair).loss).toBe(0.2439);
  });

  it('knows the largest fragment', async () => {
    const pair = await (await createPair({ auth: 'cert', client: { fragmentOctets: 500 } })).establish();
    const { largest } = reportOf(pair).fragments;
    expect(largest).toBeGreaterThan(450);
    expect(largest).toBeLessThanOrEqual(500);
    await pair.runClient(pair.client.rekeyIke(pair.now));
    await pair.drive();
    expect(reportOf(pair).fragments).toEqual({ supported: true, largest });
  });

  it('of a peer without fragmentation says that', async () => {
    const pair = await (await createPair({ client: { fragmentOctets: null } })).establish();
    expect(reportOf(pair).fragments).toEqual({ supported: false, largest: null });
  });

  for (const how of ['hibernated', 'crashed'] as const) {
    it(`survives that the Peer is ${how}`, async () => {
      const pair = await behind(new NatBox(NAT_ADDRESS, { lifetime: 45_000 }), {}, true);
      await pair.command({ kind: 'liveness' });
      await pair.drive();
      await packetAfter(pair, 30_000);
      await packetAfter(pair, 60_000);
      await packetAfter(pair, 30_000);
      const before = reportOf(pair);
      expect(before).toMatchObject({ moved: 1, keepalive: 10, behind: 'both' });
      pair.evict(how);
      const after = reportOf(pair);
      expect(after).toEqual(how === 'hibernated' ? before : { ...before, loss: after.loss, lifetime: after.lifetime });
      expect(after.lifetime.expired).toBe(before.lifetime.expired);
    });
  }
});

describe('keepalives of the gateway', () => {
  // Requirements: rfc7296-2.23-keepalives-behind-nat
  it('are owed only where it is behind a NAT', async () => {
    const alone = await (await createPair()).establish();
    const peer = await behind(new NatBox(NAT_ADDRESS));
    expect([keepalives(alone), keepalives(peer)]).toEqual([[], []]);
    expect([reportOf(alone).keepalive, reportOf(peer).keepalive]).toEqual([null, null]);
    const both = await behind(new NatBox(NAT_ADDRESS), {}, true);
    expect(keepalives(both)).toEqual([`${NAT_ADDRESS}:32769 20`]);
    const gateway = await createPair();
    gateway.nat = new GatewayNat();
    await gateway.establish();
    expect(keepalives(gateway)).toEqual(['198.51.100.7:4500 20']);
  });

  it('go where the peer goes', async () => {
    const nat = new NatBox(NAT_ADDRESS);
    const pair = await behind(nat, {}, true);
    nat.reboot();
    await packetAfter(pair, 1_000);
    expect(keepalives(pair).slice(1)).toEqual([`${NAT_ADDRESS}:32769 0`, `${NAT_ADDRESS}:32770 20`]);
  });

  it('come twice as often when the mapping was lost in spite of them', async () => {
    const pair = await behind(new NatBox(NAT_ADDRESS, { lifetime: 15_000 }), {}, true);
    for (let i = 0; i < 3; i++) await packetAfter(pair, 60_000);
    expect(reportOf(pair)).toMatchObject({ moved: 3, keepalive: 5 });
    expect(keepalives(pair).map((line) => Number(line.split(' ')[1]))).toEqual([20, 0, 10, 0, 5, 0, 5]);
  });

  it('come less often when the mapping bears it, and no more often than the relay is told', async () => {
    const pair = await behind(new NatBox(NAT_ADDRESS), {}, true);
    for (let i = 0; i < 30; i++) await packetAfter(pair, 300_000);
    expect(reportOf(pair).keepalive).toBe(120);
    expect(keepalives(pair).map((line) => Number(line.split(' ')[1]))).toEqual([20, 25, 32, 40, 50, 63, 79, 99, 120]);
    const kept = pair.peer.checkpoint()!.keepalive as KeptOpen;
    expect([remoteOf(kept.path), kept.seconds]).toEqual([await espEnd(pair), 120]);
  });

  it('end when the verdict changes, and begin anew from the default', async () => {
    const pair = await behind(new NatBox(NAT_ADDRESS, { lifetime: 15_000 }), {}, true);
    await packetAfter(pair, 60_000);
    expect(reportOf(pair).keepalive).toBe(10);
    pair.nat = null;
    await pair.runClient(pair.client.move(address('203.0.113.9'), pair.now));
    await pair.drive();
    await pair.advance(100);
    expect(reportOf(pair)).toMatchObject({ behind: 'none', keepalive: null });
    expect(keepalives(pair).at(-1)).toBe(`${NAT_ADDRESS}:32770 0`);
    pair.nat = new GatewayNat();
    await pair.runClient(pair.client.move(address('203.0.113.9'), pair.now));
    await pair.drive();
    await pair.advance(100);
    expect(keepalives(pair).at(-1)).toBe('203.0.113.9:4500 20');
    expect(await faultOf(pair)).toBeNull();
  });

  it('end with the peer', async () => {
    const pair = await behind(new NatBox(NAT_ADDRESS), {}, true);
    await pair.runClient(pair.client.close(pair.now));
    await pair.drive();
    expect(keepalives(pair).at(-1)).toBe(`${NAT_ADDRESS}:32769 0`);
  });

  for (const how of ['hibernated', 'crashed'] as const) {
    it(`are not asked for again when the Peer was ${how}`, async () => {
      const pair = await behind(new NatBox(NAT_ADDRESS, { lifetime: 15_000 }), {}, true);
      await packetAfter(pair, 60_000);
      const before = keepalives(pair);
      pair.evict(how);
      await pair.advance(1_000);
      expect(keepalives(pair)).toEqual(before);
    });
  }
});
