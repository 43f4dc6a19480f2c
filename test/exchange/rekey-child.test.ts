// Rekeying a child SA, begun by either side: RFC 7296 sections 1.3.3, 2.8, 2.9.2, 2.25.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/octets.ts';
import { OUT_OF_STEP_MS, REFUSED_MS, RETRY_MS } from '../../src/ike/limits.ts';
import { espSpi } from '../../src/wire/esp.ts';
import { ExchangeType, KeId, Notify, Protocol } from '../../src/wire/ike-numbers.ts';
import type { Datagram } from '../../src/wire/path.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { address, everything, selector } from '../sim/initiator/identities.ts';
import { payloadsOf } from '../sim/initiator/journal.ts';
import { notify, u16, u32 } from '../sim/initiator/notify.ts';
import type { InitiatorOptions } from '../sim/initiator/options.ts';
import { espOffer, proposalsOf } from '../sim/initiator/proposals.ts';
import { udpPacket } from '../sim/packets.ts';
import { faultOf } from '../sim/settled.ts';
import { createPair, type Pair } from './pair.ts';
import { answerInstead, arrowsOf, ask, lastAnswer, lefts, notified, onlyChild, stateOf } from './scene.ts';

const OWN = address('100.64.0.10');
const SERVER = address('100.64.0.20');

async function established(client: Partial<InitiatorOptions> = {}): Promise<Pair> {
  const pair = await createPair({ client });
  return pair.establish();
}

const byClient = (pair: Pair) => arrowsOf(pair, () => pair.runClient(pair.client.rekeyChild(pair.now)));
const byGateway = (pair: Pair) => arrowsOf(pair, () => pair.command({ kind: 'rekey-child' }));

async function clientSpeaks(pair: Pair, mark: string, child = pair.client.session.child): Promise<void> {
  await pair.runClient(pair.client.sendPackets([udpPacket(OWN, SERVER, utf8(mark))], pair.now, child));
}

const told = (packets: readonly Uint8Array[]) => packets.map((packet) => new TextDecoder().decode(packet.subarray(28)));

