// N21, N23 to N28 and N30: what stands on the way and does more, or less, than a NAT should.

import { expect } from 'vitest';
import { parseIp } from '../../../src/wire/ip.ts';
import { PORT } from '../../../src/wire/ike-numbers.ts';
import { udpPacket } from '../packets.ts';
import type { Helper } from '../world/helper.ts';
import { CALM } from '../world/internet.ts';
import { payloadOf } from '../world/ledger.ts';
import { type Office, RELAY, remoteOf } from '../world/office.ts';
import { countSentTo, portsAt } from './kinds-of-nat.ts';
import type { Ending, Story } from './story.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** What Windows asks with: 40 authorities. */
const MANY_AUTHORITIES = new Uint8Array(800);

function nobody({ clients, missing }: Ending): Ending {
  const client = { ...clients[0]!, phase: 'closed', ikeSas: [0, 0], children: [0, 0], nat: 'gone' } as const;
  return { clients: [{ ...client, mobike: false, followed: false }], peerObjects: 0, missing };
}

/** It stays down once it has failed. */
async function givesUp({ world, a }: Office): Promise<() => void> {
  a.stopped = true;
  await world.run(5 * MINUTE);
  return () => {};
}

/** First messages are part of what AUTH proves (RFC 7296 section 2.15): who alters them is found out, and 4500 is left alone. */
function alters(helper: Helper, what: string): Story[] {
  const client = { vendorIds: [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7, 8)] };
  return [
    {
      title: `N21 a helper ${what}: AUTH tells, and no SA comes of it`,
      wish: { alone: true, nat: { helper }, client },
      only: true,
      ends: nobody,
      before: ({ world }) =>
        void world.tolerated.push('IKE_SA_INIT response without NAT detection', 'proved no knowledge'),
      happens: givesUp,
      judge: ({ world }) => {
        expect(world.attempts.length).toBeGreaterThan(0);
        expect(world.attempts.filter((attempt) => !attempt.startsWith('failed'))).toEqual([]);
      },
    },
    {
      title: `N21 a helper ${what}: a client that begins on 4500 does not meet it`,
      wish: { alone: true, nat: { helper }, client: { ...client, startOn4500: true } },
    },
  ];
}

