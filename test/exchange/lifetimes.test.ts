// What time and numbers do to SAs: RFC 7296 sections 2.4 and 2.8, RFC 4303 section 3.3.3.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/octets.ts';
import type { Reservation } from '../../src/peer/marks.ts';
import { Notify } from '../../src/wire/ike-numbers.ts';
import { windows } from '../sim/initiator/clients.ts';
import { address } from '../sim/initiator/identities.ts';
import { espOffer } from '../sim/initiator/proposals.ts';
import { udpPacket } from '../sim/packets.ts';
import { faultOf } from '../sim/settled.ts';
import { createPair, type Pair, type PairWish } from './pair.ts';
import { currentOf, kinds, lefts, onlyChild, stateOf } from './scene.ts';

const HOUR = 3_600_000;
/** IKE SA 4 h, child SAs 1 h. */
const LIFETIMES = { ikeLifetimeSeconds: 14_400, childLifetimeSeconds: 3_600 };

async function established(wish: PairWish = {}): Promise<Pair> {
  const pair = await createPair({ ...wish, member: { ...LIFETIMES, ...wish.member } });
  return pair.establish();
}

describe('the soft lifetime', () => {
  it('of a child: it is rekeyed when nine tenths are over, and not much later', async () => {
    const pair = await established();
    const { spiIn, rekeyAt, createdAt } = onlyChild(pair);
    expect(rekeyAt - createdAt).toBeGreaterThanOrEqual(0.9 * HOUR);
    expect(rekeyAt - createdAt).toBeLessThanOrEqual(0.95 * HOUR);
    expect(pair.peer.deadline()).toBe(rekeyAt);
    await pair.advance(rekeyAt - pair.now - 1);
    expect(onlyChild(pair).spiIn).toBe(spiIn);
    await pair.advance(1);
    await pair.drive();
    expect(onlyChild(pair).spiIn).not.toBe(spiIn);
    expect(onlyChild(pair).createdAt).toBe(pair.now);
    expect(await faultOf(pair)).toBeNull();
  });

  it('of the IKE SA: it is rekeyed, and its children live on', async () => {
    const pair = await established({ member: { childLifetimeSeconds: 28_800 } });
    const { spiIn } = onlyChild(pair);
    const { SPIr, phase } = currentOf(pair);
    await pair.advance(phase.rekeyAt - pair.now);
    await pair.drive();
    expect(currentOf(pair).SPIr).not.toBe(SPIr);
    expect(onlyChild(pair).spiIn).toBe(spiIn);
    expect(currentOf(pair).phase.expiresAt).toBe(pair.now + 4 * HOUR);
    expect(await faultOf(pair)).toBeNull();
  });

  it('is a little different each time, so that not all rekey at once', async () => {
    const times = new Set<number>();
    for (let n = 0; n < 12; n++) times.add(onlyChild(await established()).rekeyAt);
    expect(times.size).toBeGreaterThan(4);
  });

  it('goes on for days', async () => {
    const pair = await established();
    await pair.advance(48 * HOUR);
    expect(kinds(pair)).toEqual(['attempt', 'joined']);
    expect(stateOf(pair).sas).toHaveLength(1);
    expect(await faultOf(pair)).toBeNull();
  });

  it('leaves the rekeying to a client that is earlier', async () => {
    const pair = await established({ client: { childRekeyMs: 0.5 * HOUR, ikeRekeyMs: 3 * HOUR } });
    await pair.advance(24 * HOUR);
    const begun = pair.messages.filter(({ direction, response }) => direction === 'received' && !response);
    expect(begun).toEqual([]);
    expect(await faultOf(pair)).toBeNull();
  });

  // Quirk 5.
  it('never asks Windows', async () => {
    const pair = await established({ auth: 'eap', client: { ...windows(2), whenChildless: 'wait' }, legacy: true });
    await pair.advance(HOUR - 1);
    const begun = () => pair.messages.filter(({ direction, response }) => direction === 'received' && !response);
    expect(begun()).toEqual([]);
    expect(await faultOf(pair)).toBeNull();
    // Nor for the IKE SA: the only thing that it hears in four hours is that its child is over.
    await pair.advance(3 * HOUR - 1000);
    expect(begun().map(({ inner }) => inner?.map(({ type }) => type))).toEqual([['D']]);
  });
});