describe('begun by the client', () => {
  // HDR, SK {N(REKEY_SA), SA, Ni, [KEi,] TSi, TSr}  -->
  //                                                 <--  HDR, SK {SA, Nr, [KEr,] TSi, TSr}
  // HDR, SK {D}  -->                                <--  HDR, SK {D}
  it.each([
    ['without PFS', 'aes256gcm16', ['--> HDR, SK {N(REKEY_SA), SA, Ni, TSi, TSr}', '<-- HDR, SK {SA, Nr, TSi, TSr}']],
    [
      'with PFS',
      'aes256gcm16-ecp256',
      ['--> HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}', '<-- HDR, SK {SA, Nr, KEr, TSi, TSr}'],
    ],
  ] as const)('%s', async (_, esp, exchange) => {
    const pair = await established({ esp: [espOffer(esp)] });
    const old = onlyChild(pair);
    expect(await byClient(pair)).toEqual([...exchange, '--> HDR, SK {D(ESP)}', '<-- HDR, SK {D(ESP)}']);
    expect(onlyChild(pair).spiIn).not.toBe(old.spiIn);
    expect(onlyChild(pair).keysIn.encr).not.toEqual(old.keysIn.encr);
    expect(await faultOf(pair)).toBeNull();
  });

  it('loses no packet on the way: the old child serves until the client speaks on the new one', async () => {
    const pair = await established();
    const old = onlyChild(pair);
    await pair.runClient(pair.client.rekeyChild(pair.now));
    await pair.step();
    // The answer is on its way: the client cannot yet hear the new child.
    await pair.sealTo([udpPacket(SERVER, OWN, utf8('before'))]);
    expect(espSpi(pair.toClient.at(-1)!.octets)).toBe(old.spiOut);
    await clientSpeaks(pair, 'on the old one');
    await pair.step();
    await pair.step();
    const young = stateOf(pair).children[1]!;
    await clientSpeaks(pair, 'on the new one');
    const deletion = pair.toGateway.shift()!;
    await pair.step();
    await pair.sealTo([udpPacket(SERVER, OWN, utf8('after'))]);
    expect(espSpi(pair.toClient.at(-1)!.octets)).toBe(young.spiOut);
    pair.toGateway.push(deletion);
    await pair.drive();
    expect(told(pair.delivered)).toEqual(['on the old one', 'on the new one']);
    expect(told(pair.received)).toEqual(['before', 'after']);
    expect(await faultOf(pair)).toBeNull();
  });

  it('is sent on when the old child is deleted, though the client has not spoken', async () => {
    const pair = await established();
    await byClient(pair);
    await pair.sealTo([udpPacket(SERVER, OWN, utf8('first word'))]);
    expect(espSpi(pair.toClient[0]!.octets)).toBe(onlyChild(pair).spiOut);
  });

  // Quirk 4: Windows asks for 0/0 again. RFC 7296 section 2.9.2 forbids less than before.
  it('grants what was granted, however much more is asked for', async () => {
    const pair = await established({ rekeySelectors: 'proposed' });
    const { ours, theirs } = onlyChild(pair);
    await byClient(pair);
    expect(onlyChild(pair)).toMatchObject({ ours, theirs });
    expect(payloadsOf(pair.messages.at(-3)!, 'TSi')[0]!.selectors).toEqual(theirs);
  });

  it('grants no more than was granted, where the client would first have less than it may have', async () => {
    const pair = await established({ TSr: [selector('100.64.0.0/24')] });
    const { ours } = onlyChild(pair);
    await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(onlyChild(pair).spiOut));
    expect(stateOf(pair).children[1]!.ours).toEqual(ours);
    expect(ours).toEqual([selector('100.64.0.0/24')]);
  });

  it('grants less where less is asked for', async () => {
    const pair = await established();
    const { child } = pair.client.session;
    const narrower = [selector('100.64.0.0/24')];
    await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(child!.terms.ownSpi, narrower));
    expect(stateOf(pair).children[1]!.ours).toEqual(narrower);
  });

  //                  <--  HDR, SK {N(CHILD_SA_NOT_FOUND)}, with protocol and SPI
  it('CHILD_SA_NOT_FOUND for one that is not there', async () => {
    const pair = await established();
    const before = stateOf(pair).children;
    const answer = await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(0x7777_7777));
    expect(notified(answer)).toEqual(['CHILD_SA_NOT_FOUND']);
    expect(payloadsOf(answer, 'N')[0]).toMatchObject({ protocol: Protocol.ESP, spi: u32(0x7777_7777) });
    expect(stateOf(pair).children).toEqual(before);
  });

  it('CHILD_SA_NOT_FOUND for our own SPI: the client names the one that it receives on', async () => {
    const pair = await established();
    const answer = await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(onlyChild(pair).spiIn));
    expect(notified(answer)).toEqual(['CHILD_SA_NOT_FOUND']);
  });

  it('takes another child while the old one stays, when the client never deletes it', async () => {
    const pair = await established();
    await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(onlyChild(pair).spiOut));
    const [old, young] = stateOf(pair).children;
    expect(old!.replacedBy).toBe(young!.spiIn);
    // It is not rekeyed any more, and ends with its lifetime.
    expect(pair.peer.deadline()).toBeLessThan(old!.expiresAt);
    expect(pair.peer.deadline()).toBe(young!.rekeyAt);
  });
});

describe('begun by the client, and taken back by it', () => {
  it('leaves the old child as it was: it is rekeyed again in its time', async () => {
    const pair = await established();
    const old = onlyChild(pair);
    await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(old.spiOut));
    await ask(pair, ExchangeType.INFORMATIONAL, [{ type: 'D', protocol: Protocol.ESP, spis: [u32(0x3333_3333)] }]);
    expect(onlyChild(pair)).toEqual(old);
    expect(pair.peer.deadline()).toBeLessThanOrEqual(old.rekeyAt);
  });
});

