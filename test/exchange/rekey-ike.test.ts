// Rekeying the IKE SA, begun by either side: RFC 7296 sections 1.3.2, 2.8, 2.18, 2.25.2.

import { describe, expect, it } from 'vitest';
import { IKE_SAS, OUT_OF_STEP_MS, REFUSED_MS, REPLACED_MS, RETRY_MS } from '../../src/ike/limits.ts';
import { chooseIke } from '../../src/ike/proposal.ts';
import { ExchangeType, KeId, Notify, PrfId, Protocol } from '../../src/wire/ike-numbers.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { notify, u16, u64 } from '../sim/initiator/notify.ts';
import type { InitiatorOptions } from '../sim/initiator/options.ts';
import { ikeOffer, proposalsOf } from '../sim/initiator/proposals.ts';
import { faultOf, faultOfTraffic } from '../sim/settled.ts';
import { createPair, type Pair, type PairWish } from './pair.ts';
import { answerInstead, arrowsOf, ask, currentOf, kinds, lefts, notified, onlyChild, stateOf } from './scene.ts';

async function established(client: Partial<InitiatorOptions> = {}, wish: PairWish = {}): Promise<Pair> {
  const pair = await createPair({ ...wish, client });
  return pair.establish();
}

const byClient = (pair: Pair, ke?: number) => arrowsOf(pair, () => pair.runClient(pair.client.rekeyIke(pair.now, ke)));
const byGateway = (pair: Pair) => arrowsOf(pair, () => pair.command({ kind: 'rekey-ike' }));

