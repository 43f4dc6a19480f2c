import { describe, expect, it } from 'vitest';
import { listening, wantedAddresses } from '../../../relay/addresses.ts';
import { backoff, Retry } from '../../../relay/backoff.ts';
import { parseOrder } from '../../../relay/control.ts';
import { ExpiringMap } from '../../../relay/expiring-map.ts';
import { HalfOpen } from '../../../relay/half-open.ts';
import { KeepaliveWheel } from '../../../relay/keepalive.ts';
import { KnownPaths } from '../../../relay/known-paths.ts';
import { PathTable } from '../../../relay/paths.ts';
import { parseSettings } from '../../../relay/settings.ts';
import { silence } from '../../../relay/silence.ts';

describe('ExpiringMap', () => {
  it('forgets after its time', () => {
    const map = new ExpiringMap<string, number>(10, 1000);
    map.set('a', 1, 0);
    map.set('b', 2, 500);
    expect(map.get('a', 999)).toBe(1);
    expect(map.get('a', 1000)).toBeUndefined();
    expect(map.count(1000)).toBe(1);
  });

  it('makes room by forgetting the oldest', () => {
    const map = new ExpiringMap<string, number>(2, 1000);
    for (const [i, key] of ['a', 'b', 'a', 'c'].entries()) map.set(key, i, i);
    expect([map.get('a', 4), map.get('b', 4), map.get('c', 4)]).toEqual([2, undefined, 3]);
  });
});

describe('HalfOpen', () => {
  it('tells handshakes apart by address, port and SPIi', () => {
    const table = new HalfOpen();
    table.begin(HalfOpen.key('192.0.2.1', 500, 1n), 77, 0);
    expect(table.route(HalfOpen.key('192.0.2.1', 500, 1n), 59_999)).toBe(77);
    expect(table.route(HalfOpen.key('192.0.2.1', 500, 1n), 60_000)).toBeUndefined();
    for (const other of [
      HalfOpen.key('192.0.2.2', 500, 1n),
      HalfOpen.key('192.0.2.1', 501, 1n),
      HalfOpen.key('192.0.2.1', 500, 2n),
    ]) {
      expect(table.route(other, 0)).toBeUndefined();
    }
  });

  it('stays within its limit', () => {
    const table = new HalfOpen(100);
    for (let i = 0; i < 1000; i++) table.begin(HalfOpen.key('192.0.2.1', 500, BigInt(i)), i + 1, 0);
    expect(table.count(0)).toBe(100);
    expect(table.route(HalfOpen.key('192.0.2.1', 500, 999n), 0)).toBe(1000);
  });
});

describe('backoff', () => {
  it('begins within 100 to 250 ms, doubles, and never exceeds 30 s', () => {
    expect([backoff(0, 0), backoff(0, 1)]).toEqual([100, 250]);
    expect([1, 2, 3].map((attempt) => backoff(attempt, 1))).toEqual([500, 1000, 2000]);
    expect([backoff(50, 1), backoff(5000, 1), backoff(50, 0)]).toEqual([30_000, 30_000, 100]);
  });

  it('begins anew only after a connection that held', () => {
    const retry = new Retry();
    expect([retry.next(0, 1), retry.next(0, 1)]).toEqual([250, 500]);
    retry.opened(1000);
    expect(retry.next(1100, 1)).toBe(1000);
    retry.opened(2000);
    expect(retry.next(7000, 1)).toBe(250);
  });
});

describe('KeepaliveWheel', () => {
  const run = (wheel: KeepaliveWheel<string>, from: number, to: number, quiet: (second: number) => number) => {
    const sent: number[] = [];
    for (let second = from; second <= to; second++) {
      wheel.tick(
        () => quiet(second),
        () => sent.push(second),
      );
    }
    return sent;
  };

  it.each([1, 20, 127, 128, 129, 300])('sends every %i seconds', (seconds) => {
    const wheel = new KeepaliveWheel<string>();
    wheel.set('a', seconds);
    expect(run(wheel, 1, 3 * seconds, () => 1e9)).toEqual([seconds, 2 * seconds, 3 * seconds]);
  });

  // Requirements: rfc3948-4-send
  it('is silent while something else is sent', () => {
    const wheel = new KeepaliveWheel<string>();
    wheel.set('a', 20);
    expect(run(wheel, 1, 60, (second) => (second <= 30 ? 0 : second - 30))).toEqual([50]);
  });

  it('stops at 0, and counts on when it is told the same again', () => {
    const wheel = new KeepaliveWheel<string>();
    wheel.set('a', 20);
    run(wheel, 1, 15, () => 1e9);
    wheel.set('a', 20);
    expect(run(wheel, 16, 20, () => 1e9)).toEqual([20]);
    wheel.set('a', 10);
    expect(run(wheel, 21, 30, () => 1e9)).toEqual([30]);
    wheel.set('a', 0);
    expect(run(wheel, 31, 100, () => 1e9)).toEqual([]);
    expect(wheel.size).toBe(0);
  });
});

