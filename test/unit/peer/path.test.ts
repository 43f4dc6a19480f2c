// Where a peer is: only a packet that proves right and is newer than all before it says so. RFC 7296 section 2.23, RFC 3948 section 4.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/octets.ts';
import { DataPlane } from '../../../src/peer/data-plane.ts';
import { createPair, flip } from '../../exchange/pair.ts';
import { altered, offer } from '../../exchange/scene.ts';
import { address } from '../../sim/initiator/identities.ts';
import { WITHOUT_MOBIKE } from '../../sim/initiator/options.ts';
import { udpPacket } from '../../sim/packets.ts';
import { memberOf } from '../../sim/pad.ts';
import { childOf, ESN, elsewhere, FarEnd, PATH, primitives } from './far-end.ts';

const MEMBER = memberOf({ name: 'a', addresses: ['100.64.0.10'] });
const hello = (mark = 'hello') => udpPacket(address('100.64.0.10'), address('100.64.0.20'), utf8(mark));

function tunnel(suite = childOf().suite) {
  const child = childOf({ suite });
  const plane = new DataPlane(primitives);
  plane.reconcile([child]);
  plane.endpoint.heard(PATH, 'message', 0, plane.traffic);
  return { plane, far: new FarEnd(child) };
}

describe.each([
  ['short numbers', childOf().suite],
  ['extended numbers', ESN],
])('ESP with %s', (_, suite) => {
  it('moves the path with the newest packet', async () => {
    const { plane, far } = tunnel(suite);
    await plane.open(MEMBER, await far.send([hello()], elsewhere(1000)), 1);
    expect(plane.endpoint.path).toEqual(elsewhere(1000));
    await plane.open(MEMBER, await far.send([hello()], elsewhere(2000)), 2);
    expect(plane.endpoint.path).toEqual(elsewhere(2000));
  });

  it('does not move it with a replay', async () => {
    const { plane, far } = tunnel(suite);
    const [first] = await far.send([hello()]);
    await plane.open(MEMBER, [first!], 1);
    await plane.open(MEMBER, [{ ...first!, path: elsewhere(6666) }], 2);
    expect(plane.endpoint.path).toEqual(PATH);
    expect(plane.traffic.drops.get('replayed')).toBe(1);
  });

  it('does not move it with a packet that was overtaken', async () => {
    const { plane, far } = tunnel(suite);
    const [old, young] = await far.send([hello('old'), hello('young')]);
    await plane.open(MEMBER, [young!], 1);
    expect(await plane.open(MEMBER, [{ ...old!, path: elsewhere(6666) }], 2)).toHaveLength(1);
    expect(plane.endpoint.path).toEqual(PATH);
  });

  it('does not move it with a packet that is not authentic', async () => {
    const { plane, far } = tunnel(suite);
    const [datagram] = await far.send([hello()], elsewhere(6666));
    const forged = altered(datagram!, (octets) => octets.set([octets.at(-1)! ^ 1], octets.length - 1));
    await plane.open(MEMBER, [forged], 1);
    expect(plane.endpoint.path).toEqual(PATH);
    expect(plane.traffic.lastIn).toBe(0);
  });

  it('goes by the newest of a batch, whatever their order', async () => {
    const { plane, far } = tunnel(suite);
    const [one] = await far.send([hello('1')], elsewhere(1));
    const [two] = await far.send([hello('2')], elsewhere(2));
    const [three] = await far.send([hello('3')], elsewhere(3));
    await plane.open(MEMBER, [three!, one!, two!], 1);
    expect(plane.endpoint.path).toEqual(elsewhere(3));
  });

  it('goes by the newest of two batches that are opened at once', async () => {
    const { plane, far } = tunnel(suite);
    const [one] = await far.send([hello('1')], elsewhere(1));
    const [two] = await far.send([hello('2')], elsewhere(2));
    await Promise.all([plane.open(MEMBER, [two!], 2), plane.open(MEMBER, [one!], 1)]);
    expect(plane.endpoint.path).toEqual(elsewhere(2));
  });

  it('sends where it was last heard', async () => {
    const { plane, far } = tunnel(suite);
    await plane.open(MEMBER, await far.send([hello()], elsewhere(1000)), 1);
    plane.grant(plane.reserve()!, 0);
    const back = udpPacket(address('100.64.0.20'), address('100.64.0.10'), utf8('back'));
    const { datagrams } = await plane.seal(MEMBER, [back], 2);
    expect(datagrams[0]!.path).toEqual(elsewhere(1000));
    expect(await far.receive(datagrams)).toEqual([back]);
  });
});

