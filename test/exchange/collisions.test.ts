// Exchanges of both sides that cross: RFC 7296 sections 2.8.1, 2.8.2 and 2.25.

import { describe, expect, it } from 'vitest';
import { ExchangeType, Protocol } from '../../src/wire/ike-numbers.ts';
import type { Datagram } from '../../src/wire/path.ts';
import { windows } from '../sim/initiator/clients.ts';
import { u32 } from '../sim/initiator/notify.ts';
import { faultOf, faultOfTraffic, mindOf } from '../sim/settled.ts';
import { createPair, type Pair } from './pair.ts';
import { arrowsOf, currentOf, forge, kinds, messageOf, offer, onlyChild, stateOf } from './scene.ts';
import { carryChosen, everySchedule } from './schedules.ts';

/** First octets of the client's nonces: of four nonces the lowest loses its SA to the side that began it. */
const OUTCOMES = {
  'the client loses': { request: 0, answer: 255 },
  'the gateway loses': { request: 255, answer: 0 },
} as const;

const SETTLE_MS = 100_000;

async function established(nonceHeads: { request: number; answer: number }): Promise<Pair> {
  const pair = await createPair({ client: { nonceHeads } });
  return pair.establish();
}

async function bothRekey(pair: Pair, what: 'child' | 'ike'): Promise<void> {
  await pair.runClient(what === 'child' ? pair.client.rekeyChild(pair.now) : pair.client.rekeyIke(pair.now));
  await pair.command({ kind: what === 'child' ? 'rekey-child' : 'rekey-ike' });
}

describe.each(Object.entries(OUTCOMES))('both rekey the child SA, and %s (section 2.8.1)', (_, nonceHeads) => {
  //   HDR, SK {N(REKEY_SA,SPIa1), SA(SPIa2), Ni1, ...}  -->
  //                                <--  HDR, SK {N(REKEY_SA,SPIb1), SA(SPIb2), Ni2, ...}
  //                                <--  HDR, SK {SA(SPIb3), Nr1, ...}
  //   HDR, SK {SA(SPIa3), Nr2, ...}  -->
  //   the one with the lowest nonce is deleted by who began it, the old one by the other
  it('ends with one', async () => {
    const pair = await established(nonceHeads);
    const old = onlyChild(pair);
    await bothRekey(pair, 'child');
    await pair.drive();
    expect(onlyChild(pair).spiIn).not.toBe(old.spiIn);
    expect(await faultOf(pair)).toBeNull();
  });

  it('deletes each of the two others once, and from the right side', async () => {
    const pair = await established(nonceHeads);
    const old = onlyChild(pair);
    await bothRekey(pair, 'child');
    await pair.drive();
    const deleted = { sent: deletesOf(pair, 'sent'), received: deletesOf(pair, 'received') };
    expect(deleted.sent).toHaveLength(1);
    expect(deleted.received).toHaveLength(1);
    const clientLoses = nonceHeads.request === 0;
    // The winner deletes what was replaced, by the SPI that it receives on.
    if (clientLoses) expect(deleted.received).toEqual([old.spiIn]);
    else expect(deleted.sent).toEqual([old.spiOut]);
  });

  it('in every order of arrival', async () => {
    const plays = await everySchedule(7, async (choose, schedule) => {
      const pair = await established(nonceHeads);
      await bothRekey(pair, 'child');
      await carryChosen(pair, choose);
      await pair.advance(SETTLE_MS);
      expect(await faultOf(pair), schedule()).toBeNull();
    });
    expect(plays).toBeGreaterThan(30);
  });

  it('with any two messages lost', () => withTwoLost(nonceHeads, (pair) => bothRekey(pair, 'child')));
});

