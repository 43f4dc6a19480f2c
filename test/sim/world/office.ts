// A small world to tell one story in: one relay, two devices of one office, a site if wanted, each where the story puts it.

import type { InitiatorOptions } from '../initiator/options.ts';
import type { Nat } from './nat.ts';
import { type NatBehaviour, ORDINARY } from './nat-behaviour.ts';
import type { Access, SimClient } from './sim-client.ts';
import { echo, good } from './traffic.ts';
import { World } from './world.ts';

export const RELAY = '192.0.2.1';
const SECOND = 1000;

export interface OfficeWish {
  readonly seed?: number;
  /** Before the first device; the second one has an ordinary NAT of its own unless `shared`. */
  readonly nat?: Partial<NatBehaviour>;
  readonly pool?: readonly string[];
  readonly shared?: boolean;
  /** A second NAT outside of the first. */
  readonly carrier?: Partial<NatBehaviour>;
  readonly client?: Partial<InitiatorOptions>;
  /** The relay stands behind a NAT of its own. */
  readonly relayInner?: string;
}

export interface Office {
  readonly world: World;
  readonly nat: Nat;
  readonly a: SimClient;
  readonly c: SimClient;
}

export async function createOffice(wish: OfficeWish = {}): Promise<Office> {
  const world = await World.create(wish.seed ?? 1);
  world.addRelay(RELAY, wish.relayInner);
  const carrier =
    wish.carrier === undefined ? null : world.addNat({ ...ORDINARY, ...wish.carrier }, ['198.51.100.200']);
  const pool = wish.pool ?? [carrier === null ? '198.51.100.1' : '100.127.0.1'];
  const nat = world.addNat({ ...ORDINARY, ...wish.nat }, pool, carrier);
  const other = wish.shared ? nat : world.addNat(ORDINARY, ['198.51.100.2']);
  const device = (name: string, last: number, at: string, access: Access) =>
    world.addClient({
      auth: 'psk',
      member: { name, addresses: [`100.64.0.${last}`] },
      preset: { keepaliveMs: 20 * SECOND, ...wish.client },
      relay: RELAY,
      at,
      access,
    });
  const a = await device('a', 10, '192.168.1.10', nat);
  // The same private address behind another NAT says nothing (RFC 3948 section 5.1).
  const c = await device('c', 12, wish.shared ? '192.168.1.12' : '192.168.1.10', other);
  return { world, nat, a, c };
}

/** Both connect. */
export async function connected(wish: OfficeWish = {}): Promise<Office> {
  const office = await createOffice(wish);
  office.a.connect();
  office.c.connect();
  await office.world.run(10 * SECOND);
  return office;
}

/** Packets between the two and to the gateway. @returns what did not arrive. */
export async function talkAll({ world, a, c }: Office): Promise<string[]> {
  const from = world.ledger.nextId;
  await a.send([good(world, a, c), echo(world, a)]);
  await c.send([good(world, c, a), echo(world, c)]);
  await world.run(5 * SECOND);
  return world.ledger.missing(from);
}

/** Where the gateway sends what is for a client: `address:port`. */
export function remoteOf(world: World, client: SimClient): string {
  const remote = world.shellOf(client)?.peer.status()?.remote;
  return remote ? `${remote.address}:${remote.port}` : 'nowhere';
}
