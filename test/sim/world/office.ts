// A small world to tell one story in: one relay, two devices of one office or one alone, each where the story puts it.

import type { AuthKind } from '../materials.ts';
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
  /** NATs outside of the first, the next one first. */
  readonly carriers?: readonly Partial<NatBehaviour>[];
  readonly auth?: AuthKind;
  readonly client?: Partial<InitiatorOptions>;
  /** The relay stands behind a NAT of its own, which forgets flows where that is said. */
  readonly relayInner?: string;
  readonly relayForgetsMs?: number;
  /** There is no second device. */
  readonly alone?: boolean;
}

export interface Office {
  readonly world: World;
  readonly nat: Nat;
  readonly a: SimClient;
  /** The same as `a` where that is alone. */
  readonly c: SimClient;
}

export async function createOffice(wish: OfficeWish = {}): Promise<Office> {
  const world = await World.create(wish.seed ?? 1);
  world.addRelay(RELAY, wish.relayInner, wish.relayForgetsMs ?? null);
  const carrier = stack(world, wish.carriers ?? []);
  const pool = wish.pool ?? [carrier === null ? '198.51.100.1' : '100.127.0.1'];
  const nat = world.addNat({ ...ORDINARY, ...wish.nat }, pool, carrier);
  const other = wish.shared ? nat : world.addNat(ORDINARY, ['198.51.100.2']);
  const device = (name: string, last: number, at: string, access: Access) =>
    world.addClient({
      auth: wish.auth ?? 'psk',
      member: { name, addresses: [`100.64.0.${last}`] },
      preset: { keepaliveMs: 20 * SECOND, ...wish.client },
      relay: RELAY,
      at,
      access,
    });
  const a = await device('a', 10, '192.168.1.10', nat);
  if (wish.alone) return { world, nat, a, c: a };
  // The same private address behind another NAT says nothing (RFC 3948 section 5.1).
  const c = await device('c', 12, wish.shared ? '192.168.1.12' : '192.168.1.10', other);
  return { world, nat, a, c };
}

/** @returns the innermost of these, or null. */
function stack(world: World, behaviours: readonly Partial<NatBehaviour>[]): Nat | null {
  let outer: Nat | null = null;
  for (const [index, behaviour] of [...behaviours.entries()].reverse()) {
    const at = outer === null ? '198.51.100.200' : `100.127.${index + 1}.1`;
    outer = world.addNat({ ...ORDINARY, ...behaviour }, [at], outer);
  }
  return outer;
}

/** All connect. */
export async function connected(wish: OfficeWish = {}): Promise<Office> {
  const office = await createOffice(wish);
  for (const client of office.world.clients) client.connect();
  await office.world.run(10 * SECOND);
  return office;
}

/** Packets of each to the gateway and, where there are two, to the other. @returns what did not arrive. */
export async function talkAll({ world, a, c }: Office): Promise<string[]> {
  const from = world.ledger.nextId;
  if (a === c) await a.send([echo(world, a)]);
  else {
    await a.send([good(world, a, c), echo(world, a)]);
    await c.send([good(world, c, a), echo(world, c)]);
  }
  await world.run(5 * SECOND);
  return world.ledger.missing(from);
}

/** Where the gateway sends what is for a client: `address:port`. */
export function remoteOf(world: World, client: SimClient): string {
  const remote = world.shellOf(client)?.peer.status()?.remote;
  return remote ? `${remote.address}:${remote.port}` : 'nowhere';
}
