// Requests of the gateway: repeated with backoff, the same octets each time, and given up in the end. RFC 7296 sections 2.1 to 2.4.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/octets.ts';
import { stripMarker } from '../../src/wire/encap.ts';
import { ExchangeType } from '../../src/wire/ike-numbers.ts';
import type { Datagram } from '../../src/wire/path.ts';
import { address } from '../sim/initiator/identities.ts';
import { WITHOUT_MOBIKE } from '../sim/initiator/options.ts';
import { udpPacket } from '../sim/packets.ts';
import { faultOf } from '../sim/settled.ts';
import { AWAY, remoteOf, sendPacket, slip } from './moving.ts';
import { createPair, type Pair } from './pair.ts';
import { kinds, lefts, stateOf } from './scene.ts';

const established = async () => (await createPair()).establish();

/** What the gateway sends, and when, counted in ms from now; none of it arrives. */
async function shouts(pair: Pair, ms: number): Promise<{ at: number; datagram: Datagram }[]> {
  const begun = pair.now;
  const heard: { at: number; datagram: Datagram }[] = [];
  pair.fault = (_, to, datagram) => {
    if (to === 'client') heard.push({ at: pair.now - begun, datagram });
    return to === 'client' ? 'drop' : 'carry';
  };
  await pair.advance(ms);
  pair.fault = null;
  return heard;
}