describe('the hard lifetime', () => {
  it('of a child that nobody rekeys: it is deleted on the minute', async () => {
    const pair = await established({ client: { onChildRekey: Notify.NO_PROPOSAL_CHOSEN } });
    const { expiresAt } = onlyChild(pair);
    expect(expiresAt - pair.now).toBe(HOUR);
    await pair.advance(HOUR - 1);
    expect(stateOf(pair).children).toHaveLength(1);
    await pair.advance(1);
    await pair.drive();
    expect(stateOf(pair).children).toEqual([]);
    expect(pair.client.session.children.size).toBe(0);
    expect(pair.client.established).toBe(true);
  });

  it('of a child at Windows: it is deleted, and Windows makes another', async () => {
    const pair = await established({ auth: 'eap', client: windows(2), legacy: true });
    const { spiIn } = onlyChild(pair);
    await pair.advance(HOUR + 1000);
    expect(onlyChild(pair).spiIn).not.toBe(spiIn);
    expect(await faultOf(pair)).toBeNull();
  });

  it('of the IKE SA: it is deleted, and the member leaves', async () => {
    const pair = await established({ client: { onIkeRekey: Notify.NO_PROPOSAL_CHOSEN } });
    await pair.advance(4 * HOUR - 1);
    expect(lefts(pair)).toEqual([]);
    await pair.advance(1);
    await pair.drive();
    expect(lefts(pair)).toEqual(['lifetime ended']);
    expect(kinds(pair).at(-1)).toBe('gone');
    expect(pair.client.session.ended).toBe('deleted by the gateway');
  });

  it('of the IKE SA: nothing that waits in line goes before its deletion', async () => {
    const pair = await established();
    await pair.advance(1000);
    const { expiresAt } = currentOf(pair).phase;
    pair.fault = (_, to) => (to === 'client' ? 'drop' : 'carry');
    pair.now = expiresAt - 1;
    await pair.command({ kind: 'liveness' });
    await pair.command({ kind: 'rekey-child' });
    pair.now = expiresAt;
    while (pair.peer.deadline()! <= pair.now) await pair.perform(await pair.peer.stepTick(pair.now));
    expect(stateOf(pair).sas[0]!.outbound.queue[0]).toMatchObject({ kind: 'delete-ike' });
  });

  it('of everything, when the client is gone', async () => {
    const pair = await established();
    pair.client.crash();
    await pair.advance(24 * HOUR);
    expect(lefts(pair)).toEqual(['no answer']);
    expect(pair.peer.checkpoint()).toBeNull();
    expect(pair.peer.deadline()).toBeNull();
  });
});

describe('idle time', () => {
  // Idle peers cost nothing: no alarm but for real deadlines.
  it('has no deadline but lifetimes', async () => {
    const pair = await established();
    expect(pair.peer.deadline()).toBe(Math.min(onlyChild(pair).rekeyAt, currentOf(pair).phase.rekeyAt));
  });

  it('is never due twice for the same thing', async () => {
    const pair = await established();
    let ticks = 0;
    const { peer } = pair;
    const stepTick = peer.stepTick.bind(peer);
    peer.stepTick = (now) => {
      ticks++;
      return stepTick(now);
    };
    await pair.advance(24 * HOUR);
    // Each child and each IKE SA of the day, with some repetitions; far from a loop.
    expect(ticks).toBeGreaterThan(20);
    expect(ticks).toBeLessThan(200);
  });

  it('is never due twice for the same thing while nothing is answered', async () => {
    const pair = await established();
    for (let n = 0; n < 10; n++) await pair.runClient(pair.client.moreChildren(pair.now)).then(() => pair.drive());
    pair.fault = (_, to) => (to === 'client' ? 'drop' : 'carry');
    await pair.advance(Math.min(...stateOf(pair).children.map(({ rekeyAt }) => rekeyAt)) - pair.now);
    let ticks = 0;
    const { peer } = pair;
    const stepTick = peer.stepTick.bind(peer);
    peer.stepTick = (now) => {
      ticks++;
      return stepTick(now);
    };
    await pair.advance(62_000);
    expect(ticks).toBeLessThan(30);
  });
});

describe('the end of sequence numbers', () => {
  const NEARLY = Math.floor(0.91 * 2 ** 32);

  /** A peer that has sent as many packets as that. */
  async function far(esp = 'aes256gcm16'): Promise<Pair> {
    const pair = await established({ client: { esp: [espOffer(esp)] } });
    const marks = new Map([[onlyChild(pair).spiIn, { outbound: NEARLY, inbound: 0 }]]);
    pair.peer.woke({ windows: pair.peer.windows(), marks: { marks, path: null } });
    return pair;
  }

  it('of our own: the child is rekeyed, at once', async () => {
    const pair = await far();
    const { spiIn } = onlyChild(pair);
    await pair.sealTo([udpPacket(address('100.64.0.20'), address('100.64.0.10'), utf8('still through'))]);
    expect(pair.peer.deadline()).toBe(0);
    await pair.advance(1000);
    expect(pair.received).toHaveLength(1);
    expect(onlyChild(pair).spiIn).not.toBe(spiIn);
    expect(pair.peer.deadline()).toBeGreaterThan(pair.now);
    expect(await faultOf(pair)).toBeNull();
  });

  it('is far away with extended numbers', async () => {
    const pair = await far('aes256gcm16-esn');
    await pair.sealTo([udpPacket(address('100.64.0.20'), address('100.64.0.10'), utf8('through'))]);
    expect(pair.peer.deadline()).toBeGreaterThan(pair.now);
  });

  it('is reached: nothing is sent any more', async () => {
    const pair = await established();
    const mark = { outbound: 2 ** 32 - 3, inbound: 0 };
    const marks: Reservation = { marks: new Map([[onlyChild(pair).spiIn, mark]]), path: null };
    pair.peer.woke({ windows: pair.peer.windows(), marks });
    const packet = udpPacket(address('100.64.0.20'), address('100.64.0.10'), utf8('one more'));
    await pair.sealTo([packet, packet, packet]);
    expect(pair.toClient).toHaveLength(1);
    expect(pair.peer.status()!.drops).toEqual({ exhausted: 2 });
  });
});
