// A random world: who is there, what happens to them for a while, and what must be true when it has calmed down.

import type { Member } from '../../../src/ike/pad.ts';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { android, apple, type Client, strongswan, windows } from '../initiator/clients.ts';
import { address } from '../initiator/identities.ts';
import { espOffer, ikeOffer } from '../initiator/proposals.ts';
import type { AuthKind } from '../materials.ts';
import { echoRequest, udpPacket } from '../packets.ts';
import { CALM, type Conditions } from './internet.ts';
import { payloadOf } from './ledger.ts';
import type { Dependence, Nat, NatBehaviour } from './nat.ts';
import type { Random } from './random.ts';
import type { Access, SimClient } from './sim-client.ts';
import { World } from './world.ts';

const MINUTE = 60_000;
const RELAYS = ['192.0.2.1', '192.0.2.2'] as const;

export interface Played {
  readonly delivered: number;
  readonly nonces: number;
  readonly handshakes: number;
  readonly evictions: number;
}

/** @throws with all that is wrong. */
export async function playWorld(seed: number): Promise<Played> {
  const world = await World.create(seed);
  const { random } = world;
  populate(world);
  const nats = await enrolClients(world);
  for (const client of world.clients) world.clock.in(random.below(10_000), () => client.connect());
  await world.run(20_000);
  const end = random.between(4, 12) * MINUTE;
  for (let at = 0; at < end; at += random.between(200, 4000))
    world.clock.in(at, () => happen(world, random.pick(world.clients), nats));
  world.internet.conditions = weather(random);
  await world.run(end);
  await calmDown(world);
  await finalTraffic(world);
  return {
    delivered: world.ledger.delivered,
    nonces: world.nonces.count,
    handshakes: world.clients.reduce((sum, client) => sum + client.connections, 0),
    evictions: world.ledger.evictions,
  };
}

function populate(world: World): void {
  const { random } = world;
  const [first, second] = RELAYS;
  const relay = random.chance(0.25) ? world.addRelay(first, '10.200.0.5') : world.addRelay(first);
  relay.cookies = random.chance(0.3);
  if (random.chance(0.3)) world.addRelay(second);
}

async function enrolClients(world: World): Promise<Nat[]> {
  const { random } = world;
  const nats: Nat[] = [];
  world.pad.legacy = true;
  for (const network of random.chance(0.5) ? ['office'] : ['office', 'lab']) {
    for (let n = 0; n < random.between(2, 3); n++) {
      const { at, access } = place(world, nats);
      const auth = random.pick<AuthKind>(['psk', 'eap', 'cert']);
      const preset = { ...client(random), ...habits(random) };
      const member = { name: `device-${n}`, network, addresses: [`100.64.0.${10 + n}`], legacy: true };
      const signature = preset.signatureHashes === null ? { signature: CLASSIC } : {};
      await world.addClient({ auth, member, preset, relay: RELAYS[0], at, access, certificate: signature });
    }
  }
  return nats;
}

const CLASSIC = { method: 9, scheme: { kind: 'ecdsa', hash: 'sha256', raw: true } } as const;

function client(random: Random): Client {
  const suites = [
    ['aes256gcm16-prfsha256-x25519', 'aes256gcm16-x25519', 31],
    ['aes128-sha256-ecp256', 'aes128-sha256-esn', 19],
    ['chacha20poly1305-prfsha512-x25519', 'chacha20poly1305-esn', 31],
    ['aes256-sha384-ecp384', 'aes256gcm16-esn', 20],
  ] as const;
  const [ike, esp, firstKe] = random.pick(suites);
  const plain: Client = { ike: [ikeOffer(ike)], esp: [espOffer(esp)], firstKe };
  // As Set-VpnConnectionIPsecConfiguration makes it; MODP groups would take most of the time of a world.
  const configured: Client = { ...windows(2), ike: [ikeOffer('aes128-sha384-ecp256')], firstKe: 19 };
  return random.pick([configured, apple(), { ...android(), firstKe: 31 }, strongswan(), plain, plain]);
}