describe('begun by the gateway', () => {
  const answers = ['--> HDR, SK {SA, Nr, KEr, TSi, TSr}', '--> HDR, SK {SA, Nr, TSi, TSr}'];

  //                             <--  HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}
  // HDR, SK {SA, Nr, [KEr,] TSi, TSr}  -->
  //                             <--  HDR, SK {D}
  // HDR, SK {D}  -->
  it.each([
    ['with PFS', 'aes256gcm16-x25519', answers[0]!, KeId.CURVE25519],
    ['without PFS, where the client wants none', 'aes256gcm16', answers[1]!, KeId.NONE],
  ] as const)('%s', async (_, esp, answer, ke) => {
    const pair = await established({ esp: [espOffer(esp)] });
    const old = onlyChild(pair);
    expect(await byGateway(pair)).toEqual([
      '<-- HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}',
      answer,
      '<-- HDR, SK {D(ESP)}',
      '--> HDR, SK {D(ESP)}',
    ]);
    expect(onlyChild(pair)).toMatchObject({ ours: old.ours, theirs: old.theirs, suite: { ...old.suite, ke } });
    expect(await faultOf(pair)).toBeNull();
  });

  it('loses no packet on the way, and sends on the new child at once', async () => {
    const pair = await established();
    const old = onlyChild(pair);
    await pair.command({ kind: 'rekey-child' });
    await pair.sealTo([udpPacket(SERVER, OWN, utf8('before'))]);
    expect(espSpi(pair.toClient.at(-1)!.octets)).toBe(old.spiOut);
    await pair.step();
    const oldOfClient = [...pair.client.session.children.values()][0]!;
    await pair.step();
    await pair.step();
    const young = stateOf(pair).children[1]!;
    await pair.sealTo([udpPacket(SERVER, OWN, utf8('after'))]);
    expect(espSpi(pair.toClient.at(-1)!.octets)).toBe(young.spiOut);
    // What the client sent on the old child is still heard until the deletion is answered.
    await clientSpeaks(pair, 'late', oldOfClient);
    await pair.drive();
    expect(told(pair.delivered)).toEqual(['late']);
    expect(told(pair.received)).toEqual(['before', 'after']);
    expect(await faultOf(pair)).toBeNull();
  });

  //                             <--  HDR, SK {N(REKEY_SA), SA, Ni, KEi(ECP_256), TSi, TSr}
  // HDR, SK {N(INVALID_KE_PAYLOAD(CURVE25519))}  -->
  it('takes the group that the client asks for', async () => {
    const pair = await established({ esp: [espOffer('aes256gcm16-ecp384')] });
    expect(await byGateway(pair)).toEqual([
      '<-- HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}',
      '--> HDR, SK {N(INVALID_KE_PAYLOAD)}',
      '<-- HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}',
      '--> HDR, SK {SA, Nr, KEr, TSi, TSr}',
      '<-- HDR, SK {D(ESP)}',
      '--> HDR, SK {D(ESP)}',
    ]);
    expect(onlyChild(pair).suite.ke).toBe(KeId.ECP_384);
    expect(await faultOf(pair)).toBeNull();
  });

  it('does not run in circles with a client that asks for the same group again', async () => {
    const pair = await established();
    answerInstead(pair, () => [notify(Notify.INVALID_KE_PAYLOAD, u16(KeId.CURVE25519))]);
    expect(await byGateway(pair)).toHaveLength(2);
    expect(onlyChild(pair).rekeyAt).toBeGreaterThanOrEqual(pair.now + REFUSED_MS);
  });

  it('does not take a group that is too weak', async () => {
    const pair = await established();
    answerInstead(pair, () => [notify(Notify.INVALID_KE_PAYLOAD, u16(KeId.MODP_1024))]);
    expect(await byGateway(pair)).toHaveLength(2);
  });

  it('TEMPORARY_FAILURE: asks again in a while, by chance', async () => {
    const pair = await established({ onChildRekey: Notify.TEMPORARY_FAILURE });
    await byGateway(pair);
    Object.assign(pair.client.session.options, { onChildRekey: 'accept' });
    const again = onlyChild(pair).rekeyAt - pair.now;
    expect(again).toBeGreaterThanOrEqual(RETRY_MS);
    expect(again).toBeLessThanOrEqual(2 * RETRY_MS);
    await pair.advance(again);
    expect(onlyChild(pair).createdAt).toBe(pair.now);
    expect(await faultOf(pair)).toBeNull();
  });

  // "MUST conclude that the state information is out of sync and close the IKE SA" (RFC 7296 section 2.25).
  it('TEMPORARY_FAILURE for minutes: the two sides are out of step', async () => {
    const pair = await established({ onChildRekey: Notify.TEMPORARY_FAILURE });
    await byGateway(pair);
    await pair.advance(OUT_OF_STEP_MS - 1000);
    expect(pair.client.established).toBe(true);
    await pair.advance(2 * RETRY_MS + 1000);
    expect(lefts(pair)).toEqual(['out of step']);
    expect(pair.client.session.ended).toBe('deleted by the gateway');
    expect(pair.peer.checkpoint()).toBeNull();
  });

  it('any other refusal: asks again each minute, and keeps the child until its end', async () => {
    const pair = await established({ onChildRekey: Notify.NO_PROPOSAL_CHOSEN });
    const { rekeyAt, expiresAt, spiIn } = onlyChild(pair);
    await pair.advance(rekeyAt - pair.now);
    expect(onlyChild(pair).rekeyAt).toBeGreaterThanOrEqual(rekeyAt + REFUSED_MS);
    await pair.advance(expiresAt - pair.now - 1000);
    expect(onlyChild(pair).spiIn).toBe(spiIn);
    await pair.advance(2000);
    expect(stateOf(pair).children).toEqual([]);
    expect(pair.client.session.children.size).toBe(0);
    expect(pair.client.established).toBe(true);
  });

  describe('CHILD_SA_NOT_FOUND for a child of which the client may not have seen the answer that makes it', () => {
    /** The client has rekeyed the child; the answer is on its way, and the gateway rekeys what came of it. */
    async function crossing(): Promise<{ pair: Pair; answer: Datagram[] }> {
      const pair = await established();
      await pair.runClient(pair.client.rekeyChild(pair.now));
      await pair.step();
      const answer = pair.toClient.splice(0);
      const young = stateOf(pair).children[1]!;
      answerInstead(pair, () => [notFound(young.spiIn)]);
      expect(await byGateway(pair)).toEqual([
        '<-- HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}',
        '--> HDR, SK {N(CHILD_SA_NOT_FOUND)}',
      ]);
      return { pair, answer };
    }

    it('keeps it, and asks again in a while', async () => {
      const { pair, answer } = await crossing();
      const young = stateOf(pair).children[1]!;
      expect(young.deleting).toBe(false);
      pair.toClient.push(...answer);
      await pair.drive();
      expect(await faultOf(pair)).toBeNull();
      await pair.advance(2 * RETRY_MS);
      expect(onlyChild(pair).spiIn).not.toBe(young.spiIn);
      expect(onlyChild(pair).createdAt).toBeGreaterThanOrEqual(pair.now - 2 * RETRY_MS);
      expect(await faultOf(pair)).toBeNull();
    });

    it('tells the client that it goes when that is refused again', async () => {
      const { pair } = await crossing();
      // Its own request is not answered all the while, and it does not repeat it.
      pair.fault = (_, to) => (to === 'gateway' ? 'drop' : 'carry');
      const young = stateOf(pair).children[1]!;
      pair.now = young.rekeyAt;
      await pair.perform(await pair.peer.stepTick(pair.now));
      pair.fault = null;
      answerInstead(pair, () => [notFound(young.spiIn)]);
      const arrows = await arrowsOf(pair, async () => {});
      expect(arrows.slice(1, 3)).toEqual(['--> HDR, SK {N(CHILD_SA_NOT_FOUND)}', '<-- HDR, SK {D(ESP)}']);
      expect(deletedBy(pair)).toContain(young.spiIn);
      expect(stateOf(pair).children.map(({ spiIn }) => spiIn)).not.toContain(young.spiIn);
    });
  });

  it('CHILD_SA_NOT_FOUND: the client has forgotten it, and so does the gateway', async () => {
    const pair = await established({ onChildRekey: Notify.CHILD_SA_NOT_FOUND });
    await pair.runClient(pair.client.liveness(pair.now));
    await pair.drive();
    await byGateway(pair);
    expect(stateOf(pair).children).toEqual([]);
    expect(pair.peer.member).not.toBeNull();
  });

  const unusable: Record<string, (payloads: readonly Payload[]) => readonly Payload[]> = {
    'no nonce': (payloads) => payloads.filter(({ type }) => type !== 'NONCE'),
    'no KE for the group that it chose': (payloads) => payloads.filter(({ type }) => type !== 'KE'),
    'wider selectors': (payloads) => payloads.map((p) => (p.type === 'TSr' ? { ...p, selectors: everything() } : p)),
    'no selectors': (payloads) => payloads.map((p) => (p.type === 'TSi' ? { ...p, selectors: [] } : p)),
    'an SPI of eight octets': (payloads) => withProposal(payloads, { spi: new Uint8Array(8).fill(9) }),
    'a reserved SPI': (payloads) => withProposal(payloads, { spi: u32(200) }),
    'a proposal that was not made': (payloads) => withProposal(payloads, { number: 7 }),
    'a transform that was not offered': (payloads) =>
      withProposal(payloads, { transforms: espOffer('aes128gcm16-x25519') }),
  };

  it.each(Object.entries(unusable))(
    'an answer with %s is taken back, and the old child serves on',
    async (_, change) => {
      const pair = await established({ esp: [espOffer('aes256gcm16-x25519')] });
      const old = onlyChild(pair);
      answerInstead(pair, change);
      const arrows = await byGateway(pair);
      expect(arrows.slice(2)).toEqual(['<-- HDR, SK {D(ESP)}', '--> HDR, SK {D(ESP)}']);
      expect(onlyChild(pair)).toMatchObject({ spiIn: old.spiIn, deleting: false, replacedBy: null });
      expect(onlyChild(pair).rekeyAt).toBeGreaterThanOrEqual(pair.now + REFUSED_MS);
      await pair.advance(REFUSED_MS + RETRY_MS);
      expect(onlyChild(pair).spiIn).not.toBe(old.spiIn);
      expect(await faultOf(pair)).toBeNull();
    },
  );

  it('keeps the new child when the client has deleted the old one before its answer comes', async () => {
    const pair = await established();
    const { spiOut } = onlyChild(pair);
    await pair.command({ kind: 'rekey-child' });
    await pair.step();
    const answer = pair.toGateway.shift()!;
    // A client that deletes what it sees replaced, as it should not.
    await ask(pair, ExchangeType.INFORMATIONAL, [{ type: 'D', protocol: Protocol.ESP, spis: [u32(spiOut)] }]);
    pair.client.session.children.delete(spiOut);
    expect(stateOf(pair).children).toEqual([]);
    pair.toGateway.push(answer);
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
  });
});

