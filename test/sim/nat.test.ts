// Every kind of NAT before a client, and what NATs do in the middle of an SA: RFC 4787, RFC 7296 section 2.23.

import { describe, expect, it } from 'vitest';
import { Clock } from './world/clock.ts';
import { CALM, type UdpPacket } from './world/internet.ts';
import { Nat } from './world/nat.ts';
import { type Dependence, type NatBehaviour, ORDINARY } from './world/nat-behaviour.ts';
import { connected, createOffice, type OfficeWish, RELAY, remoteOf, talkAll } from './world/office.ts';
import { Random } from './world/random.ts';

const DEPENDENCES: readonly Dependence[] = ['independent', 'address', 'address-and-port'];
const SECOND = 1000;
const MINUTE = 60 * SECOND;

async function works(wish: OfficeWish) {
  const office = await connected(wish);
  expect(await talkAll(office)).toEqual([]);
  return office;
}

describe('through a NAT', () => {
  for (const mapping of DEPENDENCES) {
    for (const filtering of DEPENDENCES) {
      it(`with ${mapping} mapping and ${filtering} filtering, packets go both ways`, async () => {
        await works({ nat: { mapping, filtering } });
      });
    }
  }

  for (const ports of ['preserving', 'random', 'low', 'overloading'] as const) {
    it(`with ${ports} ports, two clients behind it are told apart`, async () => {
      const { world, a, c } = await works({ nat: { ports, mapping: 'address-and-port' }, shared: true });
      expect(world.shellOf(a)).not.toBe(world.shellOf(c));
    });
  }

  it('that keeps ports 500 and 4500, the address alone tells of it', async () => {
    const { a } = await works({ nat: { ports: 'preserving' } });
    expect(a.initiator.session.natHere).toBe(true);
  });

  it('behind another NAT', async () => {
    await works({ carriers: [{ mapping: 'address-and-port', ports: 'low' }] });
  });

  it('with a pool of addresses that it picks from at random, IKE and ESP from different ones', async () => {
    await works({
      nat: { paired: false, mapping: 'address-and-port' },
      pool: ['198.51.100.1', '198.51.100.3', '198.51.100.5'],
    });
  });

  it('and another before the gateway', async () => {
    const { a } = await works({ relayInner: '10.200.0.5' });
    expect(a.initiator.session.natThere).toBe(true);
  });

  it('whose helper tracks cookies on port 500, what comes from 4500 reaches a mapping that is called 500', () => {
    const nat = alone({ helper: 'tracks-cookies', ports: 'preserving' });
    const relay = { address: RELAY, port: 4500 };
    const seen: UdpPacket[] = [];
    nat.attach('192.168.1.10', { accept: (packet) => seen.push(packet) });
    nat.send({
      source: { address: '192.168.1.10', port: 500 },
      destination: relay,
      octets: new Uint8Array(40).fill(1),
    });
    const octets = new Uint8Array(40).fill(2);
    nat.accept({ source: relay, destination: { address: '198.51.100.1', port: 500 }, octets });
    expect(seen.map(({ destination }) => destination)).toEqual([{ address: '192.168.1.10', port: 500 }]);
  });

  it('when the client begins on port 4500', async () => {
    await works({ client: { startOn4500: true }, nat: { mapping: 'address-and-port' } });
  });

  it('that forgets in 30 seconds, keepalives hold the mapping open for an hour', async () => {
    const office = await connected({ nat: { timeoutMs: 30 * SECOND }, client: { keepaliveMs: 20 * SECOND } });
    const before = remoteOf(office.world, office.a);
    const answers = sentTo(office.world.internet, '198.51.100.1');
    await office.world.run(60 * MINUTE);
    expect(answers.count, 'keepalives must not be answered').toBe(0);
    expect(remoteOf(office.world, office.a)).toBe(before);
    expect(await talkAll(office)).toEqual([]);
  });
});

