// INFORMATIONAL, RFC 7296 sections 1.4, 1.4.1, 2.4, 2.21.2, 2.5.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/octets.ts';
import { CLOSED_MS } from '../../src/ike/limits.ts';
import { CfgType, ExchangeType, Notify, Protocol } from '../../src/wire/ike-numbers.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { address } from '../sim/initiator/identities.ts';
import { payloadsOf } from '../sim/initiator/journal.ts';
import { notify, u32, u64 } from '../sim/initiator/notify.ts';
import { WITHOUT_MOBIKE } from '../sim/initiator/options.ts';
import { udpPacket } from '../sim/packets.ts';
import { faultOf, faultOfTraffic } from '../sim/settled.ts';
import { createPair } from './pair.ts';
import {
  arrowsOf,
  ask,
  attempts,
  forge,
  kinds,
  lastAnswer,
  lefts,
  notified,
  offer,
  onlyChild,
  stateOf,
} from './scene.ts';

const { INFORMATIONAL } = ExchangeType;

const established = async () => (await createPair()).establish();

const deleteOf = (protocol: number, ...spis: Uint8Array[]): Payload => ({ type: 'D', protocol, spis });

describe('liveness', () => {
  // HDR, SK {}  -->
  //             <--  HDR, SK {}
  it('asked by the client', async () => {
    const pair = await established();
    const arrows = await arrowsOf(pair, () => pair.runClient(pair.client.liveness(pair.now)));
    expect(arrows).toEqual(['--> HDR, SK {}', '<-- HDR, SK {}']);
  });

  //             <--  HDR, SK {}
  // HDR, SK {}  -->
  it('asked by the gateway, once however often it is wanted', async () => {
    const pair = await (await createPair({ client: { layout: WITHOUT_MOBIKE } })).establish();
    const arrows = await arrowsOf(pair, async () => {
      await pair.command({ kind: 'liveness' });
      await pair.command({ kind: 'liveness' });
    });
    expect(arrows).toEqual(['<-- HDR, SK {}', '--> HDR, SK {}']);
  });

  it('is wanted when something is sent and nothing comes back', async () => {
    const pair = await established();
    const out = udpPacket(address('100.64.0.20'), address('100.64.0.10'), utf8('hello'));
    pair.fault = () => 'drop';
    await pair.sealTo([out]);
    expect(pair.peer.wantsLiveness(pair.now + 29_000)).toBe(false);
    await pair.advance(31_000);
    expect(pair.peer.wantsLiveness(pair.now)).toBe(false);
    await pair.sealTo([out]);
    expect(pair.peer.wantsLiveness(pair.now)).toBe(true);
    pair.fault = null;
    await pair.command({ kind: 'liveness' });
    expect(pair.peer.wantsLiveness(pair.now)).toBe(false);
    await pair.drive();
    expect(pair.peer.wantsLiveness(pair.now)).toBe(false);
  });

  // RFC 7296 section 2.4: what is not protected, and what was said before, is no sign of life.
  it('is not put off by replays and noise', async () => {
    const pair = await established();
    const recorded: (typeof pair.toGateway)[number][] = [];
    pair.fault = (_, to, datagram) => {
      if (to === 'gateway') recorded.push(datagram);
      return 'carry';
    };
    await arrowsOf(pair, () => pair.runClient(pair.client.liveness(pair.now)));
    await pair.advance(40_000);
    const before = pair.peer.status()!.lastIn;
    await pair.sealTo([udpPacket(address('100.64.0.20'), address('100.64.0.10'), utf8('hello'))]);
    for (const datagram of recorded) expect((await offer(pair, datagram)).heard).toBe(false);
    await offer(pair, { path: recorded[0]!.path, octets: Uint8Array.of(0xff) });
    expect(pair.peer.status()!.lastIn).toBe(before);
    expect(pair.peer.wantsLiveness(pair.now)).toBe(true);
  });
});

