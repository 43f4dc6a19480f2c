// N16 to N20, N22 and N29: NATs before the gateway, in front of both, and ways that lead round them.

import { expect } from 'vitest';
import { PORT } from '../../../src/wire/ike-numbers.ts';
import { notifiesOf } from '../initiator/journal.ts';
import { WITHOUT_MOBIKE } from '../initiator/options.ts';
import { Nat64, throughNat64 } from '../world/gateway-nat.ts';
import { echo, good } from '../world/traffic.ts';
import { type Office, RELAY, remoteOf } from '../world/office.ts';
import { portsAt } from './kinds-of-nat.ts';
import { type Ending, type Story, whole } from './story.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const INNER = '10.200.0.5';

function oneOfThemOnTheInternet(ending: Ending): Ending {
  const { clients, ...rest } = whole(ending, 'both');
  return { clients: clients.map((client) => (client.name === 'a' ? { ...client, nat: 'gateway' } : client)), ...rest };
}

const bothBehind = (ending: Ending) => whole(ending, 'both');

export const GATEWAY_SIDE: readonly Story[] = [
  {
    title:
      'N16 two clients of one NAT ask for transport mode: both are given tunnel mode, and neither disturbs the other',
    wish: { shared: true, client: { layout: [...WITHOUT_MOBIKE, 'USE_TRANSPORT_MODE'] } },
    ends: (ending) => whole(ending, 'peer', false),
    judge: ({ a, c }) => {
      for (const { initiator } of [a, c]) {
        expect(initiator.journal.sent().flatMap(notifiesOf)).toContain('USE_TRANSPORT_MODE');
        expect(initiator.journal.received().flatMap(notifiesOf)).not.toContain('USE_TRANSPORT_MODE');
      }
    },
  },
  {
    title: 'N17 three NATs before the client and one before the gateway: both ends are behind one, and encapsulate',
    wish: { alone: true, relayInner: INNER, carriers: [{ ports: 'low' }, { mapping: 'address-and-port' }] },
    ends: bothBehind,
    judge: ({ world, a }) => {
      expect(remoteOf(world, a)).toMatch(/^198\.51\.100\.200:/);
      expect([a.initiator.session.natHere, a.initiator.session.natThere]).toEqual([true, true]);
    },
  },
  {
    title:
      'N18 the gateway is behind a fixed translation: told as it is, AUTH and certificate are not touched, it keeps the mapping',
    wish: { alone: true, relayInner: INNER, auth: 'cert' },
    before: ({ world, a }) => a.move('203.0.113.20', world.internet),
    ends: (ending) => whole(ending, 'gateway'),
    judge: ({ world }) => expect(world.relays[0]!.counts.keepalivesSent).toBeGreaterThan(3),
  },
  {
    title:
      'N18 the NAT of the gateway forgets: its own keepalives hold the way to an idle client that has no NAT and sends none',
    wish: { relayInner: INNER, relayForgetsMs: 30 * SECOND },
    before: ({ world, a }) => a.move('203.0.113.20', world.internet),
    ends: oneOfThemOnTheInternet,
    only: true,
    happens: async ({ world, a, c }) => {
      const from = world.ledger.nextId;
      for (let round = 0; round < 6; round++) {
        await world.run(5 * MINUTE - SECOND);
        await c.send([echo(world, c), good(world, c, a)]);
        await world.run(SECOND);
        await a.send([echo(world, a)]);
      }
      await world.run(SECOND);
      const missing = world.ledger.missing(from);
      return () => expect(missing).toEqual([]);
    },
  },
  {
    title: 'N19 no NAT, a firewall that drops IP protocol 50: a client that pretends to be behind one is encapsulated',
    wish: { alone: true, client: { natDetection: 'pretend' } },
    before: ({ world, a }) => a.move('203.0.113.20', world.internet),
    judge: ({ world, a }) => {
      expect(remoteOf(world, a)).toBe('203.0.113.20:4500');
      expect(a.initiator.session.encapsulated).toBe(true);
    },
  },
  {
    title: 'N20 port 500 is blocked: IKE_SA_INIT comes to 4500 from any port, and is answered there only',
    wish: {
      alone: true,
      client: { startOn4500: true, localPorts: { ike: PORT.IKE, natT: 10_954 } },
      nat: { ports: 'preserving' },
    },
    before: ({ world }) => {
      const { loses } = world.internet;
      world.internet.loses = (packet) =>
        packet.source.port === PORT.IKE || packet.destination.port === PORT.IKE || loses(packet);
    },
    judge: (office: Office) => {
      expect(portsAt(office, PORT.IKE)).toEqual([]);
      expect(remoteOf(office.world, office.a)).toBe('198.51.100.1:10954');
    },
  },
  ...(['external', 'internal'] as const).map((hairpin) => ({
    title: `N22 two clients of one NAT with ${hairpin} hairpin: between them all goes through the gateway, never round it`,
    wish: { shared: true, nat: { hairpin } },
    judge: ({ world, a, c }: Office) => {
      const [of, to] = [a, c].map((client) => world.shellOf(client)?.peer.status()?.remote?.address);
      expect([of, to]).toEqual(['198.51.100.1', '198.51.100.1']);
    },
  })),
  {
    title: 'N29 a client with nothing but IPv6 behind a NAT64: the hashes are of other families, so there is a NAT',
    wish: { alone: true },
    ends: bothBehind,
    before: async ({ nat, a }) => {
      a.relay = throughNat64(RELAY);
      await a.move('2001:db8:64::10', new Nat64(nat));
    },
    judge: ({ world, a }) => {
      expect(remoteOf(world, a)).toMatch(/^198\.51\.100\.1:/);
      expect(a.initiator.session.natHere).toBe(true);
    },
  },
];
