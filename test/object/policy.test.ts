// Access as peer objects enforce it, on a real database: a change reaches who is connected, flows go on or end, an object that was
// evicted wakes with what it had, and tenants stay apart.

import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../../src/policy/policy.ts';
import { parseIp } from '../../src/wire/ip.ts';
import { accessOf } from '../../worker/directory/access.ts';
import { addGroup, addToGroup, removeFromGroup } from '../../worker/directory/groups.ts';
import { findNetwork, type Network } from '../../worker/directory/networks.ts';
import { readPolicy, replacePolicy } from '../../worker/directory/policies.ts';
import type { NamedPolicy, NamedRule, NamedSubject } from '../../worker/directory/policy-rules.ts';
import { udpPacket } from '../sim/packets.ts';
import { esp } from './fake-core.ts';
import { eventually, path, TestRelay } from './relay.ts';
import { access, type NetworkObject, onRecord } from './worker.ts';

const { MIGRATIONS, DB } = env as unknown as { MIGRATIONS: string[]; DB: D1Database };

let nextRoute = 20;
let nextSequence = 1;
let loads = 0;

beforeAll(async () => {
  await DB.batch(MIGRATIONS.map((sql) => DB.prepare(sql)));
  for (const id of ['net', 'other']) {
    await DB.prepare(
      `INSERT INTO networks (id, organisation_id, name, label, mtu, dns, domains, legacy, ike_lifetime_seconds, child_lifetime_seconds, created_at)
       VALUES (?1, 'default', ?1, ?1, 1400, '[]', '[]', 0, 86400, 28800, 0)`,
    )
      .bind(id)
      .run();
  }
});

beforeEach(async () => {
  access.of = async (at, network, members) => {
    loads += 1;
    return accessOf(at.DB, network, members);
  };
  for (const network of ['net', 'other']) {
    onRecord.set(network, []);
    await change('allow', [], network);
  }
});

/** A member behind a relay, in front of its peer object. */
class Somebody {
  readonly route = nextRoute++;
  readonly address = Uint8Array.of(10, 0, 0, this.route);
  readonly member: string;
  readonly network: string;
  relay!: TestRelay;

  private constructor(network: string) {
    this.network = network;
    this.member = network === 'net' ? `m-${this.route}` : `m-${this.route}@${network}`;
  }

  static async connected(network = 'net'): Promise<Somebody> {
    const somebody = new Somebody(network);
    await DB.prepare(
      `INSERT INTO members (id, organisation_id, network_id, name, kind, auth, created_at) VALUES (?1, 'default', ?2, ?1, 'device', 'cert', 0)`,
    )
      .bind(somebody.member, network)
      .run();
    somebody.relay = await TestRelay.connected(somebody.route, somebody.member);
    // The view comes by a call of the network object, of which no frame tells.
    await eventually(async () => (await somebody.stub.inspect()).epoch >= 0);
    return somebody;
  }

  get stub() {
    return env.PEER.getByName(String(this.route));
  }

  get subject(): NamedSubject {
    return { kind: 'device', id: this.member, name: this.member };
  }

  send(to: Somebody, destination: number, source = 40_000): void {
    const packet = udpPacket(this.address, to.address, Uint8Array.of(1), { source, destination });
    this.relay.send([{ path, octets: esp(nextSequence++, packet) }]);
  }

  /** Packets from somebody's port. */
  from(other: Somebody, port: number): number {
    return this.relay.packets.filter((packet) => {
      const view = parseIp(packet)!;
      return view.source[3] === other.route && view.ports?.source === port;
    }).length;
  }

  /** "Administratively prohibited". */
  get prohibitions(): number {
    return this.relay.packets.filter((packet) => parseIp(packet)!.icmp === 0x030d).length;
  }

  /** Sends, and waits until it has arrived. */
  async reaches(to: Somebody, destination: number, source = 40_000): Promise<void> {
    const before = to.from(this, source);
    this.send(to, destination, source);
    await to.relay.until(() => to.from(this, source) > before);
  }