describe('a request that is not answered', () => {
  it.each(['liveness', 'rekey-child', 'rekey-ike'] as const)(
    '%s: is repeated with backoff, octet for octet',
    async (kind) => {
      const pair = await established();
      await pair.command({ kind });
      const heard = await shouts(pair, 62_999);
      expect(heard.map(({ at }) => at)).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
      expect(new Set(heard.map(({ datagram }) => String(datagram.octets))).size).toBe(1);
      expect(lefts(pair)).toEqual([]);
      expect(pair.peer.deadline()).toBe(pair.now + 1);
    },
  );

  it.each(['liveness', 'rekey-child', 'rekey-ike'] as const)(
    '%s: the peer is given up after 63 seconds',
    async (kind) => {
      const pair = await (await createPair({ client: { layout: WITHOUT_MOBIKE } })).establish();
      await pair.command({ kind });
      await shouts(pair, 63_000);
      expect(lefts(pair)).toEqual(['no answer']);
      expect(kinds(pair)).toEqual(['attempt', 'joined', 'left', 'gone']);
      expect(pair.peer.checkpoint()).toBeNull();
      expect(pair.peer.deadline()).toBeNull();
      expect(pair.peer.member).toBeNull();
    },
  );

  it('is answered by its last repetition', async () => {
    const pair = await established();
    await pair.command({ kind: 'rekey-child' });
    await shouts(pair, 30_999);
    await pair.advance(1);
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
  });

  it.each(['packet', 'message'] as const)(
    'goes out at once when a %s of the peer comes, once a second',
    async (what) => {
      const pair = await (await createPair({ client: { layout: WITHOUT_MOBIKE } })).establish();
      await pair.command({ kind: 'rekey-child' });
      expect((await shouts(pair, 16_000)).map(({ at }) => at)).toEqual([0, 1000, 3000, 7000, 15_000]);
      const comes = async () => {
        if (what === 'packet') await sendPacket(pair);
        else await pair.runClient(pair.client.liveness(pair.now));
        await pair.step();
      };
      for (const [after, repeated] of [
        [0, 1],
        [999, 0],
        [1, 1],
      ] as const) {
        pair.now += after;
        await comes();
        expect(pair.peer.deadline() === 0).toBe(repeated === 1);
        await pair.perform(await pair.peer.stepTick(pair.now));
        const sent = pair.toClient.splice(0);
        const isRequest = ({ octets }: Datagram) => octets[4 + 18] === ExchangeType.CREATE_CHILD_SA;
        expect(sent.filter(isRequest)).toHaveLength(repeated);
        pair.toClient.push(...sent.filter((datagram) => !isRequest(datagram)));
        await pair.drive();
        expect(pair.peer.deadline()).toBeGreaterThan(pair.now);
      }
      expect(lefts(pair)).toEqual([]);
    },
  );

  it('is given up in its time, though the peer is heard', async () => {
    const pair = await (await createPair({ client: { layout: WITHOUT_MOBIKE } })).establish();
    await pair.command({ kind: 'liveness' });
    pair.fault = (_, to) => (to === 'client' ? 'drop' : 'carry');
    for (let second = 0; second < 62; second++) {
      await pair.advance(1_000);
      await sendPacket(pair);
    }
    await pair.advance(999);
    expect(lefts(pair)).toEqual([]);
    await pair.advance(1);
    expect(lefts(pair)).toEqual(['no answer']);
  });

  it('is put to the IKE SA that takes over, so that a peer that rekeys and cannot be reached is found out', async () => {
    const pair = await (await createPair({ client: { layout: WITHOUT_MOBIKE } })).establish();
    await pair.command({ kind: 'liveness' });
    // The gateway's answers arrive, and none of its requests: they go where the peer was before.
    pair.fault = (_, to, { octets }) => (to === 'client' && (octets[4 + 19]! & 0x20) === 0 ? 'drop' : 'carry');
    await pair.advance(40_000);
    await pair.runClient(pair.client.rekeyIke(pair.now));
    await pair.advance(1_000);
    expect(
      stateOf(pair)
        .sas.map(({ phase }) => phase.name)
        .sort(),
    ).toEqual(['closed', 'established']);
    await pair.advance(21_999);
    expect(lefts(pair)).toEqual([]);
    await pair.advance(1);
    expect(lefts(pair)).toEqual(['no answer']);
  });

  it('is given up in its time by the heirs of a peer that rekeys again and again', async () => {
    const pair = await (await createPair({ client: { layout: WITHOUT_MOBIKE } })).establish();
    await pair.command({ kind: 'liveness' });
    pair.fault = (_, to, { octets }) => (to === 'client' && (octets[4 + 19]! & 0x20) === 0 ? 'drop' : 'carry');
    for (let rekeys = 0; rekeys < 6; rekeys++) {
      await pair.advance(10_000);
      await pair.runClient(pair.client.rekeyIke(pair.now));
    }
    expect(lefts(pair)).toEqual([]);
    await pair.advance(3_000);
    expect(lefts(pair)).toEqual(['no answer']);
  });

  it('has time for its answer, though the SA that asked first ends just before it would have given up', async () => {
    const pair = await (await createPair({ client: { layout: WITHOUT_MOBIKE } })).establish();
    await pair.command({ kind: 'liveness' });
    pair.fault = (_, to, { octets }) => (to === 'client' && (octets[4 + 19]! & 0x20) === 0 ? 'drop' : 'carry');
    await pair.advance(62_900);
    pair.fault = null;
    await pair.runClient(pair.client.rekeyIke(pair.now));
    await pair.advance(120_000);
    expect(lefts(pair)).toEqual([]);
    expect(await faultOf(pair)).toBeNull();
  });

  it('is answered when the mapping is there only after the peer has sent', async () => {
    const pair = await (await createPair({ client: { layout: WITHOUT_MOBIKE } })).establish();
    let openUntil = pair.now;
    pair.fault = (_, to) => {
      if (to === 'gateway') openUntil = pair.now + 200;
      return to === 'client' && pair.now > openUntil ? 'drop' : 'carry';
    };
    await pair.advance(1_000);
    await pair.command({ kind: 'liveness' });
    await pair.advance(20_500);
    await sendPacket(pair);
    await pair.advance(90_000);
    pair.fault = null;
    expect(lefts(pair)).toEqual([]);
    expect(await faultOf(pair)).toBeNull();
  });

  it('goes where the peer was last heard', async () => {
    const pair = await established();
    pair.fault = (_, to) => (to === 'client' ? 'drop' : 'carry');
    await pair.command({ kind: 'liveness' });
    await pair.drive();
    const moved = address('203.0.113.77');
    await pair.runClient(pair.client.move(moved, pair.now));
    const inner = udpPacket(address('100.64.0.10'), address('100.64.0.20'), utf8('from elsewhere'));
    await pair.runClient(pair.client.sendPackets([inner], pair.now));
    const heard = await shouts(pair, 1000);
    expect(pair.delivered).toHaveLength(1);
    expect(heard.at(-1)!.datagram.path.remoteAddress).toEqual(moved);
  });
});