describe('both rekey the child SA: a client that does not keep to it (section 2.8.1)', () => {
  it('does not delete what it has lost: the gateway does not rekey that again', async () => {
    const pair = await established(OUTCOMES['the client loses']);
    await bothRekey(pair, 'child');
    // Requests and answers, and nothing more from the client.
    for (let step = 0; step < 4; step++) await pair.step();
    const rival = stateOf(pair).children[1]!;
    const ours = stateOf(pair).children[2]!;
    expect(rival.replacedBy).toBe(ours.spiIn);
    expect(ours).toMatchObject({ replacedBy: null, deleting: false });
  });

  it('deletes what has won: what has lost serves after all', async () => {
    const pair = await established(OUTCOMES['the gateway loses']);
    await bothRekey(pair, 'child');
    await pair.step();
    await pair.step();
    const answer = takeOut(pair.toGateway, ({ header }) => header.response);
    const rival = stateOf(pair).children[1]!;
    pair.toClient.splice(0);
    const [deletion] = await forge(pair, ExchangeType.INFORMATIONAL, 3, [
      { type: 'D', protocol: Protocol.ESP, spis: [u32(rival.spiOut)] },
    ]);
    await offer(pair, deletion!);
    await offer(pair, answer);
    const [old, ours, ...more] = stateOf(pair).children;
    expect(more).toEqual([]);
    expect(old).toMatchObject({ replacedBy: ours!.spiIn, deleting: true });
    expect(ours).toMatchObject({ replacedBy: null, deleting: false });
  });
});

describe.each(Object.entries(OUTCOMES))('both rekey the IKE SA, and %s (section 2.8.2)', (_, nonceHeads) => {
  it('ends with one, and knows who the peer is', async () => {
    const pair = await established(nonceHeads);
    const { SPIr, phase } = currentOf(pair);
    await bothRekey(pair, 'ike');
    await pair.drive();
    expect(currentOf(pair).SPIr).not.toBe(SPIr);
    expect(currentOf(pair).phase).toMatchObject({ identity: phase.identity, since: phase.since, member: phase.member });
    expect(currentOf(pair).role).toBe(nonceHeads.request === 0 ? 'initiator' : 'responder');
    await pair.advance(SETTLE_MS);
    expect(await faultOf(pair)).toBeNull();
    expect(kinds(pair)).toEqual(['attempt', 'joined']);
  });

  it('in every order of arrival', async () => {
    const plays = await everySchedule(7, async (choose, schedule) => {
      const pair = await established(nonceHeads);
      await bothRekey(pair, 'ike');
      await carryChosen(pair, choose);
      await pair.advance(SETTLE_MS);
      expect(await faultOf(pair), schedule()).toBeNull();
      expect(kinds(pair), schedule()).toEqual(['attempt', 'joined']);
    });
    expect(plays).toBeGreaterThan(30);
  });

  it('with any two messages lost', () => withTwoLost(nonceHeads, (pair) => bothRekey(pair, 'ike')));

  it('never leaves the peer without a tunnel in the middle', async () => {
    await everySchedule(5, async (choose, schedule) => {
      const pair = await established(nonceHeads);
      await bothRekey(pair, 'ike');
      await carryChosen(pair, (options) => {
        expect(pair.peer.member, schedule()).not.toBeNull();
        expect(stateOf(pair).children.length, schedule()).toBe(1);
        return choose(options);
      });
    });
  });
});