/** Timers short enough for something to happen in minutes. */
function habits(random: Random): Client {
  return {
    keepaliveMs: 20_000,
    livenessMs: random.between(30, 90) * 1000,
    childRekeyMs: random.chance(0.5) ? random.between(40, 200) * 1000 : null,
    ikeRekeyMs: random.chance(0.5) ? random.between(60, 300) * 1000 : null,
    fragmentOctets: random.pick([null, 576, 1280]),
    startOn4500: random.chance(0.2),
  };
}

const DEPENDENCES: readonly Dependence[] = ['independent', 'address', 'address-and-port'];

export function randomNat(random: Random): NatBehaviour {
  return {
    mapping: random.pick(DEPENDENCES),
    filtering: random.pick(DEPENDENCES),
    ports: random.pick(['preserving', 'random', 'low']),
    timeoutMs: random.pick([30, 60, 120, 300]) * 1000,
    refresh: random.pick(['outbound', 'both']),
    paired: random.chance(0.8),
    hairpin: random.chance(0.5),
  };
}

/** On the internet itself, behind a NAT of its own, behind one that others use too, or behind two. */
function place(world: World, nats: Nat[]): { at: string; access: Access } {
  const { random } = world;
  // No two machines ever have the same address: a private one says nothing anyhow.
  const n = 10 + world.clients.length;
  const inner = `192.168.0.${n}`;
  if (random.chance(0.1)) return { at: `198.18.0.${n}`, access: world.internet };
  if (nats.length > 0 && random.chance(0.4)) return { at: inner, access: random.pick(nats) };
  const carrier = random.chance(0.2) ? world.addNat(randomNat(random), [`198.51.100.${100 + nats.length}`]) : null;
  const outside = carrier === null ? '198.51.100' : '100.127.0';
  const pool = random.chance(0.2)
    ? [`${outside}.${nats.length * 2 + 1}`, `${outside}.${nats.length * 2 + 2}`]
    : [`${outside}.${nats.length * 2 + 1}`];
  const nat = world.addNat(randomNat(random), pool, carrier);
  nats.push(nat);
  return { at: inner, access: nat };
}

function weather(random: Random): Conditions {
  const slow = random.chance(0.2);
  return {
    loss: random.pick([0, 0.01, 0.05, 0.15]),
    duplicate: random.pick([0, 0.02, 0.1]),
    reorder: random.pick([0, 0.02, 0.1]),
    delayMs: slow ? [200, 500] : [5, 60],
    maxOctets: random.chance(0.2) ? 1472 : 65_535,
  };
}

/** One thing out of all that may happen. */
async function happen(world: World, who: SimClient, nats: readonly Nat[]): Promise<void> {
  const { random, clock } = world;
  const dice = random.below(100);
  if (dice < 45) return talk(world, who);
  if (dice < 55) return void evict(world, who);
  if (dice < 60) return void world.replay();
  if (dice < 65) return void world.shellOf(who)?.post({ kind: random.pick(['rekey-child', 'rekey-ike', 'liveness']) });
  if (dice < 70 && nats.length > 0) return random.pick(nats).reboot();
  if (dice < 73) return relocate(world, who, nats);
  if (dice < 75) for (const relay of world.relays) relay.restart();
  if (dice < 77 && world.relays.length > 1) who.relay = random.pick(RELAYS);
  if (!who.established) return;
  if (dice < 83) return who.run(who.initiator.rekeyChild(clock.now));
  if (dice < 88) return who.run(who.initiator.rekeyIke(clock.now));
  if (dice < 91) return who.run(who.initiator.liveness(clock.now));
  if (dice < 94) return who.run(who.initiator.deleteChild(clock.now));
  if (dice < 97) return who.run(who.initiator.close(clock.now));
  return who.crash();
}

function evict(world: World, who: SimClient): void {
  world.shellOf(who)?.evict(world.random.chance(0.6) ? 'hibernated' : 'crashed');
}

async function relocate(world: World, who: SimClient, nats: readonly Nat[]): Promise<void> {
  const { random } = world;
  const at = `${random.between(1, 250)}.${10 + world.clients.indexOf(who)}`;
  if (nats.length === 0 || random.chance(0.2)) return who.move(`198.19.${at}`, world.internet);
  return who.move(`192.168.${at}`, random.pick(nats));
}