describe('begun by the client', () => {
  // HDR, SK {SA, Ni, KEi}  -->
  //                        <--  HDR, SK {SA, Nr, KEr}
  // HDR, SK {D(IKE)}  -->  <--  HDR, SK {}
  it('moves the child SAs to the new IKE SA, which counts from 0 and keeps the route', async () => {
    const pair = await established();
    const old = currentOf(pair);
    const child = onlyChild(pair);
    expect(await byClient(pair)).toEqual([
      '--> HDR, SK {SA, Ni, KEi}',
      '<-- HDR, SK {SA, Nr, KEr}',
      '--> HDR, SK {D(IKE)}',
      '<-- HDR, SK {}',
    ]);
    const young = currentOf(pair);
    expect(young).toMatchObject({ role: 'responder', path: old.path, traits: old.traits });
    expect(young.SPIr >> 40n).toBe(BigInt(pair.peer.route));
    expect(young.SPIr).not.toBe(old.SPIr);
    expect(young.inbound.nextId).toBe(0);
    expect(young.keys.SK_d).not.toEqual(old.keys.SK_d);
    expect(onlyChild(pair)).toEqual({ ...child, ike: young.SPIr });
    expect(await faultOf(pair)).toBeNull();
    expect(kinds(pair)).toEqual(['attempt', 'joined']);
  });

  it('keeps who the peer is, and since when', async () => {
    const pair = await established();
    const { identity, since } = currentOf(pair).phase;
    await pair.advance(60_000);
    await byClient(pair);
    expect(currentOf(pair).phase).toMatchObject({ identity, since });
    expect(identity).toBe('laptop.office.example');
  });

  it('rekeys its children with the new SK_d', async () => {
    const pair = await established();
    await byClient(pair);
    await arrowsOf(pair, () => pair.runClient(pair.client.rekeyChild(pair.now)));
    await arrowsOf(pair, () => pair.command({ kind: 'rekey-child' }));
    expect(await faultOf(pair)).toBeNull();
  });

  it('takes another suite, hash included', async () => {
    const pair = await established({
      ike: ['aes256gcm16-prfsha256-x25519', 'aes128-sha384-modp2048'].map(ikeOffer),
    });
    Object.assign(pair.client.session.options, { ike: [ikeOffer('aes128-sha384-modp2048')] });
    await byClient(pair, KeId.MODP_2048);
    expect(currentOf(pair).suite).toMatchObject({ prf: PrfId.HMAC_SHA2_384, ke: KeId.MODP_2048, encrKeyBits: 128 });
    await byClient(pair, KeId.MODP_2048);
    expect(await faultOf(pair)).toBeNull();
  });

  // strongSwan 5.9.8 derives other keys than we do when the PRF changes.
  it.each([
    ['in one proposal', ['aes128-sha256-prfsha256-prfsha384-x25519']],
    ['in a later proposal', ['aes256gcm16-prfsha256-x25519', 'aes128-sha256-prfsha384-x25519']],
  ])('keeps the PRF that the client offers %s', async (_, offers) => {
    const pair = await established({ ike: [ikeOffer('aes128-sha256-prfsha384-x25519')] });
    Object.assign(pair.client.session.options, { ike: offers.map(ikeOffer) });
    await byClient(pair);
    expect(currentOf(pair).role).toBe('responder');
    expect(currentOf(pair).suite.prf).toBe(PrfId.HMAC_SHA2_384);
    expect(await faultOf(pair)).toBeNull();
  });

  it('keeps no PRF that the network would not take', () => {
    const proposals = proposalsOf(Protocol.IKE, [ikeOffer('aes128-sha256-prfsha1-prfsha256-x25519')], u64(9n));
    const chosen = (legacy: boolean) => chooseIke(proposals, legacy, KeId.CURVE25519, PrfId.HMAC_SHA1)?.suite.prf;
    expect([chosen(false), chosen(true)]).toEqual([PrfId.HMAC_SHA2_256, PrfId.HMAC_SHA1]);
  });

  // HDR, SK {SA, Ni, KEi(ECP_521)}  -->
  //                                 <--  HDR, SK {N(INVALID_KE_PAYLOAD(CURVE25519))}
  it('asks for another group', async () => {
    const pair = await established({ ike: [ikeOffer('aes256gcm16-prfsha256-ecp521-x25519')] });
    expect((await byClient(pair, KeId.ECP_521)).slice(0, 4)).toEqual([
      '--> HDR, SK {SA, Ni, KEi}',
      '<-- HDR, SK {N(INVALID_KE_PAYLOAD)}',
      '--> HDR, SK {SA, Ni, KEi}',
      '<-- HDR, SK {SA, Nr, KEr}',
    ]);
    expect(await faultOf(pair)).toBeNull();
  });

  const refused: Record<string, [Payload[], string]> = {
    'no suite in common': [rekeyOf('3des-sha1-modp1024'), 'NO_PROPOSAL_CHOSEN'],
    'a weak group, with the switch off': [rekeyOf('aes256-sha256-modp1024', KeId.MODP_1024), 'NO_PROPOSAL_CHOSEN'],
    'no KE': [rekeyOf().slice(0, 2), 'INVALID_SYNTAX'],
    'the SPI 0': [rekeyOf(undefined, undefined, new Uint8Array(8)), 'INVALID_SYNTAX'],
    'no SPI': [rekeyOf(undefined, undefined, new Uint8Array(0)), 'INVALID_SYNTAX'],
    'a public value of another length': [
      [...rekeyOf().slice(0, 2), { type: 'KE', method: KeId.CURVE25519, data: new Uint8Array(31) }],
      'INVALID_SYNTAX',
    ],
  };

  it.each(Object.entries(refused))('refuses %s', async (_, [payloads, name]) => {
    const pair = await established();
    const before = stateOf(pair).sas.map(({ SPIr, phase }) => ({ SPIr, phase }));
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, payloads))).toEqual([name]);
    expect(stateOf(pair).sas.map(({ SPIr, phase }) => ({ SPIr, phase }))).toEqual(before);
    expect(await faultOf(pair)).toBeNull();
  });

  it('refuses everything but its deletion on the SA that was replaced', async () => {
    const pair = await established();
    const answer = await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf());
    expect(notified(answer)).toEqual([]);
    // The client of this test knows nothing of the new SA, and goes on with the old one.
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf()))).toEqual(['TEMPORARY_FAILURE']);
    expect(stateOf(pair).sas.map(({ phase }) => phase.name)).toEqual(['replaced', 'established']);
    expect(onlyChild(pair).ike).toBe(stateOf(pair).sas[1]!.SPIr);
  });

  it('is refused when SAs that were replaced pile up, until their time is over', async () => {
    const pair = await established();
    for (let n = 0; n < 20; n++) {
      await pair.runClient(pair.client.rekeyIke(pair.now));
      await pair.drive();
    }
    expect(stateOf(pair).sas.length).toBeLessThanOrEqual(IKE_SAS);
    expect(pair.client.session.childRefusal).toBe('TEMPORARY_FAILURE');
    await pair.advance(100_000);
    expect(await faultOf(pair)).toBeNull();
  });

  it('deletes the old SA itself when the client does not', async () => {
    const pair = await established();
    await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf());
    const arrows = await arrowsOf(pair, () => pair.advance(REPLACED_MS));
    expect(arrows).toEqual(['<-- HDR, SK {D(IKE)}', '--> HDR, SK {}']);
    expect(stateOf(pair).sas.map(({ phase }) => phase.name)).toEqual(['established']);
    expect(lefts(pair)).toEqual([]);
    expect(stateOf(pair).children).toHaveLength(1);
  });
});