  /** Sends, and waits until it is refused. Nothing of it has arrived. */
  async isRefused(to: Somebody, destination: number, source = 40_000): Promise<void> {
    const [arrived, before] = [to.from(this, source), this.prohibitions];
    this.send(to, destination, source);
    await this.relay.until(() => this.prohibitions > before);
    expect(to.from(this, source)).toBe(arrived);
  }

  async drops(): Promise<Readonly<Record<string, number>>> {
    return (await this.stub.inspect()).drops;
  }

  /** Ends the instance; memory and sockets are lost, storage stays. */
  async crash(): Promise<void> {
    await runInDurableObject(this.stub, (_, ctx) => ctx.abort('crashed by the test')).catch(() => {});
    await this.relay.until(() => this.relay.closed !== null);
    this.relay = await TestRelay.dial(this.route);
  }
}

const udp = (port: number): Service => ({ kind: 'udp', ports: [{ first: port, last: port }] });
const everyone: NamedSubject = { kind: 'everyone' };

function rule(id: string, source: NamedSubject, target: NamedSubject, services: Service[], allow = true): NamedRule {
  return { id, source, target, services, allow };
}

async function networkNamed(name: string): Promise<Network> {
  const found = await findNetwork(DB, 'default', name);
  if (!found.ok) throw new Error(found.refusal.message);
  return found.value;
}

/** Writes a policy, and says so as the API does. It has been told when this settles. */
async function change(standard: NamedPolicy['default'], rules: NamedRule[], name = 'net'): Promise<void> {
  await write(standard, rules, name);
  await env.NETWORK.getByName(name).changed();
}

async function write(standard: NamedPolicy['default'], rules: NamedRule[], name = 'net'): Promise<void> {
  const network = await networkNamed(name);
  const { version } = await readPolicy(DB, network);
  const replaced = await replacePolicy(DB, network, { version, default: standard, rules }, 'the test', 0);
  if (!replaced.ok) throw new Error(replaced.refusal.message);
}

/** @returns the names of the peer objects that a network object calls from here on, one for each call. */
async function callsOf(network: DurableObjectStub<NetworkObject>): Promise<string[]> {
  const called: string[] = [];
  await runInDurableObject(network, (object) => {
    const { env: known } = object as unknown as { env: { PEER: typeof env.PEER } };
    const getByName = (name: string) => {
      called.push(name);
      return known.PEER.getByName(name);
    };
    Object.assign(object, { env: { ...known, PEER: { getByName } } });
  });
  return called;
}