export const MIDDLEBOXES: readonly Story[] = [
  {
    title: 'N21 a helper keeps port 500 for all and tells them apart by cookies: both move on to 4500 at once',
    wish: { shared: true, nat: { helper: 'tracks-cookies' } },
    judge: (office) => {
      expect(portsAt(office, PORT.IKE)).toEqual([PORT.IKE]);
      expect(portsAt(office, PORT.NAT_T).length).toBe(2);
    },
  },
  {
    title: 'N21 a helper keeps port 500 for one client at a time: the second comes up as soon as the first is through',
    wish: { shared: true, nat: { helper: 'serves-one', timeoutMs: 60 * SECOND } },
    happens: async ({ world }) => {
      await world.run(4 * MINUTE);
      return () => {};
    },
    judge: ({ nat }) => expect(nat.refused).toBeGreaterThan(0),
  },
  {
    title: 'N21 a helper drops what it cannot read on port 500: everything encrypted goes over 4500',
    wish: { alone: true, nat: { helper: 'parses' } },
    judge: ({ nat }) => expect(nat.refused).toBe(0),
  },
  ...alters('strips-detection', 'takes NAT detection out of first messages'),
  ...alters('strips-vendor', 'takes vendor IDs out of first messages'),
  ...alters('reorders', 'puts first messages in another order'),
  {
    title: 'N23 a pool with no pairing: IKE comes from one address and ESP from another, which is followed',
    wish: {
      alone: true,
      nat: { paired: 'in-turn', split: true },
      pool: ['198.51.100.1', '198.51.100.3', '198.51.100.5'],
    },
    judge: ({ world }) => {
      const came = world.attacker.overheard.filter(({ destination }) => destination.port === PORT.NAT_T);
      expect(new Set(came.map(({ source }) => source.address)).size).toBeGreaterThan(1);
    },
  },
  {
    title: 'N24 fragments are dropped: a long IKE_AUTH gets through in pieces of its own (RFC 7383)',
    wish: { alone: true, auth: 'cert', nat: { fragments: 'drop' }, client: { certificateRequest: MANY_AUTHORITIES } },
    judge: ({ a }) =>
      expect(Math.max(...a.initiator.journal.sent().map(({ fragments }) => fragments))).toBeGreaterThan(1),
  },
  {
    title: 'N24 fragments are dropped: a client that cannot cut its messages never comes up, and leaves nothing behind',
    wish: {
      alone: true,
      auth: 'cert',
      nat: { fragments: 'drop' },
      client: { certificateRequest: MANY_AUTHORITIES, fragmentOctets: null },
    },
    only: true,
    ends: nobody,
    happens: givesUp,
  },
  ...(['reorder', 'double'] as const).map((fragments) => ({
    title: `N25 fragments come ${fragments === 'double' ? 'twice' : 'in any order'}: a message is put together once`,
    wish: {
      alone: true,
      auth: 'cert' as const,
      nat: { fragments },
      client: { fragmentOctets: 400, certificateRequest: MANY_AUTHORITIES },
    },
    judge: ({ a }: Office) =>
      expect(Math.max(...a.initiator.journal.sent().map((sent) => sent.fragments))).toBeGreaterThan(3),
  })),
  {
    title: 'N26 ICMP is filtered and forged: what fits goes through, nothing shrinks and no SA dies of it',
    wish: {},
    only: true,
    happens: async ({ world, a, c }) => {
      world.internet.conditions = { ...CALM, maxOctets: 1400 };
      const from = world.ledger.nextId;
      const inner = () =>
        world.ledger.enter('good', a.member, c.member.member, (id) =>
          fullSize(a.member.addresses[0]!, c.member.addresses[0]!, id),
        );
      await a.send([inner()]);
      world.attacker.forgeIcmp();
      await world.run(5 * SECOND);
      await a.send([inner()]);
      await world.run(5 * SECOND);
      const missing = world.ledger.missing(from);
      return () => expect(missing).toEqual([]);
    },
  },
  {
    title: 'N27 the UDP checksum is zero: nothing that is proved depends on it',
    wish: { alone: true, nat: { checksum: 'zero' } },
    judge: ({ world }) => expect(world.attacker.overheard.every(({ checksum }) => checksum === 0)).toBe(true),
  },
  {
    title: 'N28 keepalives of every kind: nobody answers them, and they are no sign of life',
    wish: { alone: true, client: { keepaliveMs: null } },
    happens: async (office) => {
      const { world, nat, a } = office;
      const answers = countSentTo(office, '198.51.100.1');
      const before = world.shellOf(a)?.peer.status();
      for (const [port, octets] of [
        [PORT.NAT_T, [0xff]],
        [PORT.NAT_T, []],
        [PORT.IKE, [0xff]],
        [PORT.NAT_T, [0xff, 0xff, 0xff]],
      ] as const)
        for (let n = 0; n < 20; n++)
          nat.send({
            source: { address: '192.168.1.10', port },
            destination: { address: RELAY, port },
            octets: Uint8Array.from(octets),
          });
      await world.run(5 * SECOND);
      const [after, { count }] = [world.shellOf(a)?.peer.status(), answers];
      return () => {
        expect(count).toBe(0);
        expect(after).toEqual(before);
        expect(world.relays[0]!.counts).toMatchObject({ keepalives: 40, noise: 40 });
      };
    },
  },
  {
    title:
      'N30 a block of ports is used up: half of a handshake waits in vain, is forgotten, and the next one succeeds',
    wish: { alone: true, nat: { ports: { block: 1 } } },
    happens: async ({ world, nat, a }) => {
      let most = 0;
      for (let minute = 0; minute < 6; minute++) {
        await world.run(MINUTE);
        most = Math.max(most, world.shells.size);
      }
      const established = a.established;
      nat.behaviour = { ...nat.behaviour, ports: { block: 4 } };
      await world.run(4 * MINUTE);
      return () => {
        expect(established).toBe(false);
        expect(most).toBeLessThanOrEqual(2);
        expect(remoteOf(world, a)).toMatch(/:1004\d$/);
      };
    },
  },
];

/** As long as the network's MTU lets it be. */
function fullSize(source: Uint8Array, destination: Uint8Array, id: number): Uint8Array {
  const filler = new Uint8Array(1280 - 28);
  filler.set(payloadOf(id));
  const packet = udpPacket(source, destination, filler);
  if (parseIp(packet)?.totalLength !== 1280) throw new Error('not of full size');
  return packet;
}