describe('both rekey the IKE SA: messages that cross the decision', () => {
  // The client has lost and deletes its SA, but our own answer is still on its way: the child SAs must not go with it.
  it('a rival that is deleted before our answer comes gives back what had moved there', async () => {
    const pair = await established(OUTCOMES['the client loses']);
    const old = currentOf(pair);
    await bothRekey(pair, 'ike');
    await pair.step();
    const rival = currentOf(pair);
    expect(rival.SPIr).not.toBe(old.SPIr);
    // Our request reaches the client first, and what it answers is held back.
    await pair.step();
    const answer = takeOut(pair.toGateway, ({ header }) => header.response);
    await pair.drive();
    expect(currentOf(pair)).toMatchObject({ SPIr: old.SPIr, phase: { identity: old.phase.identity } });
    expect(onlyChild(pair).ike).toBe(old.SPIr);
    expect(await faultOfTraffic(pair)).toBeNull();
    pair.toGateway.push(answer);
    await pair.drive();
    await pair.advance(SETTLE_MS);
    expect(await faultOf(pair)).toBeNull();
    expect(kinds(pair)).toEqual(['attempt', 'joined']);
  });

  it('asks nothing on a rival that may be deleted yet', async () => {
    const pair = await established(OUTCOMES['the client loses']);
    await bothRekey(pair, 'ike');
    await pair.command({ kind: 'liveness' });
    await pair.command({ kind: 'rekey-child' });
    await pair.step();
    expect(currentOf(pair).outbound).toMatchObject({
      pending: null,
      queue: [{ kind: 'liveness' }, { kind: 'rekey-child' }],
    });
    const { spiIn } = onlyChild(pair);
    await pair.advance(SETTLE_MS);
    expect(onlyChild(pair).spiIn).not.toBe(spiIn);
    expect(await faultOf(pair)).toBeNull();
  });

  // The client's request is answered, and it deletes the old SA before it has seen ours: it never will.
  it('drops its own request with the SA that it was made on', async () => {
    const pair = await established(OUTCOMES['the gateway loses']);
    await pair.runClient(pair.client.rekeyIke(pair.now));
    await pair.command({ kind: 'rekey-ike' });
    const ours = pair.toClient.splice(0);
    await pair.drive();
    expect(
      stateOf(pair)
        .sas.map(({ phase }) => phase.name)
        .sort(),
    ).toEqual(['closed', 'established']);
    pair.toClient.push(...ours);
    await pair.advance(SETTLE_MS);
    expect(await faultOf(pair)).toBeNull();
  });
});

describe('a rekey of the IKE SA against a rekey of a child (section 2.25)', () => {
  it.each([
    ['the client the child', (pair: Pair) => [pair.client.rekeyChild(pair.now), 'rekey-ike'] as const],
    ['the client the IKE SA', (pair: Pair) => [pair.client.rekeyIke(pair.now), 'rekey-child'] as const],
  ])('%s, in every order of arrival', async (_, begin) => {
    await everySchedule(6, async (choose, schedule) => {
      const pair = await established(OUTCOMES['the client loses']);
      const [work, kind] = begin(pair);
      await pair.runClient(work);
      await pair.command({ kind });
      await carryChosen(pair, choose);
      await pair.advance(SETTLE_MS);
      expect(await faultOf(pair), schedule()).toBeNull();
      const { phase } = currentOf(pair);
      expect(phase.rekeyAt, schedule()).toBeGreaterThan(pair.now);
    });
  });

  it.each([
    ['the client deletes the child that the gateway rekeys', 'rekey-child'],
    ['the client deletes the child while the gateway rekeys the IKE SA', 'rekey-ike'],
  ] as const)('%s', async (_, kind) => {
    await everySchedule(6, async (choose, schedule) => {
      const pair = await established(OUTCOMES['the client loses']);
      await pair.runClient(pair.client.deleteChild(pair.now));
      await pair.command({ kind });
      await carryChosen(pair, choose);
      await pair.advance(SETTLE_MS);
      const { children, ikeSas, complaints } = mindOf(pair);
      expect(children.gateway, schedule()).toEqual(children.client);
      expect(ikeSas.gateway, schedule()).toEqual(ikeSas.client);
      expect(ikeSas.client, schedule()).toHaveLength(1);
      expect(complaints, schedule()).toEqual([]);
    });
  });
});

describe('deletes that cross (section 1.4.1)', () => {
  //   HDR, SK {D(SPIa)}  -->     <--  HDR, SK {D(SPIb)}
  //                  <--  HDR, SK {}      HDR, SK {}  -->
  it('of a child: neither names it twice', async () => {
    await everySchedule(6, async (choose, schedule) => {
      // From Windows, which is not asked to rekey, a child is taken back instead.
      const pair = await createPair({ client: { vendorIds: windows().vendorIds! } });
      await pair.establish();
      await pair.runClient(pair.client.deleteChild(pair.now));
      await pair.command({ kind: 'rekey-child' });
      await carryChosen(pair, choose);
      expect(stateOf(pair).children, schedule()).toEqual([]);
      expect(pair.client.session.children.size, schedule()).toBe(0);
      expect(deletesOf(pair, 'received').length + deletesOf(pair, 'sent').length, schedule()).toBe(2);
      expect(deletesOf(pair, 'sent', true), schedule()).toEqual([]);
      expect(deletesOf(pair, 'received', true), schedule()).toEqual([]);
    });
  });

  it('of the IKE SA: the member leaves once, and nothing is left', async () => {
    await everySchedule(6, async (choose, schedule) => {
      const pair = await established(OUTCOMES['the client loses']);
      await pair.runClient(pair.client.close(pair.now));
      await pair.command({ kind: 'terminate', reason: 'ended' });
      await carryChosen(pair, choose);
      await pair.advance(SETTLE_MS);
      expect(kinds(pair), schedule()).toEqual(['attempt', 'joined', 'left', 'gone']);
      expect(pair.peer.checkpoint(), schedule()).toBeNull();
    });
  });
});

