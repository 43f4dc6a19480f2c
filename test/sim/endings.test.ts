// Children that come and go, and the end of an IKE SA, with each datagram lost, doubled or late once: RFC 7296 sections 1.3.1, 1.4.1.

import { describe, expect, it } from 'vitest';
import { createPair, type Pair } from '../exchange/pair.ts';
import { selector } from './initiator/identities.ts';
import { faultOf, mindOf } from './settled.ts';

const SETTLE_MS = 150_000;
const FAULTS = ['carry', 'drop', 'double', 'late'] as const;

/** Plays with one fault at datagram k, for every k, and judges each end. */
async function always(run: (pair: Pair) => Promise<void>, judge: (pair: Pair) => Promise<void> | void): Promise<void> {
  for (const fault of FAULTS) {
    for (let k = 0, count = 1; k < count; k++) {
      const pair = await (await createPair()).establish();
      const first = pair.carried;
      pair.fault = (index) => (index - first === k ? fault : 'carry');
      await run(pair);
      await pair.drive();
      await pair.advance(SETTLE_MS);
      pair.fault = null;
      count = Math.max(count, fault === 'carry' ? 1 : pair.carried - first);
      try {
        await judge(pair);
      } catch (error) {
        throw new Error(`${fault} of datagram ${k}:\n${pair.client.journal.arrows().join('\n')}`, { cause: error });
      }
    }
  }
}

const kinds = (pair: Pair) => pair.outputs.map(({ kind }) => kind).filter((kind) => kind !== 'attempt');

describe('an IKE SA', () => {
  it('deleted by the client leaves nothing behind, and the member has left once', async () => {
    await always(
      (pair) => pair.runClient(pair.client.close(pair.now)),
      (pair) => {
        expect(pair.client.session.ended).toBe('deleted by the client');
        expect(pair.peer.checkpoint()).toBeNull();
        expect(kinds(pair)).toEqual(['joined', 'left', 'gone']);
      },
    );
  });

  it('terminated by the gateway leaves nothing behind, and the client is told', async () => {
    await always(
      (pair) => pair.command({ kind: 'terminate', reason: 'revoked' }),
      (pair) => {
        expect(pair.client.session.ended).toBe('deleted by the gateway');
        expect(pair.peer.checkpoint()).toBeNull();
        expect(kinds(pair)).toEqual(['joined', 'left', 'gone']);
      },
    );
  });

  it('deleted by both at once leaves nothing behind', async () => {
    await always(
      async (pair) => {
        await pair.runClient(pair.client.close(pair.now));
        await pair.command({ kind: 'terminate', reason: 'revoked' });
      },
      (pair) => {
        expect(pair.client.phase).toBe('closed');
        expect(pair.peer.checkpoint()).toBeNull();
        expect(kinds(pair)).toEqual(['joined', 'left', 'gone']);
      },
    );
  });

  it('of a client that lost power goes after its gateway has asked in vain', async () => {
    const pair = await (await createPair()).establish();
    pair.client.crash();
    await pair.command({ kind: 'liveness' });
    await pair.advance(6 * 60_000);
    expect(pair.peer.checkpoint()).toBeNull();
    expect(kinds(pair)).toEqual(['joined', 'left', 'gone']);
  });
});

describe('a child SA', () => {
  it('deleted by the client is made again when there is something to send', async () => {
    await always(
      (pair) => pair.runClient(pair.client.deleteChild(pair.now)),
      async (pair) => {
        expect(mindOf(pair).children).toEqual({ client: [], gateway: [] });
        await pair.runClient(pair.client.sendPackets([new Uint8Array(20)], pair.now));
        await pair.drive();
        expect(await faultOf(pair)).toBeNull();
      },
    );
  });

  it('is joined by more of them, each known to both', async () => {
    await always(
      async (pair) => {
        const narrow = { TSi: [selector('100.64.0.0/16')], TSr: [selector('10.1.0.0/16')] };
        await pair.runClient(pair.client.moreChildren(pair.now));
        await pair.runClient(pair.client.moreChildren(pair.now, narrow));
      },
      (pair) => {
        const { children, complaints } = mindOf(pair);
        expect(complaints).toEqual([]);
        expect(children.client).toHaveLength(3);
        expect(children.client).toEqual(children.gateway);
      },
    );
  });
});
