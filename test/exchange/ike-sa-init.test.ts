// IKE_SA_INIT, RFC 7296 sections 1.2, 2.1, 2.5, 2.7, 2.21.1, 2.23.

import { describe, expect, it } from 'vitest';
import { equal } from '../../src/bytes/octets.ts';
import { HALF_OPEN_MS, HALF_OPEN_SAS } from '../../src/ike/limits.ts';
import { emitIkeMessage } from '../../src/wire/ike-message.ts';
import { ExchangeType, KeId, Notify } from '../../src/wire/ike-numbers.ts';
import type { Datagram } from '../../src/wire/path.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { android, apple, strongswan, windows } from '../sim/initiator/clients.ts';
import { address } from '../sim/initiator/identities.ts';
import { payloadsOf } from '../sim/initiator/journal.ts';
import { notify } from '../sim/initiator/notify.ts';
import { ikeOffer } from '../sim/initiator/proposals.ts';
import { faultOf } from '../sim/settled.ts';
import { CLIENT_ADDRESS, createPair, type Pair, type PairWish } from './pair.ts';
import {
  altered,
  attempts,
  clearNotifies,
  kinds,
  lastAnswer,
  messageOf,
  notified,
  octetsOf,
  offer,
  stateOf,
} from './scene.ts';

/** A client that has sent its first datagram, which is not carried yet. */
async function begun(wish: PairWish = {}): Promise<{ pair: Pair; request: Datagram }> {
  const pair = await createPair(wish);
  await pair.start();
  return { pair, request: pair.toGateway.shift()! };
}

/** The same request with other payloads. */
function rebuilt(request: Datagram, change: (payloads: readonly Payload[]) => readonly Payload[]): Datagram {
  const { header, payloads } = messageOf(request);
  return { ...request, octets: emitIkeMessage(header, change(payloads)) };
}

describe('IKE_SA_INIT', () => {
  // HDR, SAi1, KEi, Ni  -->
  //                     <--  HDR, SAr1, KEr, Nr, [CERTREQ]
  it('answers with a suite, a public value and a nonce', async () => {
    const { pair, request } = await begun();
    const { sent } = await offer(pair, request);
    expect(messageOf(sent[0]!).payloads.map(({ type }) => type)).toEqual([
      'SA',
      'KE',
      'NONCE',
      'N',
      'N',
      'N',
      'N',
      'CERTREQ',
    ]);
    expect(clearNotifies(sent[0]!)).toEqual([
      'NAT_DETECTION_SOURCE_IP',
      'NAT_DETECTION_DESTINATION_IP',
      'IKEV2_FRAGMENTATION_SUPPORTED',
      'SIGNATURE_HASH_ALGORITHMS',
    ]);
    const { SPIr } = messageOf(sent[0]!).header;
    expect(SPIr >> 40n).toBe(BigInt(pair.peer.route));
    expect(sent[0]!.path).toEqual(request.path);
  });

  // HDR, SAi1, KEi(ECP_521), Ni  -->
  //                              <--  HDR, N(INVALID_KE_PAYLOAD(CURVE25519))
  // HDR, SAi1, KEi(CURVE25519), Ni  -->
  it('asks for another group, keeps nothing of that, and takes the second request', async () => {
    const { pair, request } = await begun({
      client: { ike: [ikeOffer('aes256gcm16-prfsha256-ecp521-x25519')], firstKe: KeId.ECP_521 },
    });
    const { sent, drop, outputs } = await offer(pair, request);
    expect(drop).toBeNull();
    expect(clearNotifies(sent[0]!)).toEqual(['INVALID_KE_PAYLOAD']);
    expect(messageOf(sent[0]!).header.SPIr).toBe(0n);
    expect(outputs).toMatchObject([{ kind: 'send' }, { attempt: { outcome: 'begun', reason: 'invalid-ke' } }]);
    expect(pair.peer.checkpoint()).toBeNull();
    pair.toGateway.push(request);
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
    expect(stateOf(pair).sas[0]!.suite.ke).toBe(KeId.CURVE25519);
  });

  // HDR, SAi1(3DES, MODP_1024), KEi, Ni  -->
  //                                      <--  HDR, N(NO_PROPOSAL_CHOSEN)
  it('refuses what it has no suite for, and tells the tenant what was on offer', async () => {
    const pair = await createPair({ client: { ike: [ikeOffer('3des-sha1-modp1024')], firstKe: KeId.MODP_1024 } });
    await pair.establish();
    expect(pair.client.session.ended).toBe('NO_PROPOSAL_CHOSEN');
    expect(pair.peer.checkpoint()).toBeNull();
    expect(attempts(pair)).toMatchObject([{ outcome: 'failed', reason: 'no-proposal-chosen', member: null }]);
    expect(attempts(pair)[0]!.detail).toContain('DES3');
    expect(attempts(pair)[0]!.detail).toContain('MODP_1024');
  });

  it.each([
    [
      'without a nonce',
      (payloads: readonly Payload[]) => payloads.filter(({ type }) => type !== 'NONCE'),
      'INVALID_SYNTAX',
    ],
    [
      'with two KE payloads',
      (payloads: readonly Payload[]) => [...payloads, payloads.find((p) => p.type === 'KE')!],
      'INVALID_SYNTAX',
    ],
    [
      'with a public value of another length',
      (payloads: readonly Payload[]) => payloads.map((p) => (p.type === 'KE' ? { ...p, data: p.data.subarray(1) } : p)),
      'INVALID_SYNTAX',
    ],
    [
      'with the public value 0',
      (payloads: readonly Payload[]) => payloads.map((p) => (p.type === 'KE' ? { ...p, data: new Uint8Array(32) } : p)),
      'INVALID_SYNTAX',
    ],
    [
      'with a critical payload that nobody knows',
      (payloads: readonly Payload[]): Payload[] => [
        ...payloads,
        { type: 'UNKNOWN', payloadType: 200, critical: true, data: new Uint8Array(4) },
      ],
      'UNSUPPORTED_CRITICAL_PAYLOAD',
    ],
  ] as const)('refuses a request %s', async (_, change, name) => {
    const { pair, request } = await begun();
    const { sent } = await offer(pair, rebuilt(request, change));
    expect(sent.map(clearNotifies)).toEqual([[name]]);
    expect(pair.peer.checkpoint()).toBeNull();
  });

  it('passes over a payload that nobody knows and that is not critical', async () => {
    const { pair, request } = await begun();
    const unknown: Payload = { type: 'UNKNOWN', payloadType: 200, critical: false, data: new Uint8Array(4) };
    const { sent } = await offer(
      pair,
      rebuilt(request, (payloads) => [...payloads, unknown, notify(40_000)]),
    );
    expect(messageOf(sent[0]!).payloads[0]!.type).toBe('SA');
  });
});