describe('begun by the gateway', () => {
  //                            <--  HDR, SK {SA, Ni, KEi}
  // HDR, SK {SA, Nr, KEr}  -->
  //                            <--  HDR, SK {D(IKE)}
  // HDR, SK {}  -->
  it('makes the gateway the original initiator, and moves the child SAs', async () => {
    const pair = await established();
    const old = currentOf(pair);
    expect(await byGateway(pair)).toEqual([
      '<-- HDR, SK {SA, Ni, KEi}',
      '--> HDR, SK {SA, Nr, KEr}',
      '<-- HDR, SK {D(IKE)}',
      '--> HDR, SK {}',
    ]);
    const young = currentOf(pair);
    expect(young).toMatchObject({ role: 'initiator', suite: old.suite, path: old.path });
    expect(young.SPIi >> 40n).toBe(BigInt(pair.peer.route));
    expect(onlyChild(pair).ike).toBe(young.SPIi);
    expect(await faultOf(pair)).toBeNull();
    expect(kinds(pair)).toEqual(['attempt', 'joined']);
  });

  it('again and again, and by the client in between', async () => {
    const pair = await established();
    for (let n = 0; n < 3; n++) {
      await byGateway(pair);
      await byClient(pair);
      await byGateway(pair);
      await arrowsOf(pair, () => pair.command({ kind: 'rekey-child' }));
    }
    expect(await faultOf(pair)).toBeNull();
  });

  it.each([
    'aes128gcm16-prfsha384-ecp384',
    'chacha20poly1305-prfsha512-x25519',
    'aes256-sha512-modp3072',
    'aes128-sha256-modp2048',
  ])('with %s', async (offer) => {
    const ke = ikeOffer(offer).find(({ type }) => type === 4)!.id;
    const pair = await established({ ike: [ikeOffer(offer)], firstKe: ke });
    const { suite } = currentOf(pair);
    await byGateway(pair);
    expect(currentOf(pair).suite).toEqual(suite);
    expect(await faultOf(pair)).toBeNull();
  });

  it('takes the group that the client asks for', async () => {
    const pair = await established({ ike: [ikeOffer('aes256gcm16-prfsha256-x25519')] });
    Object.assign(pair.client.session.options, { ike: [ikeOffer('aes256gcm16-prfsha256-ecp256')] });
    const arrows = await byGateway(pair);
    expect(arrows.slice(0, 4)).toEqual([
      '<-- HDR, SK {SA, Ni, KEi}',
      '--> HDR, SK {N(INVALID_KE_PAYLOAD)}',
      '<-- HDR, SK {SA, Ni, KEi}',
      '--> HDR, SK {SA, Nr, KEr}',
    ]);
    expect(currentOf(pair).suite.ke).toBe(KeId.ECP_256);
    expect(await faultOf(pair)).toBeNull();
  });

  it('does not run in circles', async () => {
    const pair = await established({ onIkeRekey: Notify.INVALID_KE_PAYLOAD });
    expect(await byGateway(pair)).toHaveLength(2);
    answerInstead(pair, () => [notify(Notify.INVALID_KE_PAYLOAD, u16(KeId.CURVE25519))]);
    expect(await byGateway(pair)).toHaveLength(2);
    expect(currentOf(pair).phase.rekeyAt).toBeGreaterThanOrEqual(pair.now + REFUSED_MS);
  });

  it('TEMPORARY_FAILURE: asks again in a while; for minutes: is out of step', async () => {
    const pair = await established({ onIkeRekey: Notify.TEMPORARY_FAILURE });
    await byGateway(pair);
    expect(currentOf(pair).phase.rekeyAt - pair.now).toBeGreaterThanOrEqual(RETRY_MS);
    expect(currentOf(pair).phase.rekeyAt - pair.now).toBeLessThanOrEqual(2 * RETRY_MS);
    await pair.advance(OUT_OF_STEP_MS + 2 * RETRY_MS);
    expect(lefts(pair)).toEqual(['out of step']);
  });

  it('TEMPORARY_FAILURE now and then is no sign of that', async () => {
    const pair = await established({ onIkeRekey: Notify.TEMPORARY_FAILURE });
    await byGateway(pair);
    await pair.advance(OUT_OF_STEP_MS / 2);
    await arrowsOf(pair, () => pair.command({ kind: 'rekey-child' }));
    await pair.advance(OUT_OF_STEP_MS / 2 + RETRY_MS);
    expect(lefts(pair)).toEqual([]);
  });

  const unusable: Record<string, (payloads: readonly Payload[]) => readonly Payload[]> = {
    'no nonce': (payloads) => payloads.filter(({ type }) => type !== 'NONCE'),
    'no KE': (payloads) => payloads.filter(({ type }) => type !== 'KE'),
    'another SPI length': (payloads) =>
      payloads.map((p) =>
        p.type === 'SA' ? { ...p, proposals: p.proposals.map((one) => ({ ...one, spi: new Uint8Array(4) })) } : p,
      ),
    'the SPI 0': (payloads) =>
      payloads.map((p) =>
        p.type === 'SA' ? { ...p, proposals: p.proposals.map((one) => ({ ...one, spi: new Uint8Array(8) })) } : p,
      ),
    'a proposal that was not made': (payloads) =>
      payloads.map((p) => (p.type === 'SA' ? { ...p, proposals: [{ ...p.proposals[0]!, number: 9 }] } : p)),
  };

  // The client has moved its child SAs to an IKE SA that the gateway cannot use.
  it.each(Object.entries(unusable))(
    'an answer with %s ends the connection, so that the client begins anew',
    async (_, change) => {
      const pair = await established();
      answerInstead(pair, change);
      await byGateway(pair);
      await pair.advance(100_000);
      expect(lefts(pair)).toEqual(['rekey-failed']);
      expect(pair.peer.checkpoint()).toBeNull();
    },
  );
});

