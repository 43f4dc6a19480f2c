// A thousand telecommuters at once, with overlapping addresses, prefixes and SPIs, behind NATs that forget: RFC 3715 section 3, sections 2.1 e and 2.1 f.

import { describe, expect, it } from 'vitest';
import type { InitiatorOptions } from './initiator/options.ts';
import { WITHOUT_MOBIKE } from './initiator/options.ts';
import { u32 } from './initiator/notify.ts';
import type { Nat } from './world/nat.ts';
import { type NatBehaviour, ORDINARY } from './world/nat-behaviour.ts';
import type { SimClient } from './world/sim-client.ts';
import { echo, good } from './world/traffic.ts';
import { World } from './world/world.ts';

const CLIENTS = 1000;
/** Behind each NAT; all of these have the same four private addresses. */
const HOUSEHOLD = 4;
const RELAY = '192.0.2.1';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const FIVE_MINUTES = 5 * MINUTE;

const BEHAVIOURS: readonly Partial<NatBehaviour>[] = [
  {},
  { mapping: 'address-and-port', filtering: 'address-and-port' },
  { ports: 'preserving', filtering: 'independent' },
  { ports: 'overloading', mapping: 'address-and-port' },
  { ports: 'low', mapping: 'address' },
  { helper: 'tracks-cookies' },
];

interface Town {
  readonly world: World;
  readonly clients: readonly SimClient[];
  readonly nats: readonly Nat[];
}

/** Every household behind a NAT of its own, each third one behind a carrier's as well; the gateway behind a NAT, too. */
async function settle(): Promise<Town> {
  const world = await World.create(1);
  world.addRelay(RELAY, '10.200.0.5');
  const carrier = world.addNat({ ...ORDINARY, timeoutMs: FIVE_MINUTES, refresh: 'both' }, ['198.51.100.200']);
  const nats: Nat[] = [];
  for (let n = 0; n < CLIENTS; n++) {
    const household = Math.floor(n / HOUSEHOLD);
    nats[household] ??= world.addNat(
      { ...ORDINARY, ...BEHAVIOURS[household % BEHAVIOURS.length], timeoutMs: FIVE_MINUTES, refresh: 'both' },
      [
        household % 3 === 0
          ? `100.127.${household >> 8}.${household & 255}`
          : `198.18.${household >> 8}.${household & 255}`,
      ],
      household % 3 === 0 ? carrier : null,
    );
    await world.addClient({
      auth: 'psk',
      member: { name: `device-${n}`, addresses: [`100.64.${1 + (n >> 7)}.${1 + (n & 127)}`] },
      preset: habits(world, n),
      relay: RELAY,
      at: `192.168.1.${10 + (n % HOUSEHOLD)}`,
      access: nats[household]!,
    });
  }
  return { world, clients: world.clients, nats };
}

/** Half of them without MOBIKE, none with keepalives of its own; all choose the same SPIs for ESP, in the same order. */
function habits(world: World, n: number): Partial<InitiatorOptions> {
  let spi = 0x1000;
  const { primitives } = world;
  const random = (length: number) => (length === 4 ? u32(spi++) : primitives.random(length));
  const layout = n % 2 === 0 ? {} : { layout: WITHOUT_MOBIKE };
  return { primitives: { ...primitives, random }, keepaliveMs: null, ...layout };
}

/** Each sends to the gateway and to its neighbour in another household, all at the same instant. @returns what does not arrive. */
async function everybodyTalks({ world, clients }: Town): Promise<string[]> {
  const from = world.ledger.nextId;
  for (const client of clients) await client.send([echo(world, client)]);
  await world.run(2 * SECOND);
  for (const [n, client] of clients.entries())
    await client.send([good(world, client, clients[(n + HOUSEHOLD) % clients.length]!)]);
  await world.run(2 * SECOND);
  return world.ledger.missing(from);
}

/** What only the network has to say: nobody was heard before. */
async function everybodyIsReached({ world, clients }: Town, after: number): Promise<string[]> {
  await world.run(after);
  const from = world.ledger.nextId;
  const [first, ...others] = clients as [SimClient, ...SimClient[]];
  await first.send(others.map((other) => good(world, first, other)));
  await world.run(2 * SECOND);
  return world.ledger.missing(from);
}

describe('a thousand clients', { timeout: 300_000 }, () => {
  // Requirements: rfc3715-3-scaling
  it('with the same private addresses and the same SPIs connect at once, talk, idle, move and talk again', async () => {
    const town = await settle();
    const { world, clients, nats } = town;
    for (const client of clients) client.connect();
    await world.run(10 * SECOND);
    expect(clients.filter(({ established }) => !established)).toEqual([]);
    expect(world.shells.size).toBe(CLIENTS);
    expect(new Set(clients.map(({ initiator }) => initiator.session.child!.terms.ownSpi))).toEqual(new Set([0x1000]));
    expect(new Set(clients.map((client) => world.shellOf(client)?.peer.status()?.nat))).toEqual(new Set(['both']));
    expect(await everybodyTalks(town)).toEqual([]);

    // Mappings live for five minutes; no client keeps its own open, so it is the gateway that does, and learns that it may do so less often.
    expect(await everybodyIsReached(town, 7 * MINUTE)).toEqual([]);
    const intervals = clients.map((client) => world.shellOf(client)?.peer.status()?.report.keepalive ?? 0);
    expect(Math.min(...intervals)).toBeGreaterThanOrEqual(20);
    expect(world.whereabouts.moves).toBe(0);

    for (const [n, nat] of nats.entries()) if (n % 5 === 0) nat.reboot();
    for (const [n, client] of clients.entries())
      if (n % 10 === 1) await client.move(`192.168.${2 + (n >> 7)}.${1 + (n & 127)}`, nats[(n * 7) % nats.length]!);
    await world.run(10 * SECOND);
    expect(await everybodyTalks(town)).toEqual([]);
    expect(world.whereabouts.moves).toBeGreaterThan(CLIENTS / 5);
    expect(clients.filter(({ connections }) => connections !== 1)).toEqual([]);
    expect(world.shells.size).toBe(CLIENTS);
  });
});