describe('a repeated IKE_SA_INIT', () => {
  it('is answered byte for byte, and changes nothing', async () => {
    const { pair, request } = await begun();
    const first = await offer(pair, request);
    const before = stateOf(pair);
    pair.now += 1000;
    const second = await offer(pair, request);
    expect(second.sent).toEqual(first.sent);
    expect(stateOf(pair)).toEqual(before);
    expect(stateOf(pair).sas).toHaveLength(1);
  });

  it('is answered while EAP is under way, and not after it', async () => {
    const { pair, request } = await begun({ auth: 'eap' });
    const first = await offer(pair, request);
    pair.toClient.push(...first.sent);
    for (let step = 0; step < 4; step++) await pair.step();
    expect(stateOf(pair).sas[0]!.phase.name).toBe('eap');
    expect((await offer(pair, request)).sent).toEqual(first.sent);
    await pair.drive();
    expect(pair.client.established).toBe(true);
    const before = stateOf(pair);
    const late = await offer(pair, request);
    expect(late).toMatchObject({ drop: 'half-open-limit', sent: [], heard: false });
    expect(stateOf(pair)).toEqual(before);
  });

  // Quirk 21: the same SPIi with other octets, as after a change of address. Each is its own request, and AUTH covers the one that was used.
  it('with the same SPIi and other octets begins another SA', async () => {
    const { pair, request } = await begun();
    const other = rebuilt(request, (payloads) =>
      payloads.map((p) =>
        p.type === 'N' && p.notify === Notify.NAT_DETECTION_SOURCE_IP ? { ...p, data: new Uint8Array(20) } : p,
      ),
    );
    const { sent } = await offer(pair, other);
    pair.toGateway.push(request);
    await pair.step();
    expect(stateOf(pair).sas.map(({ SPIi }) => SPIi)).toEqual([
      messageOf(request).header.SPIi,
      messageOf(request).header.SPIi,
    ]);
    expect(messageOf(sent[0]!).header.SPIr).not.toBe(stateOf(pair).sas[1]!.SPIr);
    await pair.drive();
    expect(await faultOf(pair)).toBeNull();
    expect(stateOf(pair).sas).toHaveLength(1);
  });

  it('is not begun more often than there is room for', async () => {
    const { pair, request } = await begun();
    for (let n = 0; n < HALF_OPEN_SAS; n++) {
      const { sent } = await offer(
        pair,
        rebuilt(request, (payloads) => [...payloads, notify(40_000 + n)]),
      );
      expect(sent).toHaveLength(1);
    }
    expect(await offer(pair, request)).toMatchObject({ drop: 'half-open-limit', sent: [] });
    expect(stateOf(pair).sas).toHaveLength(HALF_OPEN_SAS);
  });

  it('is forgotten after a minute, the tenant is told, and nothing is left', async () => {
    const { pair, request } = await begun();
    await offer(pair, request);
    expect(pair.peer.deadline()).toBe(pair.now + HALF_OPEN_MS);
    pair.client.crash();
    await pair.advance(HALF_OPEN_MS);
    expect(attempts(pair)).toMatchObject([{ reason: 'no-auth', identity: '' }]);
    expect(kinds(pair)).toEqual(['attempt', 'gone']);
    expect(pair.peer.checkpoint()).toBeNull();
    expect(pair.peer.deadline()).toBeNull();
  });
});

