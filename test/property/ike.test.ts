// Whatever comes in: nothing crashes, nothing grows, nothing unprotected changes what is established, and nobody is flooded in our name.

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HALF_OPEN_SAS, IKE_SAS, MESSAGE_OCTETS } from '../../src/ike/limits.ts';
import type { PeerState } from '../../src/ike/state.ts';
import type { Peer } from '../../src/peer/peer.ts';
import { addMarker } from '../../src/wire/encap.ts';
import { emitIkeMessage } from '../../src/wire/ike-message.ts';
import { ExchangeType } from '../../src/wire/ike-numbers.ts';
import type { Datagram } from '../../src/wire/path.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { address } from '../sim/initiator/identities.ts';
import { notify } from '../sim/initiator/notify.ts';
import { forge, messageOf } from '../exchange/scene.ts';
import { AUTHENTICATED, again, EXCHANGES, nextRequestId, PHASE_NAMES, type Phase, phaseOf } from './ike-phases.ts';

const BEFORE = new Map<string, Promise<Phase>>();

/** Made once for all tests: none of them changes it. */
function phase(name: string): Promise<Phase> {
  const made = BEFORE.get(name) ?? phaseOf(name);
  BEFORE.set(name, made);
  return made;
}

const stateOf = (peer: Peer): PeerState | null => peer.checkpoint()?.state ?? null;

interface Fed {
  readonly sent: number;
  readonly heard: boolean;
  readonly changed: boolean;
  readonly drop: string | null;
}

async function feed(peer: Peer, datagram: Datagram, now: number): Promise<Fed> {
  const before = stateOf(peer);
  const step = await peer.stepIke(datagram, now);
  const outputs = peer.commit(step);
  const sent = outputs.flatMap((output) => (output.kind === 'send' ? output.datagrams : []));
  const after = stateOf(peer);
  return {
    sent: sent.reduce((sum, { octets }) => sum + octets.length, 0),
    heard: step.heard !== null,
    changed: before !== after && !isDeepStrictEqual(before, authenticated(before) ? after : withoutNew(after, before)),
    drop: step.drop,
  };
}

const authenticated = (state: PeerState | null) =>
  state?.sas.some(({ phase: { name } }) => name === 'established' || name === 'replaced') ?? false;

/** Where nobody is authenticated, anybody may begin: SAs that are half open come and disturb nothing. */
function withoutNew(after: PeerState | null, before: PeerState | null): PeerState | null {
  if (after === null) return null;
  const known = new Set(before?.sas.map(({ SPIr }) => SPIr));
  const sas = after.sas.filter(({ SPIr, phase: { name } }) => known.has(SPIr) || name !== 'half-open');
  return sas.length === 0 && before === null ? null : { ...after, sas };
}

const withOctets = (datagram: Datagram, octets: Uint8Array): Datagram => ({ ...datagram, octets });
const flipped = (octets: Uint8Array, bit: number) =>
  octets.map((octet, i) => (i === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));

/** Each cut, each bit of the headers, and every seventh bit behind them. */
function* mutations(octets: Uint8Array): Generator<Uint8Array> {
  const headers = 48 * 8;
  for (let length = 0; length < octets.length; length += length < 64 ? 1 : 5) yield octets.slice(0, length);
  for (let bit = 0; bit < octets.length * 8; bit += bit < headers ? 1 : 7) yield flipped(octets, bit);
  yield Uint8Array.from([...octets, 0]);
  yield Uint8Array.from([...octets, ...octets]);
}

const anyOctets = fc.uint8Array({ maxLength: 400 });
const anyAddress = fc.uint8Array({ minLength: 4, maxLength: 4 });