describe('RFC 7296 section 2.25.2', () => {
  it('refuses to rekey the IKE SA while it rekeys a child on it', async () => {
    const pair = await established();
    await pair.command({ kind: 'rekey-child' });
    const request = pair.toClient.splice(0);
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf()))).toEqual(['TEMPORARY_FAILURE']);
    pair.toClient.push(...request);
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
  });

  it('refuses to rekey the IKE SA while it deletes it', async () => {
    const pair = await established();
    await pair.command({ kind: 'terminate', reason: 'ended' });
    pair.toClient.splice(0);
    expect(notified(await ask(pair, ExchangeType.CREATE_CHILD_SA, rekeyOf()))).toEqual(['TEMPORARY_FAILURE']);
  });

  // A child that is being deleted when the client rekeys the IKE SA and deletes the old one, with our own request unanswered on it.
  it('does not forget that it is deleting a child', async () => {
    const pair = await established({}, { member: { childLifetimeSeconds: 3600 } });
    Object.assign(pair.client.session.options, { onChildRekey: Notify.NO_PROPOSAL_CHOSEN });
    await pair.runClient(pair.client.moreChildren(pair.now));
    await pair.advance(3600_000 - 1);
    await pair.drive();
    pair.now += 1;
    await pair.perform(await pair.peer.stepTick(pair.now));
    expect(stateOf(pair).children.every(({ deleting }) => deleting)).toBe(true);
    pair.toClient.splice(0);
    await byClient(pair);
    await pair.advance(5000);
    expect(stateOf(pair).children).toEqual([]);
    expect(pair.client.session.children.size).toBe(0);
    expect(pair.client.journal.complaints).toEqual([]);
  });

  it('hands requests in line over to the new SA', async () => {
    const pair = await established();
    await pair.command({ kind: 'rekey-ike' });
    await pair.command({ kind: 'rekey-child' });
    await pair.command({ kind: 'liveness' });
    const { spiIn } = onlyChild(pair);
    await pair.drive();
    expect(onlyChild(pair).spiIn).not.toBe(spiIn);
    expect(await faultOfTraffic(pair)).toBeNull();
    expect(stateOf(pair).sas[0]!.outbound).toMatchObject({ pending: null, queue: [] });
  });
});

function rekeyOf(
  offer = 'aes256gcm16-prfsha256-x25519',
  method: number = KeId.CURVE25519,
  spi = u64(0x1111_2222_3333_4444n),
): Payload[] {
  return [
    { type: 'SA', proposals: proposalsOf(Protocol.IKE, [ikeOffer(offer)], spi) },
    { type: 'NONCE', data: new Uint8Array(32).fill(8) },
    { type: 'KE', method, data: new Uint8Array(method === KeId.CURVE25519 ? 32 : 128).fill(9) },
  ];
}
