// IKE fragmentation, RFC 7383, in both directions.

import { describe, expect, it } from 'vitest';
import { FRAGMENTS, MESSAGE_OCTETS } from '../../src/ike/limits.ts';
import { addMarker } from '../../src/wire/encap.ts';
import { emitProtectedShell } from '../../src/wire/ike-message.ts';
import { ExchangeType } from '../../src/wire/ike-numbers.ts';
import type { Datagram } from '../../src/wire/path.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { notify } from '../sim/initiator/notify.ts';
import { faultOf } from '../sim/settled.ts';
import { createPair, type Pair } from './pair.ts';
import { altered, forge, messageOf, octetsOf, offer, stateOf } from './scene.ts';

const { INFORMATIONAL } = ExchangeType;

const established = async () => (await createPair()).establish();

/** Padding for a request that is answered with nothing. */
function ballast(octets: number): Payload[] {
  const most = 30_000;
  const sizes = Array.from({ length: Math.ceil(octets / most) }, (_, n) => Math.min(most, octets - n * most));
  return sizes.map((size) => notify(40_001, new Uint8Array(size).fill(0x5a)));
}

/** One request of the client, in pieces of at most `limit` octets each. */
async function pieces(pair: Pair, limit: number, octets: number, messageId = 2): Promise<Datagram[]> {
  pair.client.session.current!.fragmentOctets = limit;
  return forge(pair, INFORMATIONAL, messageId, ballast(octets));
}

/** As many pieces as that: of 150 octets, 89 are payload. */
async function inPieces(pair: Pair, count: number): Promise<Datagram[]> {
  const made = await pieces(pair, 150, 89 * count - 50);
  if (made.length !== count) throw new Error(`${made.length} pieces`);
  return made;
}

const reassemblyOf = (pair: Pair) => stateOf(pair).sas[0]!.inbound.reassembly;

describe('a request in fragments', () => {
  it.each([2, 3, 32, FRAGMENTS])('of %i pieces is put together', async (count) => {
    const pair = await established();
    const made = await inPieces(pair, count);
    for (const piece of made.slice(0, -1)) {
      expect(await offer(pair, piece)).toMatchObject({ drop: null, sent: [], heard: true });
    }
    expect((await offer(pair, made.at(-1)!)).sent).toHaveLength(1);
    expect(reassemblyOf(pair)).toBeNull();
  });

  it('is put together from the last to the first', async () => {
    const pair = await established();
    const made = (await inPieces(pair, 7)).reverse();
    for (const piece of made.slice(0, -1)) expect((await offer(pair, piece)).sent).toEqual([]);
    expect((await offer(pair, made.at(-1)!)).sent).toHaveLength(1);
  });

  // Requirements: rfc7383-2.6-replay rfc7383-2.6.1-numbers
  it('each piece counts once', async () => {
    const pair = await established();
    const made = await inPieces(pair, 3);
    await offer(pair, made[0]!);
    const before = stateOf(pair);
    expect(await offer(pair, made[0]!)).toMatchObject({ drop: 'fragment', sent: [], heard: false });
    expect(stateOf(pair)).toEqual(before);
    await offer(pair, made[1]!);
    expect((await offer(pair, made[2]!)).sent).toHaveLength(1);
  });

  // RFC 7383 section 2.5.2: the sender tries again with smaller pieces.
  // Requirements: rfc7383-2.6-tests rfc7383-2.6-cut-anew
  it('cut anew and smaller begins afresh; what is left of the larger ones is passed over', async () => {
    const pair = await established();
    const large = await pieces(pair, 800, 3000);
    const small = await pieces(pair, 400, 3000);
    expect(small.length).toBeGreaterThan(large.length);
    await offer(pair, large[0]!);
    await offer(pair, large[1]!);
    await offer(pair, small[0]!);
    expect(reassemblyOf(pair)!.parts.filter((part) => part !== null)).toHaveLength(1);
    expect(await offer(pair, large[2]!)).toMatchObject({ drop: 'fragment' });
    for (const piece of small.slice(1, -1)) await offer(pair, piece);
    expect((await offer(pair, small.at(-1)!)).sent).toHaveLength(1);
  });

  it('after which it comes in one piece, as nobody forbids', async () => {
    const pair = await established();
    const made = await pieces(pair, 400, 1000);
    await offer(pair, made[0]!);
    const [whole] = await pieces(pair, 9000, 1000);
    expect((await offer(pair, whole!)).sent).toHaveLength(1);
    expect(reassemblyOf(pair)).toBeNull();
  });

  // Requirements: rfc7383-2.6.1-first-only
  it('is done once: the pieces of what was answered bring the answer again, and only the first of them', async () => {
    const pair = await established();
    const made = await inPieces(pair, 3);
    for (const piece of made) await offer(pair, piece);
    const before = stateOf(pair);
    expect((await offer(pair, made[0]!)).sent).toHaveLength(1);
    expect(await offer(pair, made[1]!)).toMatchObject({ drop: 'message-id', sent: [] });
    expect(await offer(pair, made[2]!)).toMatchObject({ drop: 'message-id', sent: [] });
    expect(stateOf(pair)).toEqual(before);
  });

  // libreswan sends whole first, and in pieces when no answer comes (RFC 7383 section 2.6.1).
  it('is answered again when it was answered in one piece, and is repeated in many', async () => {
    const pair = await established();
    const [whole] = await pieces(pair, 9000, 1000);
    const first = await offer(pair, whole!);
    const made = await pieces(pair, 400, 1000);
    const before = stateOf(pair);
    const again = await offer(pair, made[0]!);
    expect(again).toMatchObject({ drop: null, heard: false });
    expect(again.sent).toEqual(first.sent);
    expect(await offer(pair, made[1]!)).toMatchObject({ drop: 'message-id' });
    expect(stateOf(pair)).toEqual(before);
  });

  it('is not answered again for a first piece that is not authentic', async () => {
    const pair = await established();
    const [whole] = await pieces(pair, 9000, 1000);
    await offer(pair, whole!);
    const [piece] = await pieces(pair, 400, 1000);
    const forged = altered(piece!, (octets) => octets.set([octets.at(-1)! ^ 1], octets.length - 1));
    expect(await offer(pair, forged)).toMatchObject({ drop: 'repeated-with-other-octets', sent: [] });
  });
});