describe.each(PHASE_NAMES)('%s', (name) => {
  it('is not moved by a message that is cut or changed, and answers it with no more than three times its octets', async () => {
    const here = await phase(name);
    let peer = again(here);
    for (const datagram of [...here.recorded, ...here.next]) {
      for (const octets of mutations(datagram.octets)) {
        const { sent, heard, changed } = await feed(peer, withOctets(datagram, octets), here.pair.now);
        expect(sent).toBeLessThanOrEqual(3 * octets.length);
        expect(heard).toBe(false);
        expect(changed).toBe(false);
        if (!AUTHENTICATED.includes(name)) peer = again(here);
      }
    }
  }, 120_000);

  it('is not moved by what it has been told before', async () => {
    const here = await phase(name);
    const peer = again(here);
    const order = fc.array(fc.nat(Math.max(0, here.recorded.length - 1)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(order, fc.nat(5000), async (picks, later) => {
        for (const pick of picks) {
          const datagram = here.recorded[pick];
          if (datagram === undefined) continue;
          const { heard, changed } = await feed(peer, datagram, here.pair.now + later);
          expect({ heard, changed }).toEqual({ heard: false, changed: false });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is not moved by octets at random, behind its own SPIs or not', async () => {
    const here = await phase(name);
    const peer = again(here);
    const header = fc.record({
      exchange: fc.oneof(fc.constantFrom(...EXCHANGES), fc.nat(255)),
      flags: fc.constantFrom(0, 0x08, 0x20, 0x28),
      version: fc.constantFrom(0x20, 0x10, 0x21, 0x30),
      messageId: fc.nat(6),
      next: fc.constantFrom(0, 33, 35, 41, 46, 53, 99),
    });
    await fc.assert(
      fc.asyncProperty(header, anyOctets, anyAddress, fc.boolean(), async (fields, body, remoteAddress, ours) => {
        const { SPIi, SPIr } = stateOf(peer)?.sas.at(-1) ?? { SPIi: 1n, SPIr: 2n };
        const octets = new Uint8Array(28 + body.length);
        const view = new DataView(octets.buffer);
        view.setBigUint64(0, ours ? SPIi : 7n);
        view.setBigUint64(8, ours ? SPIr : 0n);
        octets.set([fields.next, fields.version, fields.exchange, fields.flags], 16);
        view.setUint32(20, fields.messageId);
        view.setUint32(24, octets.length);
        octets.set(body, 28);
        const path = { ...here.pair.client.session.path(), localPort: 4500, remoteAddress };
        const { sent, changed, heard } = await feed(peer, { path, octets: addMarker(octets) }, here.pair.now);
        expect(changed).toBe(false);
        expect(heard).toBe(false);
        expect(sent).toBeLessThanOrEqual(3 * octets.length);
      }),
      { numRuns: 150 },
    );
  });
});

/** What a client may put into a protected message: payloads of any type with any body. */
const anyPayload = fc.record({
  type: fc.constant('UNKNOWN' as const),
  payloadType: fc.oneof(fc.integer({ min: 33, max: 54 }), fc.integer({ min: 1, max: 255 })),
  critical: fc.boolean(),
  data: fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ minLength: 60, maxLength: 600 })),
});

/** Valid payloads, in any number and order. */
const knownPayload: fc.Arbitrary<Payload> = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 64 }).map((data) => ({ type: 'NONCE', data }) as const),
  fc
    .tuple(fc.nat(40), fc.uint8Array({ maxLength: 70 }))
    .map(([method, data]) => ({ type: 'KE', method, data }) as const),
  fc
    .tuple(fc.nat(17_000), fc.uint8Array({ maxLength: 9 }), fc.nat(4))
    .map(([type, data, protocol]) => notify(type, data, protocol, data)),
  fc
    .tuple(fc.nat(4), fc.array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { maxLength: 5 }))
    .map(([protocol, spis]) => ({ type: 'D', protocol, spis }) as const),
  fc
    .tuple(fc.nat(20), fc.uint8Array({ maxLength: 64 }))
    .map(([method, data]) => ({ type: 'AUTH', method, data }) as const),
  fc.uint8Array({ maxLength: 80 }).map((message) => ({ type: 'EAP', message }) as const),
  fc
    .tuple(fc.nat(12), fc.uint8Array({ minLength: 1, maxLength: 40 }))
    .map(([idType, data]) => ({ type: 'IDi', idType, data }) as const),
  fc
    .array(
      fc.tuple(
        fc.nat(4),
        fc.uint8Array({ maxLength: 9 }),
        fc.array(fc.record({ type: fc.integer({ min: 1, max: 7 }), id: fc.nat(40) }), { minLength: 1, maxLength: 9 }),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map(
      (list) =>
        ({
          type: 'SA',
          proposals: list.map(([protocol, spi, transforms], n) => ({ number: n + 1, protocol, spi, transforms })),
        }) as const,
    ),
  fc.constantFrom('TSi', 'TSr').map(
    (type) =>
      ({
        type,
        selectors: [
          {
            protocol: 0,
            startPort: 0,
            endPort: 65_535,
            startAddress: address('0.0.0.0'),
            endAddress: address('255.255.255.255'),
          },
        ],
      }) as Payload,
  ),
);

const UNPROTECTED = PHASE_NAMES.filter((name) => name !== 'nothing');

describe.each(UNPROTECTED)('%s: a client that keeps its keys and no rules', (name) => {
  it.each([
    ['payloads of any type and body', fc.array(anyPayload, { maxLength: 12 })],
    ['valid payloads in any order', fc.array(knownPayload, { maxLength: 9 })],
  ] as const)('%s', async (_, payloads) => {
    const here = await phase(name);
    const ofResponse = await pendingOf(here);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...EXCHANGES, 99), payloads as fc.Arbitrary<Payload[]>), {
          minLength: 1,
          maxLength: 4,
        }),
        async (messages) => {
          const peer = again(here);
          for (const [n, [exchange, inner]] of messages.entries()) {
            for (const datagram of await forge(here.pair, exchange, nextRequestId(here) + n, inner))
              await feed(peer, datagram, here.pair.now);
            if (ofResponse !== null && n === 0)
              for (const datagram of await answers(here, ofResponse, inner)) await feed(peer, datagram, here.pair.now);
          }
          expectSane(peer);
        },
      ),
      { numRuns: 60 },
    );
  });
});

