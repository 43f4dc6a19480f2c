// Every datagram of every exchange lost, doubled or late, once: the end is the same as without. RFC 7296 sections 2.1 to 2.3.

import { describe, expect, it } from 'vitest';
import { createPair, type Pair, type PairWish } from '../exchange/pair.ts';
import { windows } from './initiator/clients.ts';
import { address } from './initiator/identities.ts';
import { faultOf } from './settled.ts';

const SETTLE_MS = 100_000;

interface Exchange {
  readonly wish: PairWish;
  readonly run: (pair: Pair) => Promise<void>;
}

/** Of four nonces the lowest loses (RFC 7296 section 2.8.1). */
const CLIENT_LOSES = { request: 0, answer: 255 };
const GATEWAY_LOSES = { request: 255, answer: 0 };

const nothing = async () => {};

const exchanges: Record<string, Exchange> = {
  'handshake by PSK': { wish: { auth: 'psk' }, run: nothing },
  'handshake by certificate, in fragments': { wish: { auth: 'cert', client: { fragmentOctets: 400 } }, run: nothing },
  'handshake by EAP': { wish: { auth: 'eap', client: windows(2), legacy: true }, run: nothing },
  'child rekeyed by the client': { wish: {}, run: (pair) => pair.runClient(pair.client.rekeyChild(pair.now)) },
  'IKE SA rekeyed by the client': { wish: {}, run: (pair) => pair.runClient(pair.client.rekeyIke(pair.now)) },
  'child rekeyed by the gateway': { wish: {}, run: (pair) => pair.command({ kind: 'rekey-child' }) },
  'IKE SA rekeyed by the gateway': { wish: {}, run: (pair) => pair.command({ kind: 'rekey-ike' }) },
  'child rekeyed by both, the client loses': {
    wish: { client: { nonceHeads: CLIENT_LOSES } },
    run: async (pair) => {
      await pair.runClient(pair.client.rekeyChild(pair.now));
      await pair.command({ kind: 'rekey-child' });
    },
  },
  'child rekeyed by both, the gateway loses': {
    wish: { client: { nonceHeads: GATEWAY_LOSES } },
    run: async (pair) => {
      await pair.runClient(pair.client.rekeyChild(pair.now));
      await pair.command({ kind: 'rekey-child' });
    },
  },
  'IKE SA rekeyed by both, the client loses': {
    wish: { client: { nonceHeads: CLIENT_LOSES } },
    run: async (pair) => {
      await pair.runClient(pair.client.rekeyIke(pair.now));
      await pair.command({ kind: 'rekey-ike' });
    },
  },
  'IKE SA rekeyed by both, the gateway loses': {
    wish: { client: { nonceHeads: GATEWAY_LOSES } },
    run: async (pair) => {
      await pair.runClient(pair.client.rekeyIke(pair.now));
      await pair.command({ kind: 'rekey-ike' });
    },
  },
  'child rekeyed by the client, IKE SA by the gateway': {
    wish: {},
    run: async (pair) => {
      await pair.runClient(pair.client.rekeyChild(pair.now));
      await pair.command({ kind: 'rekey-ike' });
    },
  },
  'IKE SA rekeyed by the client, child by the gateway': {
    wish: {},
    run: async (pair) => {
      await pair.runClient(pair.client.rekeyIke(pair.now));
      await pair.command({ kind: 'rekey-child' });
    },
  },
  'moved, with MOBIKE': {
    wish: {},
    run: (pair) => pair.runClient(pair.client.move(address('203.0.113.9'), pair.now)),
  },
  'moved, with MOBIKE, while the gateway rekeys the IKE SA': {
    wish: {},
    run: async (pair) => {
      await pair.command({ kind: 'rekey-ike' });
      await pair.runClient(pair.client.move(address('203.0.113.9'), pair.now));
    },
  },
  'moved, without MOBIKE': {
    wish: { client: { layout: ['IDi', 'IDr', 'AUTH', 'CP', 'SA', 'TSi', 'TSr'] } },
    run: async (pair) => {
      await pair.runClient(pair.client.move(address('203.0.113.9'), pair.now));
      await pair.runClient(pair.client.liveness(pair.now));
      await pair.command({ kind: 'rekey-child' });
    },
  },
  'liveness of both': {
    wish: {},
    run: async (pair) => {
      await pair.runClient(pair.client.liveness(pair.now));
      await pair.command({ kind: 'liveness' });
    },
  },
};

/** Plays an exchange with one fault. @returns how many datagrams there were, and what is wrong at the end. */
async function play(
  { wish, run }: Exchange,
  fault: Pair['fault'],
  before: (pair: Pair, index: number) => void = () => {},
) {
  const pair = await createPair(wish);
  const handshake = run === nothing;
  if (!handshake) await pair.establish();
  const first = pair.carried;
  pair.fault = fault && ((index, to, datagram) => fault(index - first, to, datagram));
  pair.before = (index) => before(pair, index - first);
  if (handshake) await pair.start();
  else await run(pair);
  await pair.drive();
  await pair.advance(SETTLE_MS);
  const count = pair.carried - first;
  pair.fault = null;
  pair.before = null;
  return { count, wrong: await faultOf(pair), arrows: pair.client.journal.arrows() };
}

describe.each(Object.entries(exchanges))('%s', (_, exchange) => {
  it('ends with one IKE SA and one child SA', async () => {
    const { wrong, arrows } = await play(exchange, null);
    expect(wrong, arrows.join('\n')).toBeNull();
  });

  // Requirements: rfc7383-2.6-timeout
  it.each(['drop', 'double', 'late'] as const)('survives each datagram %s', async (decision) => {
    const { count } = await play(exchange, null);
    expect(count).toBeGreaterThan(1);
    for (let k = 0; k < count; k++) {
      const { wrong, arrows } = await play(exchange, (index) => (index === k ? decision : 'carry'));
      expect(wrong, `datagram ${k} of ${count}: ${decision}\n${arrows.join('\n')}`).toBeNull();
    }
  });

  it.each(['hibernated', 'crashed'] as const)('survives the Peer %s before each datagram', async (how) => {
    const { count } = await play(exchange, null);
    for (let k = 0; k < count; k++) {
      const evict = (pair: Pair, index: number) => {
        if (index === k) pair.evict(how);
      };
      const { wrong, arrows } = await play(exchange, null, evict);
      expect(wrong, `${how} before datagram ${k} of ${count}\n${arrows.join('\n')}`).toBeNull();
    }
  });
});
