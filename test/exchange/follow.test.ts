// Who is followed, by what, and who never is. RFC 7296 section 2.23, RFC 4555 section 3.8.

import { describe, expect, it } from 'vitest';
import type { IkeSa, NatVerdict, PeerState } from '../../src/ike/state.ts';
import type { Datagram } from '../../src/wire/path.ts';
import { address } from '../sim/initiator/identities.ts';
import { WITHOUT_MOBIKE } from '../sim/initiator/options.ts';
import { faultOf } from '../sim/settled.ts';
import { espEnd, ikeEnd, reportOf, sendPacket, slip, stateOf } from './moving.ts';
import { chain, GatewayNat, NatBox } from './nat-box.ts';
import { CLIENT_ADDRESS, createPair, type Pair, type Translator } from './pair.ts';

const NAT_ADDRESS = '198.51.100.50';
const SILENCE_MS = 31_000;

/** A client in front of which everything is as the verdict says; `shift` makes the gateway see it elsewhere. */
async function standing(verdict: NatVerdict, mobike: boolean): Promise<{ pair: Pair; shift: () => void }> {
  const layout = mobike ? {} : { layout: WITHOUT_MOBIKE };
  const detection = verdict === 'unknown' ? { natDetection: 'none', startOn4500: true } : {};
  const pair = await createPair({ client: { ...layout, ...(detection as { natDetection?: 'none' }) } });
  const box = new NatBox(NAT_ADDRESS);
  const nats: Partial<Record<NatVerdict, Translator>> = {
    peer: box,
    gateway: new GatewayNat(),
    both: chain(box, new GatewayNat()),
  };
  pair.nat = nats[verdict] ?? null;
  await pair.establish();
  expect(reportOf(pair).behind).toBe(verdict);
  return { pair, shift: () => (nats[verdict] && verdict !== 'gateway' ? box.reboot() : slip(pair)) };
}

/** Both ends of the gateway, and those of its report that have changed. */
async function ends(pair: Pair): Promise<{ ike: string; esp: string; moved: number }> {
  return { ike: ikeEnd(pair), esp: await espEnd(pair), moved: reportOf(pair).moved };
}

describe.each([
  ['none', false, true, true],
  ['peer', false, true, true],
  ['both', false, true, true],
  ['unknown', false, true, true],
  ['gateway', false, false, false],
  ['none', true, false, true],
  ['peer', true, false, true],
  ['both', true, false, true],
  ['unknown', true, false, true],
  ['gateway', true, false, false],
] as const)('a client with the verdict %s, MOBIKE %s', (verdict, mobike, byIke, byEsp) => {
  // Requirements: rfc4555-3.8-no-dynamic-ike
  it(`is ${byIke ? '' : 'not '}followed by an IKE message`, async () => {
    const { pair, shift } = await standing(verdict, mobike);
    const before = await ends(pair);
    shift();
    await pair.runClient(pair.client.inform([], pair.now));
    const [{ path }] = pair.toGateway as [Datagram];
    await pair.drive();
    const { remoteAddress, remotePort } = path;
    const there = `${remoteAddress.join('.')}:${remotePort}`;
    expect(there).not.toBe(before.esp);
    if (!byIke) return expect(await ends(pair)).toEqual(before);
    expect(await espEnd(pair)).toBe(there);
    await pair.command({ kind: 'liveness' });
    expect(pair.toClient.map((datagram) => datagram.path)).toEqual([path]);
    expect(reportOf(pair).moves).toMatchObject([{ by: 'message' }]);
  });

  // Requirements: rfc7296-2.23-not-behind-nat rfc4555-3.8-no-dynamic-ike
  it(`is ${byEsp ? '' : 'not '}followed by an ESP packet`, async () => {
    const { pair, shift } = await standing(verdict, mobike);
    const before = await ends(pair);
    shift();
    await sendPacket(pair);
    const [{ path }] = pair.toGateway as [Datagram];
    await pair.drive();
    expect(pair.delivered.length).toBe(1);
    if (!byEsp) return expect(await ends(pair)).toEqual(before);
    expect(await espEnd(pair)).toBe(`${path.remoteAddress.join('.')}:${path.remotePort}`);
    expect(reportOf(pair).moves).toMatchObject([{ by: 'esp' }]);
    await pair.command({ kind: 'liveness' });
    // Its IKE SA stays where a MOBIKE client has said that it is.
    const ike = mobike ? before.ike : await espEnd(pair);
    expect(pair.toClient.map((datagram) => datagram.path.remotePort)).toEqual([Number(ike.split(':')[1])]);
  });
});