describe('notifies', () => {
  it.each([
    ['a status that nobody knows', notify(40_001, utf8('x'))],
    ['an error that nobody knows', notify(8_191)],
    ['an error out of nowhere', notify(Notify.INVALID_SELECTORS)],
    ['INITIAL_CONTACT', notify(Notify.INITIAL_CONTACT)],
    // Quirk 29.
    ['MS_NOTIFY_STATUS', notify(12_345, u32(0x3604))],
    ['COOKIE2 of a client that did not speak of MOBIKE', notify(Notify.COOKIE2, new Uint8Array(8))],
  ])('%s is passed over', async (_, payload) => {
    const pair = await (await createPair({ client: { layout: WITHOUT_MOBIKE } })).establish();
    expect(lastAnswer(pair).exchange).toBe(ExchangeType.IKE_AUTH);
    expect((await ask(pair, INFORMATIONAL, [payload])).inner).toEqual([]);
    expect(await faultOf(pair)).toBeNull();
  });

  // HDR, SK {?99(critical)}  -->
  //                          <--  HDR, SK {N(UNSUPPORTED_CRITICAL_PAYLOAD)}
  it('a critical payload that nobody knows is refused, and what stands beside it is not done', async () => {
    const pair = await established();
    const unknown: Payload = { type: 'UNKNOWN', payloadType: 99, critical: true, data: utf8('?') };
    const answer = await ask(pair, INFORMATIONAL, [deleteOf(Protocol.IKE), unknown]);
    expect(notified(answer)).toEqual(['UNSUPPORTED_CRITICAL_PAYLOAD']);
    expect(payloadsOf(answer, 'N')[0]!.data).toEqual(Uint8Array.of(99));
    expect(await faultOf(pair)).toBeNull();
  });

  it('a payload of another exchange is refused', async () => {
    const pair = await established();
    const answer = await ask(pair, INFORMATIONAL, [{ type: 'NONCE', data: new Uint8Array(32) }]);
    expect(notified(answer)).toEqual(['INVALID_SYNTAX']);
  });

  it('CP is taken and left', async () => {
    const pair = await established();
    const answer = await ask(pair, INFORMATIONAL, [{ type: 'CP', cfgType: CfgType.REQUEST, attributes: [] }]);
    expect(answer.inner).toEqual([]);
  });

  it('an exchange that nobody knows is refused, and nothing happens', async () => {
    const pair = await established();
    expect(notified(await ask(pair, 240, []))).toEqual(['INVALID_SYNTAX']);
    expect(await faultOf(pair)).toBeNull();
  });

  it('octets that are no payloads are refused', async () => {
    const pair = await established();
    const sa = pair.client.session.current!;
    const broken: Payload = { type: 'UNKNOWN', payloadType: 41, critical: false, data: Uint8Array.of(1) };
    expect(notified(await ask(pair, INFORMATIONAL, [broken]))).toEqual(['INVALID_SYNTAX']);
    expect(sa.nextRequest).toBe(stateOf(pair).sas[0]!.inbound.nextId);
    expect(await faultOf(pair)).toBeNull();
  });
});

describe('deletes of child SAs', () => {
  // HDR, SK {D(SPIa)}  -->
  //                    <--  HDR, SK {D(SPIb)}
  it('by the client: the other half goes back', async () => {
    const pair = await established();
    const { spiIn } = onlyChild(pair);
    const arrows = await arrowsOf(pair, () => pair.runClient(pair.client.deleteChild(pair.now)));
    expect(arrows).toEqual(['--> HDR, SK {D(ESP)}', '<-- HDR, SK {D(ESP)}']);
    expect(payloadsOf(lastAnswer(pair), 'D')[0]!.spis).toEqual([u32(spiIn)]);
    expect(stateOf(pair).children).toEqual([]);
    expect(pair.peer.status()!.state).toBe('connecting');
    expect(pair.client.journal.complaints).toEqual([]);
    await pair.runClient(pair.client.moreChildren(pair.now));
    await pair.drive();
    expect(await faultOfTraffic(pair)).toBeNull();
  });

  it('of several at once', async () => {
    const pair = await established();
    for (let n = 0; n < 3; n++) {
      await pair.runClient(pair.client.moreChildren(pair.now));
      await pair.drive();
    }
    const [first, second, third] = stateOf(pair).children;
    const spis = [u32(first!.spiOut), u32(third!.spiOut)];
    const answer = await ask(pair, INFORMATIONAL, [deleteOf(Protocol.ESP, ...spis)]);
    expect(payloadsOf(answer, 'D')[0]!.spis).toEqual([u32(first!.spiIn), u32(third!.spiIn)]);
    expect(stateOf(pair).children.map(({ spiIn }) => spiIn)).toContain(second!.spiIn);
    expect(stateOf(pair).children).toHaveLength(2);
  });

  it.each([
    ['an SPI that is not there', deleteOf(Protocol.ESP, u32(0x4444_4444))],
    ['AH', deleteOf(Protocol.AH, u32(0x4444_4444))],
    ['SPIs of another length', deleteOf(Protocol.ESP, u64(0x4444_4444n))],
    ['no SPI', deleteOf(Protocol.ESP)],
  ])('of %s: nothing goes', async (_, payload) => {
    const pair = await established();
    const answer = await ask(pair, INFORMATIONAL, [payload]);
    expect(answer.inner).toEqual([]);
    expect(await faultOf(pair)).toBeNull();
  });

  it('of our own SPI: the client names the one that it receives on', async () => {
    const pair = await established();
    await ask(pair, INFORMATIONAL, [deleteOf(Protocol.ESP, u32(onlyChild(pair).spiIn))]);
    expect(stateOf(pair).children).toHaveLength(1);
  });

  it('on the IKE SA that was replaced meanwhile: the child goes all the same', async () => {
    const pair = await established();
    const { spiOut } = onlyChild(pair);
    const [late] = await forge(pair, INFORMATIONAL, 2, [deleteOf(Protocol.ESP, u32(spiOut))]);
    await pair.command({ kind: 'rekey-ike' });
    await pair.step();
    await pair.step();
    expect(stateOf(pair).sas.map(({ phase }) => phase.name)).toEqual(['replaced', 'established']);
    await offer(pair, late!);
    expect(stateOf(pair).children).toEqual([]);
  });

  it('of a client that has proved nothing: nothing goes', async () => {
    const pair = await createPair({ auth: 'eap' });
    await pair.start();
    for (let step = 0; step < 4; step++) await pair.step();
    const [datagram] = await forge(pair, INFORMATIONAL, 2, [deleteOf(Protocol.ESP, u32(1000))]);
    const { sent } = await offer(pair, datagram!);
    expect(sent).toHaveLength(1);
    expect(stateOf(pair).sas[0]!.phase.name).toBe('eap');
  });
});