interface Asked {
  readonly exchange: number;
  readonly id: number;
}

/** What the gateway waits for in this phase. */
async function pendingOf({ pair }: Phase): Promise<Asked | null> {
  for (const { outbound } of pair.peer.checkpoint()!.state.sas) {
    const { pending } = outbound;
    if (pending === null) continue;
    const rekey = pending.request.kind === 'rekey-child' || pending.request.kind === 'rekey-ike';
    return { exchange: rekey ? ExchangeType.CREATE_CHILD_SA : ExchangeType.INFORMATIONAL, id: pending.id };
  }
  return null;
}

/** The client's answer, with any payloads. */
async function answers({ pair }: Phase, { exchange, id }: Asked, payloads: readonly Payload[]): Promise<Datagram[]> {
  const sa = pair.client.session.sas[0]!;
  const { path } = pair.peer.checkpoint()!.state.sas[0]!;
  const messages = await sa.seal(exchange, id, true, payloads);
  return messages.map((octets) => ({ path, octets: addMarker(octets) }));
}

/** What holds in every state, however it was reached. */
function expectSane(peer: Peer): void {
  const state = stateOf(peer);
  if (state === null) return;
  expect(state.sas.length).toBeLessThanOrEqual(IKE_SAS);
  expect(octetsIn(state)).toBeLessThan(200_000);
  const spis = state.children.map(({ spiIn }) => spiIn);
  expect(new Set(spis).size).toBe(spis.length);
  for (const { ike, spiIn } of state.children) {
    expect(spiIn >>> 8).toBe(peer.route);
    expect(state.sas.some(({ SPIi, SPIr }) => SPIi === ike || SPIr === ike)).toBe(true);
  }
  const members = new Set(state.sas.flatMap(({ phase: p }) => ('member' in p ? [p.member.member] : [])));
  expect(members.size).toBeLessThanOrEqual(1);
}