describe('in the middle of an SA', () => {
  it('a rebooted NAT gives another port, and the gateway follows the next authentic packet', async () => {
    const office = await works({});
    const before = remoteOf(office.world, office.a);
    office.nat.reboot();
    await office.a.send([]);
    expect(await talkAfterSending(office)).toEqual([]);
    expect(remoteOf(office.world, office.a)).not.toBe(before);
  });

  it('a client moves to another network without a word and is followed', async () => {
    const office = await works({});
    await office.a.move('203.0.113.9', office.world.internet);
    expect(await talkAfterSending(office)).toEqual([]);
    expect(remoteOf(office.world, office.a)).toBe('203.0.113.9:4500');
  });

  it('a client with MOBIKE that moved while IKE_AUTH was under way says so when it is through', async () => {
    const office = await createOffice({ alone: true });
    const { world, a } = office;
    a.connect();
    while (world.shellOf(a)?.peer.status() === undefined) await world.run(1);
    expect(a.established, 'the answer is still on its way').toBe(false);
    await a.move('203.0.113.9', world.internet);
    await world.run(10 * SECOND);
    expect(a.initiator.session.mobike).toBe(true);
    expect(remoteOf(world, a)).toBe('203.0.113.9:4500');
    expect(await talkAll(office)).toEqual([]);
  });

  it('a client goes on through another relay', async () => {
    const office = await works({});
    office.world.addRelay('192.0.2.2');
    office.a.relay = '192.0.2.2';
    expect(await talkAfterSending(office)).toEqual([]);
    expect(office.world.shellOf(office.a)?.peer.status()?.local?.address).toBe('192.0.2.2');
  });

  it('an idle client behind an expired mapping is reached again after its own next packet', async () => {
    const office = await works({ nat: { timeoutMs: 30 * SECOND }, client: { keepaliveMs: null } });
    await office.world.run(4 * MINUTE);
    expect(await talkAfterSending(office)).toEqual([]);
  });

  it('replayed datagrams do not move the path', async () => {
    const office = await works({});
    const before = remoteOf(office.world, office.a);
    for (let n = 0; n < 200; n++) office.world.attacker.replay();
    await office.world.run(10 * SECOND);
    expect(remoteOf(office.world, office.a)).toBe(before);
    expect(await talkAll(office)).toEqual([]);
  });

  it('replayed datagrams do not move the path after the Peer was thrown away, either', async () => {
    for (const how of ['hibernated', 'crashed'] as const) {
      const office = await works({});
      const before = remoteOf(office.world, office.a);
      office.world.shellOf(office.a)!.evict(how);
      for (let n = 0; n < 200; n++) office.world.attacker.replay();
      await office.world.run(10 * SECOND);
      expect(remoteOf(office.world, office.a), how).toBe(before);
      expect(await talkAll(office), how).toEqual([]);
    }
  });
});

describe('an attacker', () => {
  it('who overhears a message that has no right length goes on', async () => {
    const { world } = await works({ alone: true });
    const source = { address: '203.0.113.5', port: 4500 };
    const octets = new Uint8Array(40).fill(7).fill(0, 0, 4);
    octets.set([0, 0, 0, 5], 4 + 24);
    world.attacker.overheard.splice(0);
    world.attacker.overhears({ source, destination: { address: RELAY, port: 4500 }, octets });
    for (let n = 0; n < 50; n++) world.attacker.strike();
    await world.run(SECOND);
  });
});

describe('on a bad path', () => {
  it('that drops long datagrams, IKE gets through in fragments', async () => {
    const office = await createOffice({ client: { fragmentOctets: 500 } });
    office.world.internet.conditions = { ...CALM, maxOctets: 1300 };
    office.a.connect();
    office.c.connect();
    await office.world.run(10 * SECOND);
    expect(await talkAll(office)).toEqual([]);
  });

  it.each([
    ['EDGE', { delayMs: [400, 440] as const, loss: 0 }],
    ['very bad', { delayMs: [500, 500] as const, loss: 0.1 }],
  ])('%s: retransmissions cross the answers, and one SA comes of it', async (_, conditions) => {
    const office = await createOffice({ client: { retransmission: { firstMs: 500, factor: 2, tries: 8 } } });
    office.world.internet.conditions = { ...CALM, ...conditions };
    office.a.connect();
    office.c.connect();
    await office.world.run(3 * MINUTE);
    office.world.internet.conditions = CALM;
    await office.world.run(MINUTE);
    expect(await talkAll(office)).toEqual([]);
    expect(office.world.shellOf(office.a)?.state?.sas.length).toBe(1);
    expect(office.world.shellOf(office.a)?.state?.children.length).toBe(1);
  });

  it('under load, a cookie is asked for and brought', async () => {
    const office = await createOffice();
    for (const relay of office.world.relays) relay.cookies = true;
    office.a.connect();
    office.c.connect();
    await office.world.run(10 * SECOND);
    expect(office.a.initiator.journal.arrows()[1]).toBe('<-- HDR, N(COOKIE)');
    expect(await talkAll(office)).toEqual([]);
  });
});

/** A NAT without a world. */
function alone(behaviour: Partial<NatBehaviour>): Nat {
  return new Nat({ ...ORDINARY, ...behaviour }, ['198.51.100.1'], new Clock(0), new Random(1), () => {});
}

/** The moved side speaks first; whoever is idle behind a NAT cannot be reached before. */
async function talkAfterSending(office: Awaited<ReturnType<typeof connected>>): Promise<string[]> {
  const { world, a } = office;
  await a.run(a.initiator.liveness(world.clock.now));
  await world.run(2 * SECOND);
  return talkAll(office);
}

function sentTo(internet: { tap: (packet: UdpPacket) => void }, address: string) {
  const seen = { count: 0 };
  internet.tap = ({ source, destination }) => {
    if (destination.address === address && source.address === RELAY) seen.count++;
  };
  return seen;
}