/** A few packets to a neighbour, to the gateway, in another's name, or to where they may not go. */
async function talk(world: World, who: SimClient): Promise<void> {
  const { random } = world;
  const packets: Uint8Array[] = [];
  for (let n = random.between(1, 6); n > 0; n--) {
    const other = random.pick(world.clients);
    const dice = random.below(100);
    if (dice < 65) packets.push(good(world, who, other));
    else if (dice < 80) packets.push(echo(world, who));
    else if (dice < 90) packets.push(spoofed(world, who, other));
    else packets.push(abroad(world, who));
  }
  await who.send(packets);
}

export function good(world: World, from: SimClient, to: SimClient): Uint8Array {
  const other = to.member.network === from.member.network && to !== from ? to : null;
  const destination = other === null ? nobody(from.member) : other.member.addresses[0]!;
  const intent = other === null ? 'abroad' : 'good';
  return world.ledger.enter(intent, from.member, other?.member.member ?? null, (id) =>
    udpPacket(from.member.addresses[0]!, destination, payloadOf(id)),
  );
}

export function echo(world: World, from: SimClient): Uint8Array {
  return world.ledger.enter('echo', from.member, null, (id) =>
    echoRequest(from.member.addresses[0]!, from.member.gateway[0]!, id & 0xffff, payloadOf(id)),
  );
}

function spoofed(world: World, from: SimClient, as: SimClient): Uint8Array {
  const claimed = as.member.addresses[0]!;
  const own = formatAddress(claimed) === formatAddress(from.member.addresses[0]!);
  const source = own ? address('100.64.9.9') : claimed;
  const destination = from.member.gateway[0]!;
  return world.ledger.enter('spoofed', from.member, null, (id) => udpPacket(source, destination, payloadOf(id)));
}

function abroad(world: World, from: SimClient): Uint8Array {
  return world.ledger.enter('abroad', from.member, null, (id) =>
    udpPacket(from.member.addresses[0]!, nobody(from.member), payloadOf(id)),
  );
}

/** An address of the network that nobody has. */
function nobody(member: Member): Uint8Array {
  const own = member.addresses[0]!;
  return Uint8Array.of(own[0]!, own[1]!, 200, own[3]!);
}

/** Time enough for every timer to notice what is dead, and for everybody to connect again. */
async function calmDown(world: World): Promise<void> {
  world.internet.conditions = CALM;
  for (const client of world.clients) client.relay = RELAYS[0];
  for (let minute = 0; minute < 8; minute++) {
    for (const client of world.clients) await client.send([echo(world, client)]);
    await world.run(MINUTE);
  }
}

/** Everybody to everybody: all of it arrives, once. And both ends hold the same SAs. */
async function finalTraffic(world: World): Promise<void> {
  for (const client of world.clients)
    if (!client.established) throw new Error(`${client.member.member} did not connect again`);
  const from = world.ledger.nextId;
  for (const client of world.clients) {
    const packets = world.clients
      .filter((other) => other !== client && other.member.network === client.member.network)
      .map((other) => good(world, client, other));
    await client.send([...packets, echo(world, client)]);
  }
  await world.run(5000);
  const missing = world.ledger.missing(from);
  if (missing.length > 0) throw new Error(missing.join('\n'));
  await world.run(MINUTE);
  for (const client of world.clients) checkAgreement(world, client);
}

function checkAgreement(world: World, client: SimClient): void {
  const state = world.shellOf(client)?.state;
  const { session } = client.initiator;
  const held = new Set(state?.sas.map(({ SPIi, SPIr }) => `${SPIi}/${SPIr}`));
  const current = session.current;
  const child = session.child;
  if (current === null || !held.has(`${current.SPIi}/${current.SPIr}`))
    throw new Error(`${client.member.member} and the gateway hold other IKE SAs`);
  if (
    child !== null &&
    !state?.children.some(({ spiIn, spiOut }) => spiIn === child.terms.peerSpi && spiOut === child.terms.ownSpi)
  )
    throw new Error(`${client.member.member} and the gateway hold other child SAs`);
  if ((state?.children.length ?? 0) > 2 || (state?.sas.length ?? 0) > 2)
    throw new Error(
      `the gateway keeps ${state?.sas.length} IKE SAs and ${state?.children.length} children of ${client.member.member}`,
    );
}
