import { describe, expect, it } from 'vitest';
import { Endpoint } from '../../../src/peer/endpoint.ts';
import type { Path } from '../../../src/wire/path.ts';

function path(remotePort: number, localPort = 4500): Path {
  const localAddress = Uint8Array.of(192, 0, 2, 1);
  return { localAddress, localPort, remoteAddress: Uint8Array.of(198, 51, 100, 7), remotePort };
}

const NEVER = { lastIn: 0, lastOut: 0 };

function standing(at = 1_000): Endpoint {
  const endpoint = new Endpoint();
  endpoint.heard(path(1), 'message', at, NEVER);
  return endpoint;
}

describe('the endpoint', () => {
  it('is first where the peer was authenticated, which is no move', () => {
    const endpoint = standing();
    expect(endpoint.path).toEqual(path(1));
    expect(endpoint.mapping.moved).toBe(0);
    expect(endpoint.due).toBe(true);
  });

  it('moves by what may move it, and only by that', () => {
    const endpoint = standing();
    endpoint.heard(path(2), null, 2_000, NEVER);
    expect(endpoint.path).toEqual(path(1));
    endpoint.policy = { followsEsp: false, keptOpen: false, lengthens: false };
    endpoint.heard(path(2), 'esp', 2_000, NEVER);
    expect(endpoint.path).toEqual(path(1));
    endpoint.heard(path(2), 'message', 2_000, NEVER);
    expect(endpoint.path).toEqual(path(2));
  });

  it('is not moved by what came before the last that was heard', () => {
    const endpoint = standing();
    endpoint.heard(path(1), 'esp', 5_000, NEVER);
    endpoint.heard(path(2), 'message', 4_999, NEVER);
    expect(endpoint.path).toEqual(path(1));
    endpoint.heard(path(2), 'message', 5_000, NEVER);
    expect(endpoint.path).toEqual(path(2));
  });

  it('goes back by another update at once, by ESP after five seconds', () => {
    const endpoint = standing();
    endpoint.heard(path(2), 'update', 10_000, NEVER);
    endpoint.heard(path(1), 'esp', 14_999, NEVER);
    expect(endpoint.path).toEqual(path(2));
    endpoint.heard(path(1), 'update', 14_999, NEVER);
    expect(endpoint.path).toEqual(path(1));
    endpoint.heard(path(2), 'esp', 19_998, NEVER);
    expect(endpoint.path).toEqual(path(1));
    endpoint.heard(path(2), 'esp', 19_999, NEVER);
    expect(endpoint.path).toEqual(path(2));
  });

  it('is followed elsewhere while it may not go back', () => {
    const endpoint = standing();
    endpoint.heard(path(2), 'update', 10_000, NEVER);
    endpoint.heard(path(3), 'esp', 10_001, NEVER);
    expect(endpoint.path).toEqual(path(3));
  });

  it('is never at port 500', () => {
    const endpoint = new Endpoint();
    endpoint.heard(path(500, 500), 'message', 1, NEVER);
    endpoint.restore(path(500, 500));
    expect(endpoint.path).toBeNull();
  });

  it('measures from the last packet either way what it bears, and from the last that came what it does not', () => {
    const endpoint = standing();
    endpoint.heard(path(1), 'esp', 100_000, { lastIn: 20_000, lastOut: 70_000 });
    expect(endpoint.mapping).toMatchObject({ survived: 30_000, expired: 0 });
    endpoint.heard(path(2), 'esp', 200_000, { lastIn: 100_000, lastOut: 190_000 });
    expect(endpoint.mapping).toMatchObject({ survived: 30_000, expired: 100_000 });
  });

  it('measures nothing when it does not know when the peer was heard', () => {
    const endpoint = standing();
    endpoint.heard(path(1), 'esp', 100_000, NEVER);
    endpoint.heard(path(2), 'esp', 200_000, NEVER);
    expect(endpoint.mapping).toMatchObject({ moved: 1, survived: 0, expired: 0 });
  });
});
