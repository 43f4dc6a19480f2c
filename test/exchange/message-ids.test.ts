// Windows of one, message IDs, and what is not for this SA: RFC 7296 sections 2.1 to 2.3, 2.21.

import { describe, expect, it } from 'vitest';
import { addMarker } from '../../src/wire/encap.ts';
import { emitIkeMessage } from '../../src/wire/ike-message.ts';
import { ExchangeType, Notify, Protocol } from '../../src/wire/ike-numbers.ts';
import type { Datagram } from '../../src/wire/path.ts';
import { address } from '../sim/initiator/identities.ts';
import { notify } from '../sim/initiator/notify.ts';
import { faultOf } from '../sim/settled.ts';
import { createPair, type Pair } from './pair.ts';
import { altered, forge, messageOf, octetsOf, offer, stateOf } from './scene.ts';

const { INFORMATIONAL, CREATE_CHILD_SA } = ExchangeType;
const established = async () => (await createPair()).establish();

/** Offsets behind the marker. */
const EXCHANGE = 4 + 18;
const FLAGS = 4 + 19;
const MESSAGE_ID = 4 + 20;

describe('requests of the client', () => {
  // Whoever has seen a request may send it from anywhere: what comes back must be worth nothing to it (RFC 7296 section 2.1).
  describe('again from somewhere else', () => {
    const strange = (datagram: Datagram, n: number): Datagram => ({
      ...datagram,
      path: { ...datagram.path, remoteAddress: address(`203.0.113.${n}`) },
    });
    const answered = async (pair: Pair, request: Datagram, times: number) => {
      const sent: Datagram[] = [];
      for (let n = 0; n < times; n++) sent.push(...(await offer(pair, strange(request, n))).sent);
      return sent;
    };

    it('brings an answer that is longer than the request three times, to where it came from', async () => {
      const pair = await established();
      const [request] = await forge(pair, CREATE_CHILD_SA, 2, []);
      const { sent } = await offer(pair, request!);
      expect(octetsOf(sent)).toBeGreaterThan(request!.octets.length);
      const strayed = await answered(pair, request!, 20);
      expect(strayed.map(({ path }) => path.remoteAddress[3])).toEqual([0, 1, 2]);
      // The client itself is answered all the same, and so is the next request from anywhere.
      expect((await offer(pair, request!)).sent).toEqual(sent);
      const [next] = await forge(pair, CREATE_CHILD_SA, 3, []);
      await offer(pair, next!);
      expect(await answered(pair, next!, 20)).toHaveLength(3);
    });

    // A MOBIKE client tries one request on many paths.
    it('brings one that is not longer each time', async () => {
      const pair = await established();
      const [request] = await forge(pair, INFORMATIONAL, 2, []);
      const { sent } = await offer(pair, request!);
      expect(octetsOf(sent)).toBeLessThanOrEqual(request!.octets.length);
      expect(await answered(pair, request!, 20)).toHaveLength(20);
    });
  });

  it('the same octets again bring the same octets again, and do nothing', async () => {
    const pair = await established();
    const [request] = await forge(pair, INFORMATIONAL, 2, []);
    const first = await offer(pair, request!);
    const before = stateOf(pair);
    const again = await offer(pair, request!);
    expect(again).toMatchObject({ drop: null, heard: false });
    expect(again.sent).toEqual(first.sent);
    expect(stateOf(pair)).toEqual(before);
  });

  it('the same octets from elsewhere are answered there, and move nothing', async () => {
    const pair = await established();
    const [request] = await forge(pair, INFORMATIONAL, 2, []);
    await offer(pair, request!);
    const before = stateOf(pair);
    const elsewhere = { ...request!, path: { ...request!.path, remotePort: 61_234 } };
    const { sent } = await offer(pair, elsewhere);
    expect(sent[0]!.path).toEqual(elsewhere.path);
    expect(stateOf(pair)).toEqual(before);
    expect(pair.peer.status()!.remote!.port).toBe(4500);
  });

  it('the same message ID with other octets is dropped', async () => {
    const pair = await established();
    const [first] = await forge(pair, INFORMATIONAL, 2, []);
    const [second] = await forge(pair, INFORMATIONAL, 2, [notify(40_001)]);
    await offer(pair, first!);
    const before = stateOf(pair);
    expect(await offer(pair, second!)).toMatchObject({ drop: 'repeated-with-other-octets', sent: [], heard: false });
    expect(stateOf(pair)).toEqual(before);
  });

  it.each([
    ['an old one', 0],
    ['the one before the last', 1],
    ['one ahead', 4],
    ['the last of all', 0xffff_ffff],
  ])('a message ID out of turn is dropped: %s', async (_, id) => {
    const pair = await established();
    const [last] = await forge(pair, INFORMATIONAL, 2, []);
    const [request] = await forge(pair, INFORMATIONAL, id, [notify(40_001)]);
    await offer(pair, last!);
    const before = stateOf(pair);
    expect(await offer(pair, request!)).toMatchObject({ drop: 'message-id', sent: [], heard: false });
    expect(stateOf(pair)).toEqual(before);
  });

  it('is answered with the exchange, message ID and SPIs of the request, and the flags of the gateway', async () => {
    const pair = await established();
    const [request] = await forge(pair, INFORMATIONAL, 2, []);
    const { sent } = await offer(pair, request!);
    const { SPIi, SPIr } = messageOf(request!).header;
    expect(messageOf(sent[0]!).header).toMatchObject({
      SPIi,
      SPIr,
      exchange: INFORMATIONAL,
      messageId: 2,
      response: true,
      initiator: false,
    });
  });
});