describe('what is stored of it', () => {
  it('is due as soon as it moves, and only then', async () => {
    const { plane, far } = tunnel();
    plane.grant(plane.reserve()!, 0);
    expect(plane.reserve()).toBeNull();
    await plane.open(MEMBER, await far.send([hello()]), 1);
    plane.grant(plane.reserve() ?? { marks: new Map(), path: null }, 0);
    await plane.open(MEMBER, await far.send([hello()]), 2);
    expect(plane.reserve()).toBeNull();
    await plane.open(MEMBER, await far.send([hello()], elsewhere(1000)), 3);
    expect(plane.reserve()!.path).toEqual(elsewhere(1000));
  });
});

describe('IKE and ESP together', () => {
  it('a message moves the path of both', async () => {
    const pair = await createPair({ client: { layout: WITHOUT_MOBIKE } });
    await pair.establish();
    await pair.runClient(pair.client.liveness(pair.now));
    const request = pair.toGateway.shift()!;
    await offer(pair, { ...request, path: { ...request.path, remotePort: 61_000 } });
    expect(pair.peer.status()!.remote!.port).toBe(61_000);
    await pair.sealTo([udpPacket(address('100.64.0.20'), address('100.64.0.10'), utf8('back'))]);
    expect(pair.toClient.at(-1)!.path.remotePort).toBe(61_000);
  });

  it('a message that waits for its proof does not overtake a packet that came later', async () => {
    const pair = await createPair({ client: { layout: WITHOUT_MOBIKE } });
    await pair.establish();
    await pair.runClient(pair.client.liveness(pair.now));
    const request = pair.toGateway.shift()!;
    const early = { ...request, path: { ...request.path, remotePort: 61_000 } };
    const step = await pair.peer.stepIke(early, pair.now);
    // Meanwhile the mapping changes, and ESP goes on beside.
    await pair.runClient(pair.client.sendPackets([hello()], pair.now));
    const packet = pair.toGateway.shift()!;
    await pair.peer.openEsp([{ ...packet, path: { ...packet.path, remotePort: 62_000 } }], pair.now + 5);
    pair.peer.commit(step);
    expect(pair.peer.status()!.remote!.port).toBe(62_000);
  });

  it('a step that knows the old path does not bring it back', async () => {
    const pair = await createPair();
    await pair.establish();
    const step = await pair.peer.stepCommand({ kind: 'liveness' }, pair.now);
    await pair.runClient(pair.client.sendPackets([hello()], pair.now));
    const packet = pair.toGateway.shift()!;
    await pair.peer.openEsp([{ ...packet, path: { ...packet.path, remotePort: 62_000 } }], pair.now);
    pair.peer.commit(step);
    expect(pair.peer.status()!.remote!.port).toBe(62_000);
  });

  it('a repeated message moves nothing', async () => {
    const pair = await createPair({ client: { layout: WITHOUT_MOBIKE } });
    await pair.establish();
    await pair.runClient(pair.client.liveness(pair.now));
    const request = pair.toGateway.shift()!;
    await offer(pair, request);
    await offer(pair, { ...request, path: { ...request.path, remotePort: 61_000 } });
    expect(pair.peer.status()!.remote!.port).toBe(4500);
  });

  it('an IKE_SA_INIT from elsewhere moves nothing', async () => {
    const pair = await createPair();
    await pair.establish();
    const stranger = await createPair();
    await stranger.start();
    await offer(pair, { ...stranger.toGateway[0]!, path: flip(elsewhere(1)) });
    expect(pair.peer.status()!.remote!.port).toBe(4500);
  });
});
