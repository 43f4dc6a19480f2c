// CREATE_CHILD_SA for a further child SA, RFC 7296 sections 1.3.1 and 2.9.

import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../src/bytes/octets.ts';
import { CHILDREN, SELECTORS_HELD } from '../../src/ike/limits.ts';
import { ExchangeType, KeId, Notify, Protocol } from '../../src/wire/ike-numbers.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { address, everything, selector } from '../sim/initiator/identities.ts';
import { payloadsOf } from '../sim/initiator/journal.ts';
import { notify, u32 } from '../sim/initiator/notify.ts';
import { espOffer, proposalsOf } from '../sim/initiator/proposals.ts';
import { udpPacket } from '../sim/packets.ts';
import { faultOfTraffic } from '../sim/settled.ts';
import { createPair, type Pair } from './pair.ts';
import { ask, lastAnswer, notified, stateOf } from './scene.ts';

async function established(esp = ['aes256gcm16']): Promise<Pair> {
  const pair = await createPair({ client: { esp: esp.map(espOffer) } });
  return pair.establish();
}

async function oneMore(pair: Pair): Promise<string[]> {
  const before = pair.client.journal.arrows().length;
  await pair.runClient(pair.client.moreChildren(pair.now));
  await pair.drive();
  return pair.client.journal.arrows().slice(before);
}

/** What a request for a child SA holds, to be altered. */
function wish(spi = 0x1234_5678, esp = 'aes256gcm16'): Payload[] {
  return [
    { type: 'SA', proposals: proposalsOf(Protocol.ESP, [espOffer(esp)], u32(spi)) },
    { type: 'NONCE', data: new Uint8Array(32).fill(7) },
    { type: 'TSi', selectors: everything() },
    { type: 'TSr', selectors: everything() },
  ];
}

describe('a further child SA', () => {
  // HDR, SK {SA, Ni, TSi, TSr}  -->
  //                             <--  HDR, SK {SA, Nr, TSi, TSr}
  it('without PFS', async () => {
    const pair = await established();
    expect(await oneMore(pair)).toEqual(['--> HDR, SK {SA, Ni, TSi, TSr}', '<-- HDR, SK {SA, Nr, TSi, TSr}']);
    expect(stateOf(pair).children.map(({ suite }) => suite.ke)).toEqual([KeId.NONE, KeId.NONE]);
    expect(await faultOfTraffic(pair)).toBeNull();
  });

  // HDR, SK {SA, Ni, KEi, TSi, TSr}  -->
  //                                  <--  HDR, SK {SA, Nr, KEr, TSi, TSr}
  it.each([
    ['x25519', KeId.CURVE25519],
    ['ecp256', KeId.ECP_256],
    ['ecp384', KeId.ECP_384],
    ['modp2048', KeId.MODP_2048],
  ] as const)('with PFS by %s', async (group, ke) => {
    const pair = await established([`aes256gcm16-${group}`]);
    expect(await oneMore(pair)).toEqual(['--> HDR, SK {SA, Ni, KEi, TSi, TSr}', '<-- HDR, SK {SA, Nr, KEr, TSi, TSr}']);
    expect(stateOf(pair).children[1]!.suite.ke).toBe(ke);
    expect(await faultOfTraffic(pair)).toBeNull();
  });

  it('with a suite of its own, and extended sequence numbers', async () => {
    const pair = await established(['aes128-sha384-esn']);
    await oneMore(pair);
    expect(pair.peer.status()!.esp).toEqual(['AES_CBC_128/HMAC_SHA2_384_192/ESN']);
    expect(await faultOfTraffic(pair)).toBeNull();
  });

  // HDR, SK {SA, Ni, KEi(ECP_521), TSi, TSr}  -->
  //                                           <--  HDR, SK {N(INVALID_KE_PAYLOAD(CURVE25519))}
  it('asks for another group', async () => {
    const pair = await established(['aes256gcm16-ecp521-x25519']);
    expect(await oneMore(pair)).toEqual([
      '--> HDR, SK {SA, Ni, KEi, TSi, TSr}',
      '<-- HDR, SK {N(INVALID_KE_PAYLOAD)}',
      '--> HDR, SK {SA, Ni, KEi, TSi, TSr}',
      '<-- HDR, SK {SA, Nr, KEr, TSi, TSr}',
    ]);
    expect(stateOf(pair).children[1]!.suite.ke).toBe(KeId.CURVE25519);
  });

  it('asks for the KE payload that its proposal promises', async () => {
    const pair = await established();
    const answer = await ask(pair, ExchangeType.CREATE_CHILD_SA, wish(0x1234_5678, 'aes256gcm16-x25519'));
    expect(notified(answer)).toEqual(['INVALID_KE_PAYLOAD']);
    expect(payloadsOf(answer, 'N')[0]!.data).toEqual(Uint8Array.of(0, KeId.CURVE25519));
  });

  it('takes PFS as optional where NONE is offered beside groups', async () => {
    const pair = await established();
    const answer = await ask(pair, ExchangeType.CREATE_CHILD_SA, wish(0x1234_5678, 'aes256gcm16-x25519-nopfs'));
    expect(payloadsOf(answer, 'KE')).toEqual([]);
    expect(stateOf(pair).children[1]!.suite.ke).toBe(KeId.NONE);
  });

  it('carries what its selectors say, beside the others', async () => {
    const pair = await established();
    const TSi = [selector('100.64.0.10/32', 17)];
    const TSr = [selector('10.7.0.0/16', 17)];
    await pair.runClient(pair.client.moreChildren(pair.now, { TSi, TSr }));
    await pair.drive();
    const child = [...pair.client.session.children.values()][1]!;
    const inside = udpPacket(address('100.64.0.10'), address('10.7.1.1'), utf8('inside'));
    const outside = udpPacket(address('100.64.0.10'), address('10.8.1.1'), utf8('outside'));
    await pair.runClient(pair.client.sendPackets([inside, outside], pair.now, child));
    await pair.drive();
    expect(pair.delivered).toEqual([inside]);
    expect(pair.peer.status()!.drops).toEqual({ 'outside-selectors': 1 });
  });

  it('has a slot of its own, below the route number', async () => {
    const pair = await established();
    for (let n = 0; n < 5; n++) await oneMore(pair);
    const spis = stateOf(pair).children.map(({ spiIn }) => spiIn);
    expect(new Set(spis).size).toBe(6);
    expect(spis.every((spi) => spi >>> 8 === pair.peer.route)).toBe(true);
  });
});

