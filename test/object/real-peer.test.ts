// Peer objects with the real core, and an initiator that shares nothing with it but the wire.

import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/octets.ts';
import { Peer } from '../../src/peer/peer.ts';
import type { Datagram } from '../../src/wire/path.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import { address } from '../sim/initiator/identities.ts';
import { Initiator } from '../sim/initiator/initiator.ts';
import { type AuthKind, createPad, enrol } from '../sim/materials.ts';
import { type MapPad, memberOf } from '../sim/pad.ts';
import { echoRequest, udpPacket } from '../sim/packets.ts';
import { Device, flip, RELAY_ADDRESS } from './device.ts';
import { eventually, TestRelay } from './relay.ts';
import { cores, onRecord } from './worker.ts';

let pad: MapPad;

beforeAll(async () => {
  pad = await createPad();
  cores.make = (route, checkpoint) => new Peer({ primitives: workerPrimitives(), pad }, route, checkpoint);
});

beforeEach(() => {
  onRecord.set('office', []);
});

/** A member of the office whom the PAD of this file knows. */
class Client extends Device {
  readonly virtual = `100.64.0.${this.host}`;
  readonly name = `host-${this.host}`;

  async connect(kind: AuthKind = 'psk', fresh = true): Promise<this> {
    if (!this.initiator) this.become(await enrol(pad, kind, { name: this.name, addresses: [this.virtual] }));
    return this.dial({ fresh });
  }

  async established(kind: AuthKind = 'psk'): Promise<this> {
    await this.connect(kind);
    await this.begin();
    await this.until(() => this.initiator.established);
    await eventually(async () => {
      const { members } = await env.NETWORK.getByName('office').status();
      return members.some(({ route }) => route === this.route);
    });
    return this;
  }
}

function udp(from: Client, to: Client | string, words: string): Uint8Array {
  return udpPacket(address(from.virtual), address(typeof to === 'string' ? to : to.virtual), utf8(words));
}

const says = (words: string) => (packet: Uint8Array) => new TextDecoder().decode(packet.subarray(28)) === words;