describe('a change of policy', () => {
  it('reaches connected peers, which refuse what is denied and say so', async () => {
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    await alice.reaches(bob, 53);
    await change('deny', [rule('dns', alice.subject, bob.subject, [udp(53)])]);
    await alice.isRefused(bob, 80);
    await alice.reaches(bob, 53);
    await bob.isRefused(alice, 53, 41_000);
    expect(await alice.drops()).toMatchObject({ 'policy:default': 1 });
    await change('allow', [rule('no-dns', everyone, bob.subject, [udp(53)], false)]);
    await alice.isRefused(bob, 53);
    expect(await alice.drops()).toMatchObject({ 'policy:no-dns': 1 });
    await change('allow', []);
    await alice.reaches(bob, 53);
    await bob.reaches(alice, 80);
  });

  it('keeps flows that are still allowed, and lets their answers back', async () => {
    await change('deny', []);
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    await change('deny', [rule('old', alice.subject, bob.subject, [udp(53)])]);
    await alice.reaches(bob, 53);
    await bob.reaches(alice, 40_000, 53);
    await change('deny', [rule('new', alice.subject, everyone, [udp(53)])]);
    await bob.reaches(alice, 40_000, 53);
    await bob.isRefused(alice, 40_001, 53);
  });

  it('ends flows that are no longer allowed, both ways', async () => {
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    await change('deny', [rule('dns', alice.subject, bob.subject, [udp(53)])]);
    await alice.reaches(bob, 53);
    await bob.reaches(alice, 40_000, 53);
    await change('deny', []);
    await bob.isRefused(alice, 40_000, 53);
    await alice.isRefused(bob, 53);
  });

  it('does not break what began while nothing was denied', async () => {
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    await alice.reaches(bob, 53);
    await change('deny', [rule('dns', alice.subject, bob.subject, [udp(53)])]);
    await bob.reaches(alice, 40_000, 53);
    await bob.isRefused(alice, 40_000, 80);
  });

  it('of a group takes effect as one of the policy does', async () => {
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    const network = await networkNamed('net');
    const group = await addGroup(DB, network, `group-${alice.route}`, 0);
    if (!group.ok) throw new Error(group.refusal.message);
    const { id, name } = group.value;
    await change('deny', [rule('dns', { kind: 'group', id, name }, bob.subject, [udp(53)])]);
    await alice.isRefused(bob, 53);
    await addToGroup(DB, network, group.value, [alice.member], 0);
    await env.NETWORK.getByName('net').changed();
    await alice.reaches(bob, 53);
    await removeFromGroup(DB, network, group.value, alice.member);
    await env.NETWORK.getByName('net').changed();
    await alice.isRefused(bob, 53);
  });

  it('is found out by an object that was not told: it is caught by who was, and catches up with the next answer', async () => {
    const [alice, bob, carol] = await Promise.all([Somebody.connected(), Somebody.connected(), Somebody.connected()]);
    await alice.reaches(bob, 53);
    const late = (await alice.stub.inspect()).epoch;
    // The network object does not know where alice is, and so cannot tell.
    await env.NETWORK.getByName('net').leave({ member: alice.member, route: alice.route, reason: 'test' });
    await change('deny', []);
    const arrived = bob.from(alice, 40_000);
    alice.send(bob, 53);
    await eventually(async () => (await bob.drops())['policy:default'] === 1);
    expect([bob.from(alice, 40_000), (await alice.stub.inspect()).epoch]).toEqual([arrived, late]);
    await alice.isRefused(carol, 53);
    expect((await alice.stub.inspect()).epoch).toBeGreaterThan(late);
    expect(await carol.drops()).toEqual({});
  });

  it('is found out by an object that was not told, from packets of who was', async () => {
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    await env.NETWORK.getByName('net').leave({ member: alice.member, route: alice.route, reason: 'test' });
    await change('deny', []);
    const { epoch } = await bob.stub.inspect();
    const packet = udpPacket(bob.address, alice.address, Uint8Array.of(1));
    await alice.stub.deliver('net', alice.member, packet, { epoch, party: { member: bob.member, groups: [] } });
    expect(await alice.stub.inspect()).toMatchObject({ epoch, drops: { 'policy:default': 1 } });
  });

  it('is told to each once, however many say so at the same time', async () => {
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    const network = env.NETWORK.getByName('net');
    const called = await callsOf(network);
    await write('deny', [rule('dns', alice.subject, bob.subject, [udp(53)])]);
    await Promise.all([network.changed(), network.changed(), network.changed()]);
    await alice.isRefused(bob, 80);
    for (const { route } of [alice, bob]) expect(called.filter((name) => name === String(route))).toHaveLength(1);
  });

  it('that changes nothing is told to nobody, and costs one question', async () => {
    const alice = await Somebody.connected();
    const { epoch } = await alice.stub.inspect();
    const before = loads;
    await env.NETWORK.getByName('net').changed();
    expect(loads).toBe(before + 1);
    expect((await alice.stub.inspect()).epoch).toBe(epoch);
  });
});

describe('a newcomer', () => {
  it('has its view from the start, in a network that denies', async () => {
    await change('deny', []);
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    await alice.isRefused(bob, 53);
  });

  it('may ping the gateway whatever the policy is', async () => {
    await change('deny', []);
    const alice = await Somebody.connected();
    const gateway = udpPacket(alice.address, Uint8Array.of(10, 0, 255, 1), Uint8Array.of(1));
    alice.relay.send([{ path, octets: esp(nextSequence++, gateway) }]);
    await alice.relay.until(() => alice.relay.packets.some((packet) => parseIp(packet)!.icmp === 0x0303));
  });
});

