// Who lives in a random world: relays, NATs, tenants, and clients of every make.

import { android, apple, type Client, strongswan, windows } from '../initiator/clients.ts';
import { selector } from '../initiator/identities.ts';
import { espOffer, ikeOffer } from '../initiator/proposals.ts';
import type { AuthKind } from '../materials.ts';
import type { Helper } from './helper.ts';
import type { Nat } from './nat.ts';
import type { Dependence, MappingKind, NatBehaviour, PortAssignment } from './nat-behaviour.ts';
import type { Random } from './random.ts';
import type { Access } from './sim-client.ts';
import type { World } from './world.ts';

export const RELAYS = ['192.0.2.1', '192.0.2.2'] as const;

export function populate(world: World): void {
  const { random } = world;
  const [first, second] = RELAYS;
  const forgets = random.pick([null, 30_000, 120_000, 300_000]);
  const relay = random.chance(0.25) ? world.addRelay(first, '10.200.0.5', forgets) : world.addRelay(first);
  relay.cookies = random.chance(0.3);
  if (random.chance(0.3)) world.addRelay(second);
}

export async function enrolClients(world: World): Promise<Nat[]> {
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
    ...(random.chance(0.2) ? { TSr: [selector('100.64.0.0/16')] } : {}),
  };
}

const DEPENDENCES: readonly Dependence[] = ['independent', 'address', 'address-and-port'];

const HELPERS: readonly Helper[] = ['none', 'none', 'none', 'parses', 'tracks-cookies', 'serves-one'];
const PORTS: readonly PortAssignment[] = ['preserving', 'overloading', 'random', 'low', 'privileged', 'parity'];

/** @param mappings one port for a whole host is no port for all hosts behind a NAT: only the innermost may do that. */
function randomNat(random: Random, mappings: readonly MappingKind[]): NatBehaviour {
  const helper = random.pick(HELPERS);
  return {
    mapping: random.pick(mappings),
    filtering: random.pick(DEPENDENCES),
    ports: random.pick(PORTS),
    // Whoever waits for port 500 must get it before the world ends.
    timeoutMs: helper === 'serves-one' ? 20_000 : random.pick([10, 20, 30, 60, 120, 300]) * 1000,
    refresh: random.pick(['outbound', 'both']),
    paired: random.chance(0.8),
    hairpin: random.pick(['none', 'external', 'internal']),
    fragments: random.pick(['pass', 'pass', 'reorder', 'double']),
    split: random.chance(0.1),
    helper,
    checksum: random.pick(['right', 'zero']),
  };
}

/** None, or one or two NATs of carriers outside of a client's own. @param n makes their addresses their own. */
function carriers(world: World, n: number): Nat | null {
  const { random } = world;
  const depth = random.chance(0.25) ? random.between(1, 2) : 0;
  let outer: Nat | null = null;
  for (let level = 0; level < depth; level++)
    outer = world.addNat(
      randomNat(random, DEPENDENCES),
      [outer === null ? `198.51.100.${100 + n}` : `100.126.0.${1 + n}`],
      outer,
    );
  return outer;
}

/** On the internet itself, behind a NAT of its own, behind one that others use too, or behind two. */
function place(world: World, nats: Nat[]): { at: string; access: Access } {
  const { random } = world;
  // No two machines ever have the same address: a private one says nothing anyhow.
  const n = 10 + world.clients.length;
  const inner = `192.168.0.${n}`;
  if (random.chance(0.1)) return { at: `198.18.0.${n}`, access: world.internet };
  if (nats.length > 0 && random.chance(0.4)) return { at: inner, access: random.pick(nats) };
  const carrier = carriers(world, nats.length);
  const outside = carrier === null ? '198.51.100' : '100.127.0';
  const pool = random.chance(0.2)
    ? [`${outside}.${nats.length * 2 + 1}`, `${outside}.${nats.length * 2 + 2}`]
    : [`${outside}.${nats.length * 2 + 1}`];
  const nat = world.addNat(randomNat(random, [...DEPENDENCES, 'host']), pool, carrier);
  nats.push(nat);
  return { at: inner, access: nat };
}