describe('a client of the real core', () => {
  for (const kind of ['psk', 'eap', 'cert'] as const) {
    it(`connects by ${kind}, and is shown`, async () => {
      const client = await new Client().established(kind);
      const status = await client.stub.status();
      expect(status).toMatchObject({ state: 'connected', kind: 'device', addresses: [client.virtual], nat: 'none' });
      const { attempts } = await env.NETWORK.getByName('office').attempts();
      expect(attempts[0]).toMatchObject({ outcome: 'connected', member: `office/${client.name}` });
    });
  }

  it('tells its network how it is doing when it connects, and then with the first traffic of a minute', async () => {
    const client = await new Client().established();
    const told = async () => {
      const { members } = await env.NETWORK.getByName('office').status();
      return members.find(({ route }) => route === client.route)!.told!;
    };
    const first = await told();
    expect(first.report).toMatchObject({ state: 'connected', packetsIn: 0, relay: 'relay-1' });
    const clock = Date.now;
    try {
      const later = Math.ceil(clock() / 60_000) * 60_000 + 60_000;
      Date.now = () => later;
      for (const words of ['one', 'two', 'three']) {
        await client.send(udp(client, '100.64.0.99', words));
        await eventually(async () => (await client.stub.status())!.packetsIn > ['one', 'two', 'three'].indexOf(words));
      }
      await eventually(async () => (await told()).at === later);
      expect((await told()).report.packetsIn).toBe(1);
      Date.now = () => later + 60_000;
      await client.send(udp(client, '100.64.0.99', 'four'));
      await eventually(async () => (await told()).report.packetsIn === 4);
    } finally {
      Date.now = clock;
    }
  });

  it('is offered what its network reaches later', async () => {
    const client = await new Client().established();
    await client.until(() => client.initiator.session.child !== null);
    Object.assign(client.initiator.session.options, { rekeyWidens: true });
    const { child } = client.initiator.session;
    const network = env.NETWORK.getByName('office');
    const reachable = ['100.64.0.0/16', '10.0.0.0/8', 'fd00:c::/48'];
    await network.reach([...reachable, '172.20.0.0/24']);
    await runDurableObjectAlarm(network);
    const { session } = client.initiator;
    await client.until(() => session.child !== child && session.children.size === 1);
    await eventually(async () => (await client.stub.status())!.children === 1);
    expect(await client.stub.status()).toMatchObject({ unreached: [] });
    expect(session.child!.terms.far).toHaveLength(child!.terms.far.length + 1);
    // Nobody is left to tell.
    await eventually(() =>
      runInDurableObject(network, (_, { storage }) => storage.kv.get('announcement') === undefined),
    );
  });

  it('that nobody knows is refused, and the evidence is kept for the operator', async () => {
    const stranger = new Client();
    const credentials = await enrol(pad, 'psk', { name: 'stranger', addresses: [stranger.virtual] });
    await stranger.connect();
    stranger.initiator = new Initiator({
      primitives: workerPrimitives(),
      localAddress: address('198.51.100.250'),
      gatewayAddress: RELAY_ADDRESS,
      ...credentials,
      authentication: { kind: 'psk', secret: utf8('guessed') },
    });
    stranger.play(await stranger.initiator.start(Date.now()));
    await stranger.until(() => stranger.initiator.phase === 'closed');
    expect(await stranger.stub.status()).toBeNull();
    await eventually(async () => {
      const pages = await Promise.all(['office', 'none'].map((name) => env.NETWORK.getByName(name).attempts()));
      return pages.some(({ attempts }) => attempts.some(({ outcome }) => outcome === 'failed'));
    });
  });

  it('talks to another of its network, and with the gateway', async () => {
    const [alice, bob] = await Promise.all([new Client().established(), new Client().established('cert')]);
    await alice.send(udp(alice, bob, 'hello bob'));
    await bob.until(() => bob.packets.some(says('hello bob')));
    await bob.send(udp(bob, alice, 'hello alice'));
    await alice.until(() => alice.packets.some(says('hello alice')));
    const before = alice.packets.length;
    await alice.send(echoRequest(address(alice.virtual), address('100.64.0.1'), 77, utf8('ping')));
    await alice.until(() => alice.packets.length > before);
    expect(alice.packets.at(-1)![20]).toBe(0);
  });

  it('moves to another relay in the middle of an SA', async () => {
    const [alice, bob] = await Promise.all([new Client().established(), new Client().established()]);
    const first = alice.relay;
    const other = await TestRelay.dial(alice.route, { relay: 'relay-2' });
    const outcome = await alice.initiator.sendPackets([udp(alice, bob, 'from elsewhere')], Date.now());
    other.send(
      outcome.send.map((datagram) => {
        const { path, octets } = flip(datagram);
        return { path: { ...path, localAddress: address('203.0.113.9'), remotePort: 7_777 }, octets };
      }),
    );
    await bob.until(() => bob.packets.some(says('from elsewhere')));
    const count = first.datagrams.length;
    await bob.send(udp(bob, alice, 'back'));
    await other.until(() => other.datagrams.length > 0);
    expect(other.datagrams[0]!.path.remotePort).toBe(7_777);
    expect(first.datagrams.length).toBe(count);
  });

  it('is rekeyed when the operator says so', async () => {
    const client = await new Client().established();
    const network = env.NETWORK.getByName('office');
    const before = client.initiator.session.child;
    expect(await network.command(`office/${client.name}`, { kind: 'rekey-child' })).toBe(true);
    await client.until(() => client.initiator.session.child !== before);
    expect(await network.command(`office/${client.name}`, { kind: 'rekey-ike' })).toBe(true);
    await client.until(() => client.initiator.session.sas.length > 0 && client.initiator.established);
    await client.send(echoRequest(address(client.virtual), address('100.64.0.1'), 78, utf8('again')));
    await client.until(() => client.packets.length > 0);
  });

  it('is heard on a child SA that it has and the gateway has not yet: packets overtake the answer that makes it', async () => {
    const [alice, bob] = await Promise.all([new Client().established(), new Client().established()]);
    const before = alice.initiator.session.child;
    const held: Datagram[] = [];
    alice.blocks = (datagram) => held.push(datagram) > 0;
    expect(await env.NETWORK.getByName('office').command(`office/${alice.name}`, { kind: 'rekey-child' })).toBe(true);
    await alice.until(() => alice.initiator.session.child !== before);
    alice.blocks = () => false;
    await alice.send(udp(alice, bob, 'early'));
    await alice.relay.arrived();
    expect(bob.packets.some(says('early'))).toBe(false);
    alice.relay.send(held);
    await bob.until(() => bob.packets.some(says('early')));
    expect((await alice.stub.status())!.drops).toEqual({});
  });

  it('is told when it is revoked, and nothing is kept of it', async () => {
    const client = await new Client().established();
    await env.NETWORK.getByName('office').revoke(`office/${client.name}`);
    await client.until(() => client.initiator.phase === 'closed');
    await client.relay.until(() => client.relay.closed !== null);
    expect(await runInDurableObject(client.stub, (_, ctx) => ctx.storage.kv.get('kept'))).toBeUndefined();
  });
});

