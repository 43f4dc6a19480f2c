// What a peer object stores of its sequence numbers before packets go on. RFC 4303 section 3.4.3.

import { describe, expect, it } from 'vitest';
import { HeldPeer } from '../../worker/edge/held-peer.ts';
import type { Links } from '../../worker/edge/links.ts';
import type { CoreMarks, PeerCore } from '../../worker/edge/peer-core.ts';
import type { PeerStore } from '../../worker/edge/peer-store.ts';

function held() {
  const told: string[] = [];
  let safe: () => void = () => {};
  const core = { overdrawn: false, due: true, granted: 0 };
  const marks = { marks: new Map(), path: null } as NonNullable<CoreMarks>;
  const fake = {
    get overdrawn() {
      return core.overdrawn;
    },
    reserve: () => (core.due ? marks : null),
    grant: () => {
      told.push('granted');
      core.due = false;
      core.overdrawn = false;
    },
    woke: () => {},
  };
  const store = {
    load: () => ({ route: 1, checkpoint: {}, relay: '', keepalive: null }),
    marks: () => null,
    windows: () => null,
    saveMarks: () => told.push('stored'),
    saveMarksBehind: () => {
      told.push('being stored');
      return new Promise<void>((resolve) => (safe = resolve));
    },
  };
  const links = { any: false, route: null };
  const peer = new HeldPeer(
    store as unknown as PeerStore,
    links as unknown as Links,
    () => fake as unknown as PeerCore,
    () => {},
  );
  peer.wake();
  const written = async () => safe();
  return { peer, core, told, written };
}

/** The first marks are granted, and further ones are being stored. */
function storing() {
  const all = held();
  all.peer.reserve(0);
  all.told.length = 0;
  all.core.due = true;
  all.peer.reserve(1);
  return all;
}

describe('HeldPeer', () => {
  it('grants the first numbers in the turn in which they are stored', () => {
    const { peer, told } = held();
    peer.reserve(0);
    expect(told).toEqual(['stored', 'granted']);
  });

  it('grants further ones when they are safe, and asks for none meanwhile', async () => {
    const { peer, told, written } = storing();
    peer.reserve(2);
    expect(told).toEqual(['being stored']);
    await written();
    expect(told).toEqual(['being stored', 'granted']);
  });

  it('does not wait where packets have been faster: what goes on now is covered', async () => {
    const { peer, core, told, written } = storing();
    core.overdrawn = true;
    peer.reserve(2);
    expect(told).toEqual(['being stored', 'stored', 'granted']);
    await written();
    expect(told).toEqual(['being stored', 'stored', 'granted']);
  });
});