describe('fragments that are refused', () => {
  // Requirements: rfc7383-4-limit
  it('too many of them', async () => {
    const pair = await established();
    const made = await inPieces(pair, FRAGMENTS + 1);
    const before = stateOf(pair);
    for (const piece of made) expect(await offer(pair, piece)).toMatchObject({ drop: 'fragment', sent: [] });
    expect(stateOf(pair)).toEqual(before);
  });

  // Requirements: rfc7383-4-limit
  it('too many octets in them', async () => {
    const pair = await established();
    const made = await pieces(pair, 1248, MESSAGE_OCTETS + 3000);
    expect(made.length).toBeLessThanOrEqual(FRAGMENTS);
    const drops = [];
    for (const piece of made) drops.push((await offer(pair, piece)).drop);
    expect(drops).toContain('fragment');
    expect(octetsHeld(pair)).toBeLessThanOrEqual(MESSAGE_OCTETS);
    expect((await offer(pair, (await pieces(pair, 99_999, 500))[0]!)).sent).toHaveLength(1);
  });

  // Requirements: rfc7383-2.6-tests
  it.each([
    ['number 0', { number: 0, total: 3 }],
    ['a number above the total', { number: 4, total: 3 }],
    ['a total of 0', { number: 1, total: 0 }],
  ])('%s', async (_, fragment) => {
    const pair = await established();
    const { SPIi, SPIr, path } = stateOf(pair).sas[0]!;
    const header = { SPIi, SPIr, exchange: INFORMATIONAL, initiator: true, response: false, messageId: 2 };
    const { octets } = emitProtectedShell(header, { kind: 'SKF', first: 0, fragment }, 40);
    const before = stateOf(pair);
    expect(await offer(pair, { path, octets: addMarker(octets) })).toMatchObject({ drop: 'fragment', sent: [] });
    expect(stateOf(pair)).toEqual(before);
  });

  // Requirements: rfc7383-2.6-icv
  it('what is not authentic, before it is kept', async () => {
    const pair = await established();
    const made = await inPieces(pair, 3);
    await offer(pair, made[0]!);
    const before = stateOf(pair);
    const forged = altered(made[1]!, (octets) => octets.set([octets.at(-1)! ^ 1], octets.length - 1));
    expect(await offer(pair, forged)).toMatchObject({ drop: 'integrity', heard: false });
    expect(stateOf(pair)).toEqual(before);
    await offer(pair, made[1]!);
    expect((await offer(pair, made[2]!)).sent).toHaveLength(1);
  });

  // Requirements: rfc7383-2.6.1-numbers
  it('of a message out of turn', async () => {
    const pair = await established();
    const before = stateOf(pair);
    for (const id of [1, 3]) {
      const made = await pieces(pair, 400, 1000, id);
      expect(await offer(pair, made[1]!)).toMatchObject({ drop: 'message-id' });
    }
    expect(stateOf(pair)).toEqual(before);
  });
});