describe('responses', () => {
  /** A liveness check of the gateway, and the client's answer to it, held back. */
  async function asked(): Promise<{ pair: Pair; answer: Datagram }> {
    const pair = await established();
    await pair.command({ kind: 'liveness' });
    await pair.step();
    return { pair, answer: pair.toGateway.shift()! };
  }

  it('is taken once', async () => {
    const { pair, answer } = await asked();
    expect(await offer(pair, answer)).toMatchObject({ drop: null, heard: true });
    expect(await offer(pair, answer)).toMatchObject({ drop: 'response-not-asked', heard: false });
    expect(await faultOf(pair)).toBeNull();
  });

  it('to nothing that was asked is dropped', async () => {
    const { pair, answer } = await asked();
    const before = stateOf(pair);
    const other = altered(answer, (octets) => octets.set([0, 0, 0, 1], MESSAGE_ID));
    expect(await offer(pair, other)).toMatchObject({ drop: 'response-not-asked', sent: [] });
    expect(stateOf(pair)).toEqual(before);
  });

  it('of another exchange than was asked is dropped', async () => {
    const { pair, answer } = await asked();
    const other = altered(answer, (octets) => octets.set([CREATE_CHILD_SA], EXCHANGE));
    expect(await offer(pair, other)).toMatchObject({ drop: 'unexpected-exchange', sent: [] });
  });

  it('that is not authentic is dropped', async () => {
    const { pair, answer } = await asked();
    const other = altered(answer, (octets) => octets.set([octets.at(-1)! ^ 1], octets.length - 1));
    expect(await offer(pair, other)).toMatchObject({ drop: 'integrity', sent: [] });
    expect(await offer(pair, answer)).toMatchObject({ drop: null });
  });

  it('a request of ours, sent back to us, is no request of the client', async () => {
    const pair = await established();
    await pair.command({ kind: 'liveness' });
    const reflected = pair.toClient.shift()!;
    expect(await offer(pair, reflected)).toMatchObject({ drop: 'no-such-sa', sent: [] });
    const turned = altered(reflected, (octets) => octets.set([0x08], FLAGS));
    expect(await offer(pair, turned)).toMatchObject({ drop: 'message-id', sent: [] });
  });
});

describe('what is not for this SA', () => {
  it.each([
    ['another SPIi', (octets: Uint8Array) => octets.set([octets[4]! ^ 1], 4)],
    ['another SPIr', (octets: Uint8Array) => octets.set([octets[19]! ^ 1], 19)],
    ['the I flag of the wrong side', (octets: Uint8Array) => octets.set([0], FLAGS)],
    ['no SPIr', (octets: Uint8Array) => octets.fill(0, 12, 20)],
  ] as const)('%s', async (_, change) => {
    const pair = await established();
    const before = stateOf(pair);
    const [request] = await forge(pair, INFORMATIONAL, 2, []);
    expect(await offer(pair, altered(request!, change))).toMatchObject({ drop: 'no-such-sa', sent: [], heard: false });
    expect(stateOf(pair)).toEqual(before);
  });

  // RFC 7296 section 2.21.4: what is not protected is at most a hint, and this gateway takes none.
  it('a message in clear changes nothing, whatever it says', async () => {
    const pair = await established();
    const before = stateOf(pair);
    const { SPIi, SPIr } = before.sas[0]!;
    for (const exchange of [INFORMATIONAL, CREATE_CHILD_SA, ExchangeType.IKE_AUTH, ExchangeType.IKE_SA_INIT]) {
      for (const response of [false, true]) {
        const header = { SPIi, SPIr, exchange, initiator: true, response, messageId: 2 };
        for (const payload of [
          { type: 'D', protocol: Protocol.IKE, spis: [] } as const,
          notify(Notify.AUTHENTICATION_FAILED),
          notify(Notify.INVALID_IKE_SPI),
          notify(Notify.INVALID_SYNTAX),
        ]) {
          const octets = addMarker(emitIkeMessage(header, [payload]));
          const made = await offer(pair, { path: before.sas[0]!.path, octets });
          expect(made).toMatchObject({ sent: [], heard: false, drop: response ? 'response-not-asked' : 'unprotected' });
        }
      }
    }
    expect(stateOf(pair)).toEqual(before);
  });

  it('a message of another size than it says', async () => {
    const pair = await established();
    const [request] = await forge(pair, INFORMATIONAL, 2, []);
    const longer = { ...request!, octets: Uint8Array.from([...request!.octets, 0]) };
    expect(await offer(pair, longer)).toMatchObject({ drop: 'malformed', sent: [] });
  });
});

describe('a second marker, as some Apple clients write it', () => {
  it('is passed over', async () => {
    const pair = await established();
    const [request] = await forge(pair, INFORMATIONAL, 2, []);
    expect((await offer(pair, { ...request!, octets: addMarker(request!.octets) })).sent).toHaveLength(1);
  });
});