describe('the line', () => {
  // The window is one (RFC 7296 section 2.3): nothing goes out before the last answer has come in.
  it('holds requests back while one is under way, in their order', async () => {
    const pair = await established();
    await pair.command({ kind: 'liveness' });
    await pair.command({ kind: 'rekey-child' });
    await pair.command({ kind: 'rekey-ike' });
    expect(pair.toClient).toHaveLength(1);
    expect(stateOf(pair).sas[0]!.outbound.queue.map(({ kind }) => kind)).toEqual(['rekey-child', 'rekey-ike']);
    await pair.advance(5000);
    expect(await faultOf(pair)).toBeNull();
    // The deletion of the child that was replaced goes out on the new IKE SA, that of the old IKE SA on the old one.
    const requests = pair.messages.filter(({ direction, response }) => direction === 'received' && !response);
    expect(requests.map(({ messageId }) => messageId)).toEqual([0, 1, 2, 3, 0]);
  });

  it('ends with the deletion of the IKE SA, which goes before all that waits', async () => {
    const pair = await established();
    await pair.command({ kind: 'liveness' });
    await pair.command({ kind: 'rekey-child' });
    await pair.command({ kind: 'terminate', reason: 'over' });
    expect(stateOf(pair).sas[0]!.outbound.queue.map(({ kind }) => kind)).toEqual(['delete-ike']);
    await pair.drive();
    expect(kinds(pair).at(-1)).toBe('gone');
  });

  it('asks for the same thing once', async () => {
    const pair = await established();
    for (let n = 0; n < 300; n++) {
      await pair.command({ kind: 'liveness' });
      await pair.command({ kind: 'rekey-child' });
      await pair.command({ kind: 'rekey-ike' });
    }
    expect(stateOf(pair).sas[0]!.outbound.queue.length).toBeLessThanOrEqual(3);
  });
});

describe('the marker', () => {
  it('stands before what goes to port 4500 and not before what goes to 500', async () => {
    const pair = await createPair();
    await pair.start();
    await pair.step();
    expect(pair.toClient[0]!.path.localPort).toBe(500);
    expect(stripMarker(pair.toClient[0]!.octets)).toEqual(pair.toClient[0]!.octets);
    await pair.drive();
    await pair.command({ kind: 'liveness' });
    expect(pair.toClient[0]!.path.localPort).toBe(4500);
    expect([...pair.toClient[0]!.octets.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  });
});

describe('a peer that moves while a request waits', () => {
  const waiting = async (mobike: boolean) => {
    const pair = await (await createPair(mobike ? {} : { client: { layout: WITHOUT_MOBIKE } })).establish();
    await pair.command({ kind: 'liveness' });
    await shouts(pair, 40_000);
    slip(pair);
    return pair;
  };

  it('is asked again at once where its message came from', async () => {
    const pair = await waiting(false);
    await pair.runClient(pair.client.inform([], pair.now));
    await pair.step();
    await pair.perform(await pair.peer.stepTick(pair.now));
    expect(pair.toClient.map(({ path }) => remoteOf(path))).toEqual([AWAY, AWAY]);
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
  });

  it.each([true, false])('is asked again at once where its packet came from, MOBIKE %s', async (mobike) => {
    const pair = await waiting(mobike);
    await sendPacket(pair);
    await pair.step();
    expect(pair.peer.deadline()).toBe(0);
    await pair.perform(await pair.peer.stepTick(pair.now));
    expect(pair.toClient.map(({ path }) => remoteOf(path))).toContain(AWAY);
    await pair.drive();
    expect(pair.peer.deadline()).toBeGreaterThan(pair.now);
    await pair.advance(60_000);
    expect(lefts(pair)).toEqual([]);
    expect(await faultOf(pair)).toBeNull();
  });
});