describe('silence', () => {
  it('is reported once after 150 s, and again only after something was heard', () => {
    expect(silence(1000, 0, 150_999)).toBeNull();
    expect(silence(1000, 0, 151_000)).toBe(150);
    expect(silence(1000, 151_000, 540_999)).toBeNull();
    expect(silence(1000, 151_000, 541_000)).toBe(540);
    expect(silence(1000, 541_000, 9_000_000)).toBeNull();
    expect(silence(152_000, 151_000, 302_500)).toBe(150);
  });
});

describe('KnownPaths', () => {
  const socket = {
    address: '192.0.2.1',
    port: 4500,
    publicAddress: Uint8Array.of(203, 0, 113, 1),
    publicPort: 4500,
    handle: null,
    sender: null,
  };

  it('keeps eight, gives up forgeries before what the edge has confirmed, and the longest unheard first', () => {
    const table = new PathTable();
    const forgotten: number[] = [];
    const paths = new KnownPaths(table, ({ remote }) => forgotten.push(remote.port));
    paths.learn(socket, '198.51.100.1', 1, 1)!.confirmed = true;
    for (let port = 2; port <= 10; port++) paths.learn(socket, '198.51.100.1', port, port);
    expect(forgotten).toEqual([2, 3]);
    expect(table.size).toBe(8);
    expect(paths.find(socket, '198.51.100.1', 1)!.confirmed).toBe(true);
    paths.clear();
    expect(table.size).toBe(0);
  });

  it('is found by what the socket says and by what the edge says', () => {
    const paths = new KnownPaths(new PathTable(), () => {});
    const known = paths.learn(socket, '198.51.100.1', 7, 1)!;
    expect(paths.find(socket, '198.51.100.1', 7)).toBe(known);
    expect(paths.find(socket, '198.51.100.1', 8)).toBeUndefined();
    const path = {
      localAddress: Uint8Array.of(203, 0, 113, 1),
      localPort: 4500,
      remoteAddress: Uint8Array.of(198, 51, 100, 1),
      remotePort: 7,
    };
    expect(paths.at(path)).toBe(known);
    expect(paths.at({ ...path, localAddress: Uint8Array.of(192, 0, 2, 1) })).toBeUndefined();
    expect(paths.learn(socket, 'fe80::1%eth0', 7, 1)).toBeNull();
  });
});

describe('addresses', () => {
  const interfaces = {
    lo: [
      { address: '127.0.0.1', family: 'IPv4' as const },
      { address: '::1', family: 'IPv6' as const },
    ],
    eth0: [
      { address: '192.0.2.2', family: 'IPv4' as const },
      { address: '169.254.1.1', family: 'IPv4' as const },
      { address: '2001:db8::2', family: 'IPv6' as const },
      { address: 'fe80::1', family: 'IPv6' as const },
    ],
  };

  it('are all of the host unless some are named, link-local ones never', () => {
    expect(wantedAddresses(listening([]), interfaces)).toEqual(['127.0.0.1', '::1', '192.0.2.2', '2001:db8::2']);
    expect(wantedAddresses(listening(['192.0.2.2']), interfaces)).toEqual(['192.0.2.2']);
    expect(wantedAddresses(listening(['0.0.0.0']), interfaces)).toEqual(['127.0.0.1', '192.0.2.2']);
    expect(wantedAddresses(listening(['::', '192.0.2.2']), interfaces)).toEqual(['192.0.2.2', '::1', '2001:db8::2']);
  });
});

describe('what the edge tells', () => {
  it('is refused unless it is what was promised', () => {
    const secret = Buffer.alloc(32, 1).toString('base64');
    const good = { cookieSecrets: [{ version: 3, secret, notAfter: 5 }], gatewayName: 'g', refreshSeconds: 60 };
    expect(parseSettings(good)).toEqual({
      cookieSecrets: [{ version: 3, secret: new Uint8Array(32).fill(1), notAfter: 5 }],
      refreshSeconds: 60,
    });
    for (const wrong of [
      null,
      [],
      {},
      { ...good, refreshSeconds: '60' },
      { ...good, cookieSecrets: [{ version: 3, secret: 'AA==', notAfter: 5 }] },
      { ...good, cookieSecrets: [null] },
    ]) {
      expect(parseSettings(wrong)).toBeNull();
    }
    expect(parseSettings({ ...good, refreshSeconds: 0 })!.refreshSeconds).toBe(10);
  });

  it('dials only routes that exist', () => {
    expect(parseOrder('{"dial":5}')).toEqual({ dial: 5 });
    expect(parseOrder('{"settings":true}')).toEqual({ settings: true });
    for (const wrong of [
      '{"dial":0}',
      '{"dial":16777216}',
      '{"dial":1.5}',
      '{"dial":"5"}',
      '{}',
      'null',
      'dial',
      '[]',
    ]) {
      expect(parseOrder(wrong)).toBeNull();
    }
  });
});