describe('a handshake in fragments', () => {
  // Requirements: rfc7383-2.4-unlikely
  it.each([300, 400, 576, 1280])('of %i octets', async (fragmentOctets) => {
    const pair = await createPair({ auth: 'cert', client: { fragmentOctets } });
    await pair.establish();
    expect(pair.messages[2]!.fragments > 0).toBe(fragmentOctets < 1280);
    expect(await faultOf(pair)).toBeNull();
  });

  it.each([
    ['the gateway cuts what is longer than a datagram', 1280],
    ['in one piece to a client that knows no fragments', null],
  ])('%s', async (_, fragmentOctets) => {
    const pair = await createPair({ auth: 'cert', client: { fragmentOctets } });
    const gateway = await pair.pad.gateway();
    pair.pad.gateway = async () => ({ ...gateway, chain: [...gateway.chain, new Uint8Array(3000)] });
    const sizes: number[] = [];
    pair.fault = (_index, to, datagram) => {
      if (to === 'client') sizes.push(datagram.octets.length);
      return 'carry';
    };
    await pair.establish();
    expect(pair.client.established).toBe(true);
    expect(pair.messages.at(-1)!.fragments).toBe(fragmentOctets === null ? 0 : 4);
    // With IP and UDP header.
    if (fragmentOctets !== null) expect(Math.max(...sizes)).toBeLessThanOrEqual(1280 - 28);
    expect(await faultOf(pair)).toBeNull();
  });

  // Requirements: rfc7383-2.4-continue
  it('the pieces of an answer are repeated as they were', async () => {
    const pair = await createPair({ auth: 'cert' });
    const gateway = await pair.pad.gateway();
    pair.pad.gateway = async () => ({ ...gateway, chain: [...gateway.chain, new Uint8Array(3000)] });
    await pair.start();
    await pair.step();
    await pair.step();
    const request = pair.toGateway.shift()!;
    const first = await offer(pair, request);
    expect(first.sent.map((datagram) => messageOf(datagram).protected!.fragment!.number)).toEqual([1, 2, 3, 4]);
    const again = await offer(pair, request);
    expect(again.sent).toEqual(first.sent);
    expect(octetsOf(again.sent)).toBeGreaterThan(3000);
  });
});

describe('a response in fragments', () => {
  it('is put together in any order', async () => {
    const pair = await established();
    pair.client.session.current!.fragmentOctets = 150;
    await pair.command({ kind: 'rekey-child' });
    await pair.step();
    const answer = pair.toGateway.splice(0).reverse();
    expect(answer.length).toBeGreaterThan(1);
    for (const piece of answer.slice(0, -1))
      expect(await offer(pair, piece)).toMatchObject({ drop: null, heard: true });
    expect(stateOf(pair).sas[0]!.inbound.responseReassembly).not.toBeNull();
    pair.toGateway.push(answer.at(-1)!);
    await pair.drive();
    expect(stateOf(pair).sas[0]!.inbound.responseReassembly).toBeNull();
    expect(await faultOf(pair)).toBeNull();
  });

  it('does not mix with a request that comes at the same time', async () => {
    const pair = await established();
    pair.client.session.current!.fragmentOctets = 150;
    await pair.command({ kind: 'rekey-child' });
    await pair.step();
    const answer = pair.toGateway.splice(0);
    const request = await pieces(pair, 150, 500);
    for (let n = 0; n < Math.max(answer.length, request.length); n++) {
      if (request[n] !== undefined) pair.toGateway.push(request[n]!);
      if (answer[n] !== undefined) pair.toGateway.push(answer[n]!);
    }
    await pair.drive();
    expect(stateOf(pair).sas[0]!.inbound).toMatchObject({ nextId: 3, reassembly: null, responseReassembly: null });
    expect(stateOf(pair).children).toHaveLength(1);
  });
});

function octetsHeld(pair: Pair): number {
  return (reassemblyOf(pair)?.parts ?? []).reduce((sum, part) => sum + (part?.length ?? 0), 0);
}