describe('an attacker at another address', () => {
  const ATTACKER = '203.0.113.66';

  function from(datagram: Datagram, octets = datagram.octets): Datagram {
    return { path: { ...datagram.path, remoteAddress: address(ATTACKER), remotePort: 6666 }, octets };
  }

  function altered({ octets }: Datagram, at: number): Uint8Array {
    const copy = octets.slice();
    copy[at]! ^= 1;
    return copy;
  }

  describe.each([false, true])('against a client with MOBIKE %s', (mobike) => {
    async function attacked(): Promise<Pair> {
      const layout = mobike ? {} : { layout: WITHOUT_MOBIKE };
      return (await createPair({ client: layout })).establish();
    }

    async function unmoved(pair: Pair, before: Awaited<ReturnType<typeof ends>>): Promise<void> {
      await pair.drive();
      expect(await ends(pair)).toEqual(before);
      expect(await faultOf(pair)).toBeNull();
    }

    // Requirements: rfc7296-2.23-only-new
    it('replays ESP in vain', async () => {
      const pair = await attacked();
      await sendPacket(pair);
      const [packet] = pair.toGateway as [Datagram];
      await pair.drive();
      const before = await ends(pair);
      pair.toGateway.push(from(packet));
      await unmoved(pair, before);
      expect(pair.peer.status()!.drops.replayed).toBe(1);
    });

    it('sends on in vain what a later packet has overtaken', async () => {
      const pair = await attacked();
      await sendPacket(pair);
      const packet = pair.toGateway.pop()!;
      await sendPacket(pair);
      await pair.drive();
      const before = await ends(pair);
      pair.toGateway.push(from(packet));
      await pair.drive();
      expect(pair.delivered.length).toBe(2);
      await unmoved(pair, before);
    });

    it('sends ESP with any bit changed in vain', async () => {
      const pair = await attacked();
      await sendPacket(pair);
      const packet = pair.toGateway.pop()!;
      const before = await ends(pair);
      for (let at = 4; at < packet.octets.length; at += 5) pair.toGateway.push(from(packet, altered(packet, at)));
      await unmoved(pair, before);
    });

    it('replays IKE requests in vain: the same answer goes to it, a few times, and nothing more', async () => {
      const pair = await attacked();
      await pair.runClient(pair.client.move(address(CLIENT_ADDRESS), pair.now));
      if (!mobike) await pair.runClient(pair.client.liveness(pair.now));
      const [request] = pair.toGateway as [Datagram];
      await pair.drive();
      const before = await ends(pair);
      const state = stateOf(pair);
      for (let i = 0; i < 3; i++) pair.toGateway.push(from(request));
      for (let i = 0; i < 3; i++) await pair.step();
      expect(withoutStrays(stateOf(pair))).toEqual(withoutStrays(state));
      pair.toClient.length = 0;
      await unmoved(pair, before);
    });

    it('sends IKE with any bit changed in vain', async () => {
      const pair = await attacked();
      await pair.runClient(pair.client.liveness(pair.now));
      const request = pair.toGateway.pop()!;
      const before = await ends(pair);
      for (let at = 0; at < request.octets.length; at += 3) pair.toGateway.push(from(request, altered(request, at)));
      await pair.drive();
      pair.toGateway.push(request);
      await unmoved(pair, before);
    });

    it('replays answers in vain', async () => {
      const pair = await attacked();
      await pair.command({ kind: 'liveness' });
      await pair.step();
      const [answer] = pair.toGateway as [Datagram];
      await pair.drive();
      const before = await ends(pair);
      pair.toGateway.push(from(answer));
      await unmoved(pair, before);
    });

    // Requirements: rfc3948-4-not-liveness
    it('sends keepalives and noise in vain', async () => {
      const pair = await attacked();
      await sendPacket(pair);
      const packet = pair.toGateway.pop()!;
      const before = await ends(pair);
      for (const octets of [Uint8Array.of(0xff), new Uint8Array(0), new Uint8Array(40), new Uint8Array(40).fill(9)])
        pair.toGateway.push(from(packet, octets));
      await unmoved(pair, before);
    });

    // Requirements: rfc7296-2.23-not-behind-nat
    it('that is faster with a new packet holds the endpoint until the next', async () => {
      const pair = await attacked();
      await sendPacket(pair);
      pair.toGateway.push(from(pair.toGateway.pop()!));
      await pair.drive();
      expect(await espEnd(pair)).toBe(`${ATTACKER}:6666`);
      await sendPacket(pair);
      await pair.drive();
      expect(await espEnd(pair)).toBe(`${CLIENT_ADDRESS}:4500`);
    });
  });
});