describe('the end, while something else is under way', () => {
  // Revocation must not be undone by a rekey whose answer comes later.
  it.each(['rekey-ike', 'rekey-child', 'liveness'] as const)(
    'a member that is told to go during %s stays gone',
    async (kind) => {
      await everySchedule(6, async (choose, schedule) => {
        const pair = await established(OUTCOMES['the client loses']);
        await pair.command({ kind });
        await pair.command({ kind: 'terminate', reason: 'revoked' });
        await carryChosen(pair, (options) => {
          expect(pair.peer.member, schedule()).toBeNull();
          expect(stateOf(pair).children, schedule()).toEqual([]);
          return choose(options);
        });
        await pair.advance(SETTLE_MS);
        expect(kinds(pair), schedule()).toEqual(['attempt', 'joined', 'left', 'gone']);
        expect(pair.client.phase, schedule()).toBe('closed');
      });
    },
  );

  it.each(Object.entries(OUTCOMES))(
    'a member that is told to go while both rekey the IKE SA stays gone: %s',
    async (_, nonceHeads) => {
      await everySchedule(5, async (choose, schedule) => {
        const pair = await established(nonceHeads);
        await bothRekey(pair, 'ike');
        await pair.step();
        await pair.command({ kind: 'terminate', reason: 'revoked' });
        await carryChosen(pair, (options) => {
          expect(pair.peer.member, schedule()).toBeNull();
          return choose(options);
        });
        await pair.advance(SETTLE_MS);
        expect(kinds(pair), schedule()).toEqual(['attempt', 'joined', 'left', 'gone']);
        expect(pair.client.phase, schedule()).toBe('closed');
      });
    },
  );
});

/** The first eight datagrams with each two of them lost. */
async function withTwoLost(nonceHeads: { request: number; answer: number }, begin: (pair: Pair) => Promise<void>) {
  for (let a = 0; a < 8; a++) {
    for (let b = a + 1; b < 8; b++) {
      const pair = await established(nonceHeads);
      const first = pair.carried;
      pair.fault = (index) => (index - first === a || index - first === b ? 'drop' : 'carry');
      await begin(pair);
      await pair.advance(SETTLE_MS);
      pair.fault = null;
      expect(await faultOf(pair), `${a} and ${b} lost\n${pair.client.journal.arrows().join('\n')}`).toBeNull();
    }
  }
}

/** SPIs that were named in Delete payloads for ESP, in requests or in responses. */
function deletesOf(pair: Pair, direction: 'sent' | 'received', response = false): number[] {
  return pair.messages.flatMap((message) =>
    message.direction !== direction || message.response !== response
      ? []
      : (message.inner ?? []).flatMap((p) =>
          p.type === 'D' && p.protocol === Protocol.ESP
            ? p.spis.map((spi) => new DataView(spi.slice().buffer).getUint32(0))
            : [],
        ),
  );
}

function takeOut(queue: Datagram[], which: (message: ReturnType<typeof messageOf>) => boolean): Datagram {
  const at = queue.findIndex((datagram) => which(messageOf(datagram)));
  const [datagram] = queue.splice(at, 1);
  if (at < 0 || datagram === undefined) throw new Error('no such datagram in flight');
  return datagram;
}

describe('these tests', () => {
  it('see both sides say what they should', async () => {
    const pair = await established(OUTCOMES['the client loses']);
    expect(await arrowsOf(pair, () => bothRekey(pair, 'child'))).toContain(
      '<-- HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}',
    );
  });
});
