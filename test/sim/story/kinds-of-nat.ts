// N1 to N10 and N15: what a NAT makes of addresses and ports.

import { expect } from 'vitest';
import { PORT } from '../../../src/wire/ike-numbers.ts';
import { selector } from '../initiator/identities.ts';
import { echo, good } from '../world/traffic.ts';
import { type Office, RELAY, remoteOf } from '../world/office.ts';
import { type Ending, type Story, whole } from './story.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Outer source ports with which anything came to a port of the relay. */
export function portsAt({ world }: Office, port: number): number[] {
  const came = world.attacker.overheard.filter(({ destination }) => destination.port === port);
  return [...new Set(came.map(({ source }) => source.port))];
}

/** Counts what the relay sends to an address from here on. */
export function countSentTo({ world }: Office, address: string): { readonly count: number } {
  const seen = { count: 0 };
  const { tap } = world.internet;
  world.internet.tap = (packet) => {
    tap(packet);
    if (packet.destination.address === address && packet.source.address === RELAY) seen.count++;
  };
  return seen;
}

/** Of two, one has left on purpose, and the other one is whole. */
function firstHasLeft(ending: Ending): Ending {
  const { clients } = whole(ending);
  const left = {
    ...clients[0]!,
    phase: 'closed',
    ikeSas: [0, 0],
    children: [0, 0],
    nat: 'gone',
    mobike: false,
  } as const;
  return { clients: [{ ...left, followed: false }, clients[1]!], peerObjects: 1, missing: ending.missing };
}