describe('what was under way when the client said that it has moved', () => {
  it('does not move it back', async () => {
    const pair = await (await createPair()).establish();
    await sendPacket(pair);
    const late = pair.toGateway.pop()!;
    await pair.runClient(pair.client.move(address('203.0.113.9'), pair.now));
    await pair.drive();
    pair.toGateway.push(late);
    await pair.drive();
    expect(pair.delivered.length).toBe(1);
    expect(await espEnd(pair)).toBe('203.0.113.9:4500');
  });

  it('is a change of its own five seconds later', async () => {
    const pair = await (await createPair()).establish();
    await pair.runClient(pair.client.move(address('203.0.113.9'), pair.now));
    await pair.drive();
    await pair.advance(5_000);
    slip(pair, CLIENT_ADDRESS);
    await sendPacket(pair);
    await pair.drive();
    expect(await espEnd(pair)).toBe(`${CLIENT_ADDRESS}:4500`);
  });
});

describe('evidence of life', () => {
  async function silent(pair: Pair): Promise<void> {
    await pair.advance(SILENCE_MS);
    await espEnd(pair);
  }

  it('comes by the way where the gateway sends', async () => {
    const { pair } = await standing('gateway', false);
    await silent(pair);
    expect(pair.peer.wantsLiveness(pair.now)).toBe(true);
    await sendPacket(pair);
    await pair.drive();
    expect(pair.peer.wantsLiveness(pair.now)).toBe(false);
  });

  // Requirements: rfc4555-3.12-evidence
  it('does not come by another: replies would go to a dead port (N33)', async () => {
    const { pair, shift } = await standing('gateway', false);
    shift();
    await silent(pair);
    await sendPacket(pair);
    await pair.runClient(pair.client.liveness(pair.now));
    await pair.drive();
    expect(pair.delivered.length).toBe(1);
    expect(pair.peer.wantsLiveness(pair.now)).toBe(true);
  });

  it('does not come of a rekey by another way, however often there is one', async () => {
    const { pair, shift } = await standing('gateway', false);
    shift();
    for (let n = 0; n < 3; n++) {
      await pair.advance(20_000);
      await pair.runClient(pair.client.rekeyIke(pair.now));
      await pair.drive();
    }
    await espEnd(pair);
    expect(pair.peer.wantsLiveness(pair.now)).toBe(true);
  });

  // Requirements: rfc4555-3.12-evidence
  it('does not come of a path that a MOBIKE client only tests', async () => {
    const { pair, shift } = await standing('none', true);
    shift();
    await silent(pair);
    await pair.runClient(pair.client.liveness(pair.now));
    await pair.drive();
    expect(pair.peer.wantsLiveness(pair.now)).toBe(true);
  });
});

it('ESP never goes out from port 500', async () => {
  const pair = await (await createPair({ client: { natDetection: 'none' } })).establish();
  expect(ikeEnd(pair)).toBe(`${CLIENT_ADDRESS}:500`);
  expect(await espEnd(pair)).toBe('nowhere');
  expect(pair.peer.status()!.drops['no-path']).toBe(1);
});

it('the last sixteen moves are remembered, and all are counted', async () => {
  const pair = await createPair({ client: { layout: WITHOUT_MOBIKE } });
  const nat = new NatBox(NAT_ADDRESS);
  pair.nat = nat;
  await pair.establish();
  for (let i = 0; i < 20; i++) {
    nat.reboot();
    await sendPacket(pair);
    await pair.advance(1_000);
  }
  const { moved, moves } = reportOf(pair);
  expect(moved).toBe(20);
  expect(moves.map(({ to }) => Number(to.split(':').at(-1)))).toEqual(Array.from({ length: 16 }, (_, i) => 32_774 + i));
  expect(moves[15]!.from).toBe(moves[14]!.to);
  expect(moves[15]!.at - moves[0]!.at).toBe(15_000);
});

describe.each(['hibernated', 'crashed'] as const)('after the Peer was %s', (how) => {
  it('it knows where the client is, and how often it has moved', async () => {
    const pair = await createPair();
    const nat = new NatBox(NAT_ADDRESS);
    pair.nat = nat;
    await pair.establish();
    nat.reboot();
    await sendPacket(pair);
    await pair.drive();
    const before = { ...(await ends(pair)), moves: reportOf(pair).moves };
    pair.evict(how);
    expect({ ...(await ends(pair)), moves: reportOf(pair).moves }).toEqual(before);
    await pair.advance(10_000);
    expect(await faultOf(pair)).toBeNull();
  });
});

/** How often a response has gone astray is all that a copy may change. */
function withoutStrays(state: PeerState): PeerState {
  const calm = (sa: IkeSa): IkeSa => {
    const { response } = sa.inbound;
    return { ...sa, inbound: { ...sa.inbound, response: response && { ...response, strayed: 0 } } };
  };
  return { ...state, sas: state.sas.map(calm) };
}