describe('an object that was evicted', () => {
  it('wakes with its view, and asks nobody', async () => {
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    await change('deny', [rule('dns', alice.subject, bob.subject, [udp(53)])]);
    const { epoch } = await bob.stub.inspect();
    await bob.crash();
    expect((await bob.stub.inspect()).epoch).toBe(epoch);
    await alice.reaches(bob, 53);
    await alice.isRefused(bob, 80);
  });

  it('knows the flows that were under way', async () => {
    await change('deny', []);
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    await change('deny', [rule('dns', alice.subject, bob.subject, [udp(53)])]);
    await alice.reaches(bob, 53);
    const noted = () => runInDurableObject(bob.stub, (_, ctx) => ctx.storage.kv.get('flows') !== undefined);
    await eventually(noted);
    await bob.crash();
    await bob.reaches(alice, 40_000, 53);
    await bob.isRefused(alice, 40_001, 53);
  });

  it('wakes nobody for a policy that all were told, when it is that of the network', async () => {
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    await change('deny', [rule('dns', alice.subject, bob.subject, [udp(53)])]);
    const network = () => env.NETWORK.getByName('net');
    const told = () => runInDurableObject(network(), (_, ctx) => ctx.storage.kv.get('told-epoch'));
    const { epoch } = await alice.stub.inspect();
    await eventually(async () => (await told()) === epoch);
    await runInDurableObject(network(), (_, ctx) => ctx.abort('evicted by the test')).catch(() => {});
    const called = await callsOf(network());
    const before = loads;
    await network().resolve(bob.address);
    await network().changed();
    expect(loads).toBeGreaterThan(before);
    expect(called).toEqual([]);
    await change('allow', []);
    await eventually(() => called.includes(String(alice.route)) && called.includes(String(bob.route)));
  });

  it('keeps nothing of it when the peer has gone', async () => {
    await change('deny', []);
    const alice = await Somebody.connected();
    expect(await runInDurableObject(alice.stub, (_, ctx) => ctx.storage.kv.get('access'))).toBeDefined();
    alice.relay.ike('bye');
    await alice.relay.until(() => alice.relay.closed !== null);
    expect(await runInDurableObject(alice.stub, (_, ctx) => ctx.storage.kv.get('access'))).toBeUndefined();
    expect((await alice.stub.inspect()).epoch).toBe(-1);
  });
});

describe('tenants', () => {
  it('do not hear of the policies of others, and cannot give them one', async () => {
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    const foreign = await Somebody.connected('other');
    const { epoch } = await foreign.stub.inspect();
    await change('deny', [], 'net');
    await alice.isRefused(bob, 53);
    expect((await foreign.stub.inspect()).epoch).toBe(epoch);
    const open = {
      epoch: 1_000_000,
      party: { member: alice.member, groups: [] },
      default: 'allow',
      out: [],
      in: [],
    } as const;
    expect(await alice.stub.adopt('other', alice.member, open)).toBe('gone');
    expect(await alice.stub.adopt('net', bob.member, open)).toBe('gone');
    await alice.stub.adopt('net', alice.member, { ...open, party: { member: bob.member, groups: [] } });
    await alice.isRefused(bob, 53);
  });
});

describe('a directory that does not answer', () => {
  it('lets those go on who have their view', async () => {
    const [alice, bob] = await Promise.all([Somebody.connected(), Somebody.connected()]);
    await change('deny', [rule('dns', alice.subject, bob.subject, [udp(53)])]);
    await alice.reaches(bob, 53);
    access.of = () => Promise.reject(new Error('the directory is away'));
    await env.NETWORK.getByName('net').changed();
    await alice.reaches(bob, 53);
    await alice.isRefused(bob, 80);
  });
});
