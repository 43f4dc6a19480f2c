// N11 to N14, N31, N33 and N34: mappings and clients that change while an SA is up.

import { expect } from 'vitest';
import { PORT } from '../../../src/wire/ike-numbers.ts';
import { WITHOUT_MOBIKE } from '../initiator/options.ts';
import { CALM } from '../world/internet.ts';
import { echo, good } from '../world/traffic.ts';
import { type Office, remoteOf } from '../world/office.ts';
import { type Judge, type Story, whole } from './story.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const ROUNDS = 6;

const withoutMobike = { client: { layout: WITHOUT_MOBIKE } };
const WITHOUT_CONTACT = WITHOUT_MOBIKE.filter((item) => item !== 'INITIAL_CONTACT');

/** Something happens to the NAT; the client's next packet comes from another port, and is followed. */
async function movesOn(office: Office, happens: () => void): Promise<Judge> {
  const { world, a } = office;
  const before = remoteOf(world, a);
  happens();
  await a.send([echo(world, a)]);
  await world.run(5 * SECOND);
  const after = remoteOf(world, a);
  return () => expect(after).not.toBe(before);
}

/** The client's mapping dies again and again, and each time its own next packet shows the gateway where it is. */
async function comesAndGoes({ world, a, c }: Office): Promise<Judge> {
  const missing: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await world.run(25 * SECOND);
    await c.send([good(world, c, a)]);
    await world.run(5 * SECOND);
    await a.send([echo(world, a)]);
    await world.run(SECOND);
    const from = world.ledger.nextId;
    await c.send([good(world, c, a)]);
    await world.run(SECOND);
    missing.push(...world.ledger.missing(from));
  }
  return () => {
    expect(missing).toEqual([]);
    expect(world.shellOf(a)?.peer.status()?.report.moved).toBeGreaterThan(ROUNDS / 2);
    expect(a.connections).toBe(1);
  };
}

export const IN_MID_SA: readonly Story[] = [
  {
    title: 'N11 the NAT is rebooted: an authenticated packet from the new port moves the endpoint, with MOBIKE',
    wish: { alone: true },
    happens: (office) => movesOn(office, () => office.nat.reboot()),
  },
  {
    title: 'N11 the NAT is rebooted: an authenticated packet from the new port moves the endpoint, without MOBIKE',
    wish: { alone: true, ...withoutMobike },
    ends: (ending) => whole(ending, 'peer', false),
    happens: (office) => movesOn(office, () => office.nat.reboot()),
  },
  {
    title: 'N11 the NAT is rebooted: what was under way from the old port comes late, and moves nothing back',
    wish: { alone: true },
    happens: async (office) => {
      const { world, a } = office;
      world.internet.conditions = { ...CALM, delayMs: [3000, 3000] };
      await a.send([echo(world, a)]);
      world.internet.conditions = CALM;
      const seen = await movesOn(office, () => office.nat.reboot());
      return () => {
        seen();
        expect(world.shellOf(a)?.peer.status()?.report.moved).toBe(1);
      };
    },
  },
  ...[true, false].map((mobike) => ({
    title: `N12 ESP gets another port than IKE: its way back moves and the IKE window goes on, ${mobike ? 'with' : 'without'} MOBIKE`,
    wish: { alone: true, nat: { split: true }, ...(mobike ? {} : withoutMobike) },
    ends: (ending: Parameters<typeof whole>[0]) => whole(ending, 'peer', mobike),
    judge: ({ world }: Office) => {
      const came = world.attacker.overheard.filter(({ destination }) => destination.port === PORT.NAT_T);
      expect(new Set(came.map(({ source }) => source.port)).size).toBe(2);
    },
  })),
  {
    title: 'N13 a client comes back from another address without having said goodbye: INITIAL_CONTACT ends the old SA',
    wish: { alone: true },
    happens: async ({ world, nat, a }) => {
      const before = world.shellOf(a);
      a.crash();
      await a.move('192.168.1.99', nat);
      await world.run(60 * SECOND);
      return () => {
        expect(world.shellOf(a)).not.toBe(before);
        expect(a.connections).toBe(2);
      };
    },
  },
  {
    title: 'N14 a client crashes and comes back again and again without INITIAL_CONTACT: old SAs do not pile up',
    wish: { alone: true, client: { layout: WITHOUT_CONTACT } },
    ends: (ending) => whole(ending, 'peer', false),
    happens: async ({ world, a }) => {
      let most = 0;
      for (let round = 0; round < 8; round++) {
        a.crash();
        await world.run(40 * SECOND);
        most = Math.max(most, world.shells.size);
      }
      return () => {
        // The last two are still being told that they are gone.
        expect(most).toBeLessThanOrEqual(3);
        expect(a.connections).toBe(9);
      };
    },
  },
  {
    title: 'N14 a client crashes and stays away: its silence makes the gateway ask, and what is dead is reaped',
    wish: { alone: true, ...withoutMobike },
    only: true,
    ends: ({ missing, clients: [client] }) => ({
      clients: [{ ...client!, phase: 'closed', ikeSas: [0, 0], nat: 'gone' }],
      peerObjects: 0,
      missing,
    }),
    happens: async ({ world, a }) => {
      a.stopped = true;
      a.crash();
      await world.run(2 * MINUTE);
      const soon = world.shells.size;
      await world.run(8 * MINUTE);
      return () => expect(soon).toBe(1);
    },
  },
  {
    title: 'N31 the NAT becomes a hard one under load: it is followed as at any other time',
    wish: { alone: true },
    happens: (office) =>
      movesOn(office, () => {
        office.nat.behaviour = { ...office.nat.behaviour, mapping: 'address-and-port' };
      }),
  },
  {
    title:
      'N33 mappings expire and only the gateway asks for life: it asks where the client was last heard, and no SA dies',
    wish: { nat: { timeoutMs: 20 * SECOND }, client: { keepaliveMs: null } },
    only: true,
    happens: comesAndGoes,
  },
  {
    title: 'N34 mappings expire, the client asks for life, without MOBIKE: the endpoint of IKE and of ESP is updated',
    wish: {
      nat: { timeoutMs: 20 * SECOND },
      client: { keepaliveMs: null, livenessMs: 40 * SECOND, layout: WITHOUT_MOBIKE },
    },
    ends: (ending) => whole(ending, 'peer', false),
    only: true,
    happens: comesAndGoes,
  },
  {
    title:
      'N34 the gateway itself is behind a NAT and the client behind none: a move is believed when MOBIKE has proved it',
    wish: { alone: true, relayInner: '10.200.0.5' },
    ends: (ending) => whole(ending, 'gateway'),
    before: ({ world, a }) => a.move('203.0.113.20', world.internet),
    happens: async ({ world, a }) => {
      await a.move('203.0.113.21', world.internet);
      await world.run(10 * SECOND);
      const remote = remoteOf(world, a);
      return () => {
        expect(remote).toBe('203.0.113.21:4500');
        expect(
          world
            .shellOf(a)
            ?.peer.status()
            ?.report.moves.map(({ by }) => by),
        ).toEqual(['update']);
      };
    },
  },
];