describe('a suspended member', () => {
  it('is told at once, and nothing is kept of it', async () => {
    const client = await new Client().established();
    await env.NETWORK.getByName('office').suspend(`office/${client.name}`);
    await client.until(() => client.initiator.phase === 'closed');
    await client.relay.until(() => client.relay.closed !== null);
    expect(await runInDurableObject(client.stub, (_, ctx) => ctx.storage.kv.get('kept'))).toBeUndefined();
  });
});

describe('an object that ends between any two events', () => {
  for (const kind of ['psk', 'eap', 'cert'] as const) {
    it(`loses no handshake by ${kind}`, async () => {
      // The first instance answers 0, 1, 2 ... times; the one after it goes on from what was stored.
      for (let answers = 0; answers <= 5; answers++) {
        const client = await new Client().connect(kind);
        client.play(await client.initiator.start(Date.now()));
        for (let heard = 0; heard < answers && !client.initiator.established; heard++) await client.hear();
        await client.crash();
        await client.relay.until(() => client.relay.closed !== null);
        // Nothing may have been stored before the first answer: then the route is still free.
        await client.connect(kind, false).catch(() => client.connect(kind, true));
        await client.persist(() => client.initiator.established);
        expect(client.initiator.journal.complaints).toEqual([]);
      }
    });
  }

  it('goes on with its SAs, refuses what was sent before, and rekeys the child at once', async () => {
    const [alice, bob] = await Promise.all([new Client().established(), new Client().established()]);
    const old = await alice.initiator.sendPackets([udp(alice, bob, 'recorded')], Date.now());
    alice.play(old);
    await bob.until(() => bob.packets.some(says('recorded')));
    await alice.crash();
    await alice.relay.until(() => alice.relay.closed !== null);
    const before = alice.initiator.session.child;
    await alice.connect('psk', false);
    alice.relay.send(old.send.map(flip));
    await runDurableObjectAlarm(alice.stub);
    await alice.until(() => alice.initiator.session.child !== before);
    await alice.send(udp(alice, bob, 'fresh'));
    await bob.until(() => bob.packets.some(says('fresh')));
    expect(bob.packets.filter(says('recorded'))).toHaveLength(1);
    const { members } = await env.NETWORK.getByName('office').status();
    expect(members.some(({ route }) => route === alice.route)).toBe(true);
  });

  it('never sends two packets under one number', async () => {
    const [alice, bob] = await Promise.all([new Client().established(), new Client().established()]);
    const numbers = new Set<string>();
    let sent = 0;
    for (let life = 0; life < 3; life++) {
      for (let i = 0; i < 3; i++, sent++) {
        await alice.send(udp(alice, bob, `packet ${sent}`));
        await bob.until(() => bob.packets.some(says(`packet ${sent}`)));
      }
      for (const { path, octets } of bob.relay.datagrams) {
        if (path.localPort === 4500 && octets[0] !== 0) numbers.add(String(octets.subarray(0, 8)));
      }
      await bob.crash();
      await bob.relay.until(() => bob.relay.closed !== null);
      await bob.connect('psk', false);
    }
    expect(numbers.size).toBe(sent);
  });
});

describe('a member of another tenant', () => {
  it('is not reached, though it has the same address', async () => {
    const [alice, bob] = await Promise.all([new Client().established(), new Client().established()]);
    const foreign = new Client();
    const credentials = await enrol(pad, 'psk', { name: 'double', network: 'elsewhere', addresses: [bob.virtual] });
    foreign.initiator = new Initiator({
      primitives: workerPrimitives(),
      localAddress: address('198.51.100.251'),
      gatewayAddress: RELAY_ADDRESS,
      ...credentials,
    });
    await foreign.connect();
    foreign.play(await foreign.initiator.start(Date.now()));
    await foreign.until(() => foreign.initiator.established);
    await eventually(async () => (await env.NETWORK.getByName('elsewhere').status()).connected === 1);
    await alice.send(udp(alice, bob, 'for bob'));
    await bob.until(() => bob.packets.some(says('for bob')));
    const status = await foreign.stub.status();
    expect(status?.packetsOut).toBe(0);
    const member = memberOf({ name: 'double', network: 'elsewhere' }).member;
    const from = { epoch: 0, party: { member: alice.name, groups: [] } };
    expect(await foreign.stub.deliver('office', member, udp(alice, bob, 'for bob'), from)).toBe('gone');
  });
});