describe('RFC 7296 section 2.25.1', () => {
  // The gateway rekeys, the client has answered, and rekeys what it has just made: N(TEMPORARY_FAILURE).
  it('refuses to rekey a child of which the answer is still on its way', async () => {
    const pair = await established();
    await pair.command({ kind: 'rekey-child' });
    await pair.step();
    const answer = pair.toGateway.splice(0);
    const young = [...pair.client.session.children.keys()].at(-1)!;
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(young)))).toEqual(['TEMPORARY_FAILURE']);
    pair.toGateway.push(...answer);
    await pair.drive();
    expect(onlyChild(pair).spiOut).toBe(young);
    expect(await faultOf(pair)).toBeNull();
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(0x7777_7777)))).toEqual([
      'CHILD_SA_NOT_FOUND',
    ]);
  });

  // The child is being deleted by the gateway: N(TEMPORARY_FAILURE).
  it('refuses to rekey a child that it is deleting', async () => {
    const pair = await established({ onChildRekey: Notify.NO_PROPOSAL_CHOSEN });
    await pair.advance(onlyChild(pair).expiresAt - pair.now - 1);
    await pair.drive();
    pair.fault = (_, to) => (to === 'client' ? 'drop' : 'carry');
    pair.now += 1;
    await pair.perform(await pair.peer.stepTick(pair.now));
    await pair.drive();
    expect(onlyChild(pair).deleting).toBe(true);
    pair.fault = null;
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(onlyChild(pair).spiOut)))).toEqual([
      'TEMPORARY_FAILURE',
    ]);
    expect(lastAnswer(pair).exchange).toBe(ExchangeType.CREATE_CHILD_SA);
  });

  // The IKE SA is being rekeyed by the gateway: N(TEMPORARY_FAILURE).
  it('refuses new and rekeyed children while it rekeys the IKE SA', async () => {
    const pair = await established();
    await pair.command({ kind: 'rekey-ike' });
    const request = pair.toClient.splice(0);
    const { spiOut } = onlyChild(pair);
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(spiOut)))).toEqual(['TEMPORARY_FAILURE']);
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(spiOut).slice(1)))).toEqual([
      'TEMPORARY_FAILURE',
    ]);
    pair.toClient.push(...request);
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
  });

  // The IKE SA is being deleted by the gateway: N(TEMPORARY_FAILURE).
  it('refuses everything while it deletes the IKE SA', async () => {
    const pair = await established();
    await pair.command({ kind: 'terminate', reason: 'revoked' });
    pair.toClient.splice(0);
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf(5000)))).toEqual(['TEMPORARY_FAILURE']);
    expect(stateOf(pair).children).toEqual([]);
  });
});