export const KINDS_OF_NAT: readonly Story[] = [
  {
    title: 'N1 one to one: only the address tells of the NAT, ports and all stay',
    wish: { alone: true, nat: { filtering: 'independent', ports: 'preserving', timeoutMs: Number.POSITIVE_INFINITY } },
    judge: (office) => {
      expect(portsAt(office, PORT.IKE)).toEqual([PORT.IKE]);
      expect(remoteOf(office.world, office.a)).toBe('198.51.100.1:4500');
      expect(office.a.initiator.session.natHere).toBe(true);
    },
  },
  {
    title: 'N2 easy: two unrelated ports for 500 and 4500, and the gateway follows the latter',
    wish: { alone: true, nat: { mapping: 'independent', filtering: 'address-and-port', ports: 'random' } },
    judge: (office) => {
      const [plain, encapsulated] = [portsAt(office, PORT.IKE), portsAt(office, PORT.NAT_T)];
      expect([plain.length, encapsulated.length]).toEqual([1, 1]);
      expect(plain).not.toEqual(encapsulated);
      expect(remoteOf(office.world, office.a)).toBe(`198.51.100.1:${encapsulated[0]}`);
    },
  },
  {
    title: 'N3 one port for a whole host: what comes is told apart by where it goes and what it is',
    wish: { alone: true, nat: { mapping: 'host', filtering: 'address' } },
    judge: (office) => expect(portsAt(office, PORT.IKE)).toEqual(portsAt(office, PORT.NAT_T)),
  },
  {
    title: 'N4 hard: through another relay the client has another port, and is followed there',
    wish: { alone: true, nat: { mapping: 'address-and-port', filtering: 'address-and-port' } },
    before: ({ world }) => void world.addRelay('192.0.2.2'),
    happens: async (office) => {
      const { world, a } = office;
      const before = remoteOf(world, a);
      a.relay = '192.0.2.2';
      await a.send([echo(world, a)]);
      await world.run(5 * SECOND);
      const after = remoteOf(world, a);
      return () => expect(after).not.toBe(before);
    },
    judge: ({ world, a }) => expect(world.shellOf(a)?.peer.status()?.local?.address).toBe('192.0.2.2'),
  },
  {
    title: 'N5 forgets in 30 s: the keepalives of the client hold it, and nobody answers them',
    wish: { alone: true, nat: { timeoutMs: 30 * SECOND, refresh: 'outbound' } },
    happens: async (office) => {
      const { world, a } = office;
      const before = remoteOf(world, a);
      const answers = countSentTo(office, '198.51.100.1');
      await world.run(20 * MINUTE);
      const [after, { count }] = [remoteOf(world, a), answers];
      return () => {
        expect(after).toBe(before);
        expect(count).toBe(0);
        expect(world.relays[0]!.counts.keepalives).toBeGreaterThan(50);
      };
    },
  },
  {
    title: 'N6 forgets in 2 or in 5 minutes: so long an idle client without keepalives is reached',
    wish: { nat: { timeoutMs: 120 * SECOND, refresh: 'both' }, client: { keepaliveMs: null } },
    only: true,
    happens: async ({ world, nat, a, c }) => {
      const from = world.ledger.nextId;
      for (const timeoutMs of [120 * SECOND, 300 * SECOND]) {
        nat.behaviour = { ...nat.behaviour, timeoutMs };
        await a.send([echo(world, a)]);
        await world.run(timeoutMs - 5 * SECOND);
        await c.send([good(world, c, a)]);
        await world.run(SECOND);
      }
      const missing = world.ledger.missing(from);
      return () => expect(missing).toEqual([]);
    },
  },
  ...[20, 10].map((seconds) => ({
    title: `N7 a carrier that forgets in ${seconds} s: a shorter interval holds it, a longer one kills no SA`,
    wish: {
      shared: true,
      nat: { timeoutMs: seconds * SECOND, refresh: 'outbound' as const },
      client: { keepaliveMs: 20 * SECOND, livenessMs: 70 * SECOND },
    },
    only: true as const,
    before: ({ a }: Office) => a.prefer({ keepaliveMs: (seconds - 2) * SECOND, livenessMs: null }),
    happens: async ({ world, a, c }: Office) => {
      const before = remoteOf(world, a);
      await world.run(6 * MINUTE);
      const after = remoteOf(world, a);
      return () => {
        expect(after).toBe(before);
        expect([a.connections, c.connections]).toEqual([1, 1]);
      };
    },
  })),
  {
    title: 'N8 keeps ports for its only client: it looks like no NAT, and is one',
    wish: { alone: true, nat: { ports: 'preserving' } },
    judge: (office) => {
      expect(portsAt(office, PORT.IKE)).toEqual([PORT.IKE]);
      expect(remoteOf(office.world, office.a)).toBe('198.51.100.1:4500');
    },
  },
  {
    title: 'N9 keeps ports, and the second client gets others',
    wish: { shared: true, nat: { ports: 'preserving' } },
    judge: ({ world, a, c }) => {
      expect([remoteOf(world, a), remoteOf(world, c)]).toContain('198.51.100.1:4500');
      expect(remoteOf(world, a)).not.toBe(remoteOf(world, c));
    },
  },
  {
    title: 'N9 overloads a port: two peers at one address and port are told apart by their SPIs',
    wish: { shared: true, nat: { ports: 'overloading', mapping: 'address-and-port' } },
    judge: ({ world, a, c }) => {
      expect(remoteOf(world, a)).toBe('198.51.100.1:4500');
      expect(remoteOf(world, c)).toBe('198.51.100.1:4500');
      expect(world.shellOf(a)).not.toBe(world.shellOf(c));
    },
  },
  {
    title: 'N9 drops the second client: the first one does not notice, and the second comes up when it has left',
    ends: firstHasLeft,
    wish: { shared: true, nat: { ports: 'refusing', timeoutMs: 30 * SECOND } },
    only: true,
    happens: async (office) => {
      const { world, a, c } = office;
      const states = [a.established, c.established];
      a.stopped = true;
      await a.run(a.initiator.close(world.clock.now));
      await world.run(6 * MINUTE);
      return () => {
        expect(states).toContain(true);
        expect(states).toContain(false);
        expect(c.established).toBe(true);
      };
    },
  },
  ...(['low', 'privileged'] as const).map((ports) => ({
    title: `N10 source ports are ${ports === 'low' ? '1024 to 1100' : 'below 1024'}: any is accepted`,
    wish: { alone: true, nat: { ports, mapping: 'address-and-port' as const } },
    judge: (office: Office) =>
      expect(Math.max(...portsAt(office, PORT.NAT_T))).toBeLessThan(ports === 'low' ? 1101 : 1024),
  })),
  {
    title: 'N15 two clients of one NAT ask for the same selectors: each gets what is its own',
    wish: { shared: true, client: { TSi: [selector('100.64.0.0/24')] } },
    judge: ({ a, c }) => {
      for (const client of [a, c]) {
        const [only, ...more] = client.initiator.session.child!.terms.near;
        expect(more).toEqual([]);
        expect(only?.startAddress).toEqual(client.member.addresses[0]);
        expect(only?.endAddress).toEqual(client.member.addresses[0]);
      }
    },
  },
];