describe('ports and NAT detection', () => {
  it('starts on 4500, with a marker on every message', async () => {
    const pair = await createPair({ client: { startOn4500: true } });
    await pair.start();
    expect(pair.toGateway[0]!.path.localPort).toBe(4500);
    const marks: number[][] = [];
    for (let step = await pair.step(); step !== null; step = await pair.step())
      marks.push([...step.datagram.octets.subarray(0, 4)]);
    expect(marks).toEqual([0, 0, 0, 0].map(() => [0, 0, 0, 0]));
    expect(await faultOf(pair)).toBeNull();
  });

  // Quirk 23.
  it('does without NAT detection where the client does, and goes on', async () => {
    const pair = await createPair({ client: { natDetection: 'none', startOn4500: true } });
    await pair.establish();
    expect(notified(pair.messages[1]!)).toEqual(['IKEV2_FRAGMENTATION_SUPPORTED', 'SIGNATURE_HASH_ALGORITHMS']);
    expect(stateOf(pair).sas[0]!.traits.nat).toBe('unknown');
    expect(await faultOf(pair)).toBeNull();
  });

  it('tells every client that the gateway is behind a NAT, and the truth about the client', async () => {
    const pair = await createPair();
    await pair.establish();
    expect(pair.client.session.natThere).toBe(true);
    expect(pair.client.session.natHere).toBe(false);
    expect(stateOf(pair).sas[0]!.traits.nat).toBe('none');
  });

  it.each([
    ['peer', { remotePort: 61_000 }],
    ['gateway', { localAddress: address('10.0.0.4') }],
    ['both', { remoteAddress: address('203.0.113.9'), localAddress: address('10.0.0.4') }],
  ] as const)('sees a NAT in front of: %s', async (verdict, translated) => {
    const { pair, request } = await begun();
    const { sent } = await offer(pair, { ...request, path: { ...request.path, ...translated } });
    expect(stateOf(pair).sas[0]!.traits.nat).toBe(verdict);
    pair.toClient.push({ ...sent[0]!, path: request.path });
    await pair.step();
    expect(pair.client.session.natHere).toBe(verdict !== 'gateway');
  });

  it('says what it can do only to those who can do it too', async () => {
    const pair = await createPair({ client: { fragmentOctets: null, signatureHashes: null } });
    await pair.establish();
    expect(notified(pair.messages[1]!)).toEqual(['NAT_DETECTION_SOURCE_IP', 'NAT_DETECTION_DESTINATION_IP']);
    expect(pair.client.journal.complaints).toEqual([]);
  });
});