function notFound(spi: number): Payload {
  return notify(Notify.CHILD_SA_NOT_FOUND, undefined, Protocol.ESP, u32(spi));
}

/** SPIs that the gateway has named in Delete requests. */
function deletedBy(pair: Pair): number[] {
  const requests = pair.messages.filter(({ direction, response }) => direction === 'received' && !response);
  return requests.flatMap((message) =>
    payloadsOf(message, 'D').flatMap(({ spis }) => spis.map((spi) => new DataView(spi.slice().buffer).getUint32(0))),
  );
}

/** A request to rekey the child that the client receives on `spi`. */
function rekeyOf(spi: number, TSr = everything()): Payload[] {
  return [
    notify(Notify.REKEY_SA, undefined, Protocol.ESP, u32(spi)),
    { type: 'SA', proposals: proposalsOf(Protocol.ESP, [espOffer('aes256gcm16')], u32(0x3333_3333)) },
    { type: 'NONCE', data: new Uint8Array(32).fill(3) },
    { type: 'TSi', selectors: everything() },
    { type: 'TSr', selectors: TSr },
  ];
}

function withProposal(payloads: readonly Payload[], change: object): readonly Payload[] {
  return payloads.map((p) => (p.type === 'SA' ? { ...p, proposals: [{ ...p.proposals[0]!, ...change }] } : p));
}