describe('the end of an IKE SA', () => {
  // HDR, SK {D(IKE)}  -->
  //                   <--  HDR, SK {}
  it('by the client', async () => {
    const pair = await established();
    const arrows = await arrowsOf(pair, () => pair.runClient(pair.client.close(pair.now)));
    expect(arrows).toEqual(['--> HDR, SK {D(IKE)}', '<-- HDR, SK {}']);
    expect(lefts(pair)).toEqual(['deleted by the peer']);
    expect(stateOf(pair)).toMatchObject({ children: [], sas: [{ phase: { name: 'closed' } }] });
    expect(pair.peer.member).toBeNull();
    expect(pair.peer.status()).toBeNull();
  });

  it('repeats its answer for a while, and is forgotten then', async () => {
    const pair = await established();
    await pair.runClient(pair.client.close(pair.now));
    const request = pair.toGateway.shift()!;
    const first = await offer(pair, request);
    pair.now += CLOSED_MS - 1;
    expect((await offer(pair, request)).sent).toEqual(first.sent);
    expect(pair.peer.deadline()).toBe(pair.now + 1);
    await pair.advance(1);
    expect(kinds(pair).at(-1)).toBe('gone');
    expect(await offer(pair, request)).toMatchObject({ drop: 'no-such-sa', sent: [] });
  });

  it('is not put off by requests on what is over', async () => {
    const pair = await established();
    await pair.runClient(pair.client.close(pair.now));
    await pair.step();
    const { phase } = stateOf(pair).sas[0]!;
    pair.now += 10_000;
    for (const [id, payloads] of [[], [deleteOf(Protocol.IKE)]].entries()) {
      const [datagram] = await forge(pair, INFORMATIONAL, 3 + id, payloads);
      await offer(pair, datagram!);
    }
    expect(stateOf(pair).sas[0]!.phase).toEqual(phase);
  });

  //                   <--  HDR, SK {D(IKE)}
  // HDR, SK {}  -->
  it('by the gateway: the member has left at once', async () => {
    const pair = await established();
    await pair.command({ kind: 'terminate', reason: 'revoked' });
    expect(lefts(pair)).toEqual(['revoked']);
    expect(pair.peer.member).toBeNull();
    const inner = udpPacket(address('100.64.0.10'), address('100.64.0.20'), utf8('late'));
    await pair.runClient(pair.client.sendPackets([inner], pair.now));
    await pair.drive();
    expect(pair.delivered).toEqual([]);
    expect(pair.client.session.ended).toBe('deleted by the gateway');
    expect(kinds(pair)).toEqual(['attempt', 'joined', 'left', 'gone']);
  });

  it('by the gateway, to a client that does not answer', async () => {
    const pair = await established();
    pair.client.crash();
    await pair.command({ kind: 'terminate', reason: 'revoked' });
    await pair.advance(63_000);
    expect(kinds(pair)).toEqual(['attempt', 'joined', 'left', 'gone']);
    expect(lefts(pair)).toEqual(['revoked']);
  });

  it('twice told is once', async () => {
    const pair = await established();
    await pair.command({ kind: 'terminate', reason: 'revoked' });
    await pair.command({ kind: 'terminate', reason: 'again' });
    await pair.command({ kind: 'rekey-ike' });
    await pair.drive();
    expect(lefts(pair)).toEqual(['revoked']);
  });

  // HDR, SK {N(AUTHENTICATION_FAILED)}  -->   RFC 7296 section 2.21.2
  it('by a client that does not accept what the gateway proved', async () => {
    const pair = await established();
    await ask(pair, INFORMATIONAL, [notify(Notify.AUTHENTICATION_FAILED)]);
    expect(attempts(pair).at(-1)).toMatchObject({ reason: 'gateway-not-trusted', member: 'office/laptop' });
    expect(lefts(pair)).toEqual(['deleted by the peer']);
  });
});
