// A random world: what happens to those who are there, and what must be true when it has calmed down.

import { CALM, type Conditions } from './internet.ts';
import type { Nat } from './nat.ts';
import { enrolClients, populate, RELAYS } from './population.ts';
import type { Random } from './random.ts';
import type { SimClient } from './sim-client.ts';
import { echo, good, talk } from './traffic.ts';
import { World } from './world.ts';

const MINUTE = 60_000;

export interface Played {
  readonly delivered: number;
  readonly nonces: number;
  readonly handshakes: number;
  /** How often an endpoint has moved. */
  readonly moves: number;
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
  const end = random.between(3, 8) * MINUTE;
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
    moves: world.whereabouts.moves,
    evictions: world.ledger.evictions,
  };
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

function strike(world: World): void {
  for (let n = world.random.between(1, 5); n > 0; n--) world.attacker.strike();
}

/** One thing out of all that may happen. */
async function happen(world: World, who: SimClient, nats: readonly Nat[]): Promise<void> {
  const { random, clock } = world;
  const dice = random.below(100);
  if (dice < 45) return talk(world, who);
  if (dice < 55) return void evict(world, who);
  if (dice < 60) return strike(world);
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

/** Time enough for every timer to notice what is dead, and for everybody to connect again. */
async function calmDown(world: World): Promise<void> {
  world.internet.conditions = CALM;
  for (const client of world.clients) client.relay = RELAYS[0];
  for (let minute = 0; minute < 6; minute++) {
    for (const client of world.clients) await client.send([echo(world, client)]);
    await world.run(MINUTE);
  }
}

/** Everybody to everybody: all of it arrives, once. And both ends hold the same SAs. */
async function finalTraffic(world: World): Promise<void> {
  for (const client of world.clients)
    if (!client.established) throw new Error(`${client.member.member} did not connect again`);
  const from = world.ledger.nextId;
  for (const client of world.clients) await client.send([echo(world, client)]);
  await world.run(1000);
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