describe('a slot that is kept for a rekey of the gateway', () => {
  it('is given to nobody else before the answer comes', async () => {
    const pair = await established();
    await pair.command({ kind: 'rekey-child' });
    const request = pair.toClient.splice(0);
    const { pending } = stateOf(pair).sas[0]!.outbound;
    const { newSpiIn } = pending!.request as { newSpiIn: number };
    // Once around: each child that is made takes the next slot.
    const given = new Set<number>();
    for (let n = 0; n < 256; n++) {
      await ask(pair, ExchangeType.CREATE_CHILD_SA, wish(0x2000_0000 + n));
      const made = stateOf(pair).children.at(-1)!;
      given.add(made.spiIn);
      await ask(pair, ExchangeType.INFORMATIONAL, [{ type: 'D', protocol: Protocol.ESP, spis: [u32(made.spiOut)] }]);
    }
    expect(given.size).toBe(254);
    expect(given).not.toContain(newSpiIn);
    pair.toClient.push(...request);
    await pair.drive();
    expect(pair.client.journal.complaints).toEqual([]);
  });
});

describe('refusals', () => {
  //                             <--  HDR, SK {N(NO_ADDITIONAL_SAS)}
  it('NO_ADDITIONAL_SAS beyond the limit; what there is may be rekeyed all the same', async () => {
    const pair = await established();
    while (stateOf(pair).children.length < CHILDREN) await oneMore(pair);
    expect((await oneMore(pair)).at(-1)).toBe('<-- HDR, SK {N(NO_ADDITIONAL_SAS)}');
    expect(stateOf(pair).children).toHaveLength(CHILDREN);
    await pair.runClient(pair.client.rekeyChild(pair.now));
    await pair.drive();
    expect(pair.client.session.childRefusal).toBeNull();
    expect(stateOf(pair).children).toHaveLength(CHILDREN);
    expect(await faultOfTraffic(pair)).toBeNull();
  });

  it('never runs out of slots, even when the client rekeys and deletes nothing', async () => {
    const pair = await established();
    const spi = stateOf(pair).children[0]!.spiOut;
    const rekey = notify(Notify.REKEY_SA, undefined, Protocol.ESP, u32(spi));
    let answer = '';
    let asked = 0;
    for (; asked < 300 && !answer.includes('NO_ADDITIONAL_SAS'); asked++) {
      await ask(pair, ExchangeType.CREATE_CHILD_SA, [rekey, ...wish(0x2000_0000 + asked)]);
      answer = notified(lastAnswer(pair)).join();
    }
    expect(answer).toBe('NO_ADDITIONAL_SAS');
    const spis = stateOf(pair).children.map(({ spiIn }) => spiIn);
    expect(spis).toHaveLength(3 * CHILDREN);
    expect(new Set(spis).size).toBe(spis.length);
  });

  it('NO_ADDITIONAL_SAS when all traffic selectors together are too many to keep', async () => {
    const pair = await established();
    const TSr = Array.from({ length: 200 }, (_, n) => selector('100.64.0.0/16', 17, 2 * n, 2 * n));
    let answer = '';
    let asked = 0;
    for (; asked < 40 && answer === ''; asked++) {
      const payloads = wish(0x2000_0000 + asked).map((p) => (p.type === 'TSr' ? { ...p, selectors: TSr } : p));
      answer = notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, payloads)).join();
    }
    expect(answer).toBe('NO_ADDITIONAL_SAS');
    expect(stateOf(pair).children.at(-1)!.ours).toHaveLength(200);
    const held = stateOf(pair).children.reduce((sum, { ours, theirs }) => sum + ours.length + theirs.length, 0);
    expect(held).toBeLessThanOrEqual(SELECTORS_HELD);
    expect(await faultOfTraffic(pair)).toBeNull();
  });

  const refused: Record<string, [(payloads: Payload[]) => readonly Payload[], string]> = {
    'no suite in common': [() => wish(0x1234_5678, '3des-sha1'), 'NO_PROPOSAL_CHOSEN'],
    'AH only': [
      (payloads) =>
        payloads.map((p) =>
          p.type === 'SA' ? { ...p, proposals: p.proposals.map((one) => ({ ...one, protocol: Protocol.AH })) } : p,
        ),
      'NO_PROPOSAL_CHOSEN',
    ],
    'selectors outside of all that is allowed': [
      (payloads) => payloads.map((p) => (p.type === 'TSr' ? { ...p, selectors: [selector('192.0.2.0/24')] } : p)),
      'TS_UNACCEPTABLE',
    ],
    'a reserved SPI': [() => wish(255), 'INVALID_SYNTAX'],
    'no nonce': [(payloads) => payloads.filter(({ type }) => type !== 'NONCE'), 'INVALID_SYNTAX'],
    'no TSr': [(payloads) => payloads.filter(({ type }) => type !== 'TSr'), 'INVALID_SYNTAX'],
    'two SA payloads': [(payloads) => [payloads[0]!, ...payloads], 'INVALID_SYNTAX'],
    'a public value that is none': [
      () => [
        ...wish(0x1234_5678, 'aes256gcm16-ecp256'),
        { type: 'KE', method: KeId.ECP_256, data: new Uint8Array(64) },
      ],
      'INVALID_SYNTAX',
    ],
    'a critical payload that nobody knows': [
      (payloads) => [...payloads, { type: 'UNKNOWN', payloadType: 99, critical: true, data: new Uint8Array(0) }],
      'UNSUPPORTED_CRITICAL_PAYLOAD',
    ],
  };

  it.each(Object.entries(refused))('%s', async (_, [change, name]) => {
    const pair = await established();
    const before = stateOf(pair).children;
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, change(wish())))).toEqual([name]);
    expect(stateOf(pair).children).toEqual(before);
    expect(await faultOfTraffic(pair)).toBeNull();
  });
});

describe('what is asked beside', () => {
  // Transport mode is a wish; who does not grant it says nothing (RFC 7296 section 1.3.1).
  it('makes a tunnel where transport mode was wished for', async () => {
    const pair = await established();
    const extra = [notify(Notify.USE_TRANSPORT_MODE), notify(Notify.IPCOMP_SUPPORTED, concat(new Uint8Array(3)))];
    const answer = await ask(pair, ExchangeType.CREATE_CHILD_SA, [...extra, ...wish()]);
    expect(notified(answer)).toEqual([]);
    expect(stateOf(pair).children).toHaveLength(2);
  });
});