/** All octets that are held, each buffer once. */
function octetsIn(value: unknown): number {
  const buffers = new Set<ArrayBufferLike>();
  collect(value, buffers);
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function collect(value: unknown, into: Set<ArrayBufferLike>): void {
  if (value instanceof Uint8Array) into.add(value.buffer);
  else if (value !== null && typeof value === 'object') for (const part of Object.values(value)) collect(part, into);
}

describe('memory', () => {
  it('half-open SAs are few, whoever asks for more', async () => {
    const here = await phase('nothing');
    const peer = again(here);
    const { header, payloads } = messageOf(here.next[0]!);
    for (let n = 0; n < 200; n++) {
      const octets = emitIkeMessage({ ...header, SPIi: BigInt(n + 1) }, [
        ...payloads,
        notify(40_000, new Uint8Array(n)),
      ]);
      await feed(peer, withOctets(here.next[0]!, octets), here.pair.now + n);
    }
    expect(stateOf(peer)!.sas).toHaveLength(HALF_OPEN_SAS);
    expect(octetsIn(stateOf(peer))).toBeLessThan(16_384);
  });

  it.each(['half-open', 'EAP, challenged', 'established'])(
    'fragments of one message at most, and no more than its octets: %s',
    async (name) => {
      const here = await phase(name);
      const peer = again(here);
      const sa = here.pair.client.session.sas.at(-1)!;
      sa.fragmentOctets = 1200;
      const id = nextRequestId(here);
      const large = Array.from({ length: 3 }, () => notify(40_001, new Uint8Array(20_000)));
      const pieces = [
        ...(await forge(here.pair, ExchangeType.INFORMATIONAL, id, large)),
        ...(await forge(here.pair, ExchangeType.INFORMATIONAL, id + 1, large)),
      ].filter((datagram) => messageOf(datagram).protected?.fragment?.number !== 1);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(pieces.length - 1), { maxLength: 80 }), async (picks) => {
          for (const pick of picks) await feed(peer, pieces[pick]!, here.pair.now);
          expect(octetsIn(stateOf(peer))).toBeLessThan(MESSAGE_OCTETS + 32_768);
        }),
        { numRuns: 10 },
      );
      for (const piece of pieces) await feed(peer, piece, here.pair.now);
      expect(octetsIn(stateOf(peer))).toBeGreaterThan(40_000);
      sa.fragmentOctets = 1280;
    },
  );

  it('an hour of noise leaves nothing behind', async () => {
    const here = await phase('nothing');
    const peer = again(here);
    for (let n = 0; n < 60; n++) {
      const now = here.pair.now + n * 60_000;
      const { header, payloads } = messageOf(here.next[0]!);
      const octets = emitIkeMessage({ ...header, SPIi: BigInt(n + 1) }, payloads);
      await feed(peer, withOctets(here.next[0]!, octets), now);
      peer.commit(await peer.stepTick(now));
    }
    expect(stateOf(peer)!.sas.length).toBeLessThanOrEqual(2);
    peer.commit(await peer.stepTick(here.pair.now + 4_000_000));
    expect(peer.checkpoint()).toBeNull();
    expect(peer.deadline()).toBeNull();
  });
});

describe('amplification', () => {
  // An address that has not answered yet may be anybody's.
  it.each(PHASE_NAMES.filter((name) => !AUTHENTICATED.includes(name)))(
    '%s: no address gets more than three times what came from it',
    async (name) => {
      const here = await phase(name);
      await fc.assert(
        fc.asyncProperty(anyAddress, fc.nat(3), async (remoteAddress, copies) => {
          const peer = again(here);
          let sent = 0;
          let received = 0;
          for (let n = 0; n <= copies; n++) {
            for (const { path, octets } of [...here.recorded, ...here.next]) {
              sent += (await feed(peer, { path: { ...path, remoteAddress }, octets }, here.pair.now)).sent;
              received += octets.length;
            }
          }
          expect(sent).toBeLessThanOrEqual(3 * received);
        }),
        { numRuns: 8 },
      );
    },
  );
});