describe('versions', () => {
  // HDR(version 3)  -->
  //                 <--  HDR, N(INVALID_MAJOR_VERSION)
  it('answers a higher major version without remembering it', async () => {
    const { pair, request } = await begun();
    const higher = altered(request, (octets) => {
      octets[17] = 0x30;
    });
    const { sent, drop } = await offer(pair, higher);
    expect(drop).toBe('version');
    expect(sent.map(clearNotifies)).toEqual([['INVALID_MAJOR_VERSION']]);
    const { header } = messageOf(sent[0]!);
    expect(header).toMatchObject({ majorVersion: 2, response: true, initiator: false, messageId: 0 });
    expect(pair.peer.checkpoint()).toBeNull();
  });

  it('says nothing to a response of a higher version, nor to IKEv1', async () => {
    const { pair, request } = await begun();
    const response = altered(request, (octets) => {
      octets[17] = 0x30;
      octets[19] = 0x20;
    });
    expect(await offer(pair, response)).toMatchObject({ sent: [], drop: 'malformed' });
    const first = altered(request, (octets) => {
      octets[17] = 0x10;
    });
    expect(await offer(pair, first)).toMatchObject({ sent: [], drop: 'malformed' });
  });

  it('passes over a higher minor version', async () => {
    const { pair, request } = await begun();
    const minor = altered(request, (octets) => {
      octets[17] = 0x21;
    });
    expect((await offer(pair, minor)).sent).toHaveLength(1);
  });
});

describe('what is no beginning', () => {
  it.each([
    ['a response', (octets: Uint8Array) => octets.set([0x28], 19)],
    ['a message without the I flag', (octets: Uint8Array) => octets.set([0], 19)],
    ['a message ID other than 0', (octets: Uint8Array) => octets.set([1], 23)],
    ['the SPIi 0', (octets: Uint8Array) => octets.fill(0, 0, 8)],
    ['another exchange', (octets: Uint8Array) => octets.set([ExchangeType.IKE_AUTH], 18)],
  ] as const)('is dropped: %s', async (_, change) => {
    const { pair, request } = await begun();
    expect(await offer(pair, altered(request, change))).toMatchObject({ drop: 'no-such-sa', sent: [] });
    expect(pair.peer.checkpoint()).toBeNull();
  });
});

describe('amplification', () => {
  const clients = { windows: windows(2), apple: apple(), android: android(), strongswan: strongswan() };

  it.each(Object.entries(clients))(
    'gives %s at most three times what it has sent, however many authorities there are',
    async (_, client) => {
      const { pair, request } = await begun({ client });
      const gateway = await pair.pad.gateway();
      const authorities = Array.from({ length: 1000 }, (__, n) => new Uint8Array(20).fill(n));
      pair.pad.gateway = async () => ({ ...gateway, authorities });
      const { sent } = await offer(pair, request);
      expect(octetsOf(sent)).toBeLessThanOrEqual(3 * request.octets.length);
      expect(octetsOf(sent)).toBeLessThanOrEqual(1280 - 48);
      const named = messageOf(sent[0]!).payloads.find((p) => p.type === 'CERTREQ');
      expect(named?.type === 'CERTREQ' && named.authorities.length % 20).toBe(0);
      expect(named?.type === 'CERTREQ' && equal(named.authorities.subarray(0, 20), authorities[0]!)).toBe(true);
    },
  );

  it('names all authorities where there is room', async () => {
    const pair = await createPair();
    await pair.establish();
    const [asked] = payloadsOf(pair.messages[1]!, 'CERTREQ');
    expect(asked?.authorities).toEqual((await pair.pad.gateway()).authorities[0]);
  });

  it('leaves CERTREQ out where there is no room for one', async () => {
    const { pair, request } = await begun();
    const gateway = await pair.pad.gateway();
    pair.pad.gateway = async () => ({ ...gateway, authorities: [] });
    const { sent } = await offer(pair, request);
    expect(messageOf(sent[0]!).payloads.some(({ type }) => type === 'CERTREQ')).toBe(false);
  });
});

describe('an IKE_SA_INIT between an established client and its gateway', () => {
  it('is dropped, whatever it says', async () => {
    const pair = await createPair();
    await pair.establish();
    const stranger = await createPair({ client: { localAddress: address(CLIENT_ADDRESS) } });
    await stranger.start();
    const before = stateOf(pair);
    expect(await offer(pair, stranger.toGateway[0]!)).toMatchObject({
      drop: 'half-open-limit',
      sent: [],
      heard: false,
    });
    expect(stateOf(pair)).toEqual(before);
    expect(lastAnswer(pair).exchange).toBe(ExchangeType.IKE_AUTH);
  });
});
