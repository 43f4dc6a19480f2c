import { afterEach, describe, expect, it } from 'vitest';
import { ALWAYS_CHALLENGE, RATES } from '../../../relay/admission.ts';
import { parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { addMarker } from '../../../src/wire/encap.ts';
import { type Client, espPacket, type Harness, harness, initialRequest, until } from './harness.ts';

const ROUTE = 70_000;
let h: Harness;

afterEach(() => h.close());

/** What a challenge on port 500 or 4500 carries. */
function cookieIn(octets: Uint8Array): Uint8Array {
  const message = parseIkeMessage(octets[0] === 0 && octets[3] === 0 && octets[4] !== 0 ? octets.subarray(4) : octets);
  const payload = message.payloads[0];
  if (payload?.type !== 'N' || payload.notify !== 16390) throw new Error('no cookie');
  return payload.data;
}

describe('a handshake', () => {
  it('goes in by a new route and comes back by the same path', async () => {
    h = await harness();
    const client = await h.client();
    const request = initialRequest(0x1122334455667788n);
    await client.send(500, request);
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    const peer = h.edge.peer();
    expect(peer.fresh).toBe(true);
    expect(peer.datagrams[0]!.octets).toEqual(request);
    expect(peer.datagrams[0]!.path).toMatchObject({ localPort: 500, remotePort: client.port });
    peer.write((writer) => writer.datagram(peer.datagrams[0]!.path, Uint8Array.of(1, 2, 3)));
    await until(() => client.heard.length === 1);
    expect(client.heard[0]).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('stays on its route when the request is repeated', async () => {
    h = await harness();
    const client = await h.client();
    for (let i = 0; i < 3; i++) await client.send(500, initialRequest(1n << 40n));
    await client.send(500, initialRequest(2n << 40n));
    await until(() => h.edge.peers.length === 2 && h.edge.peers.flatMap((peer) => peer.datagrams).length === 4);
    expect(h.edge.peers.map((peer) => peer.datagrams.length).sort()).toEqual([1, 3]);
  });

  it('409: takes another route, three times at most', async () => {
    h = await harness();
    h.edge.judge = () => (h.edge.dials.length < 3 ? 409 : null);
    const client = await h.client();
    await client.send(500, initialRequest(1n << 40n));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    expect(h.edge.dials.map(({ fresh }) => fresh)).toEqual([true, true, true]);
    expect(new Set(h.edge.dials.map(({ route }) => route)).size).toBe(3);

    h.edge.judge = () => 409;
    await client.send(500, initialRequest(2n << 40n));
    await until(() => h.edge.dials.length === 6 && h.relay.counts.dropped['uplink-ended'] === 1);
    expect(h.relay.metrics()).toContain('culvert_relay_half_open 1\n');
  });

  it('is answered about a later major version', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(500, initialRequest(1n << 40n).with(17, 0x30));
    await until(() => client.heard.length === 1);
    expect(parseIkeMessage(client.heard[0]!).payloads).toMatchObject([{ type: 'N', notify: 5 }]);
    expect(h.edge.dials.length).toBe(0);
  });
});

describe('cookies', () => {
  it.each([500, 4500] as const)('on port %i open the door that is shut without', async (port) => {
    h = await harness({ rates: ALWAYS_CHALLENGE });
    const wrap = port === 500 ? (ike: Uint8Array) => ike : addMarker;
    const client = await h.client();
    await client.send(port, wrap(initialRequest(1n << 60n)));
    await until(() => client.heard.length === 1);
    expect(h.edge.dials.length).toBe(0);
    await client.send(port, wrap(initialRequest(1n << 60n, cookieIn(client.heard[0]!))));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    expect(h.edge.peer().fresh).toBe(true);
  });

  it('are bound to the port: another client is asked anew', async () => {
    h = await harness({ rates: ALWAYS_CHALLENGE });
    const client = await h.client();
    const other = await h.client();
    await client.send(500, initialRequest(1n << 60n));
    await until(() => client.heard.length === 1);
    await other.send(500, initialRequest(1n << 60n, cookieIn(client.heard[0]!)));
    await until(() => other.heard.length === 1);
    expect(cookieIn(other.heard[0]!)).not.toEqual(cookieIn(client.heard[0]!));
    expect(h.edge.dials.length).toBe(0);
  });

  it('follow the secret when the edge asks to fetch the settings again', async () => {
    h = await harness({ rates: ALWAYS_CHALLENGE });
    const notAfter = Date.now() + 3_600_000;
    h.edge.settings = {
      cookieSecrets: [{ version: 2, secret: Buffer.alloc(32, 8).toString('base64'), notAfter }],
      refreshSeconds: 300,
    };
    h.edge.controls[0]!.send('{"settings":true}');
    await until(() => h.edge.settingsAsked === 2);
    const client = await h.client();
    await until(() => {
      void client.send(500, initialRequest(1n << 60n));
      return client.heard.some((octets) => cookieIn(octets)[0] === 2);
    });
  });

  it('stand between a flood of 10,000 IKE_SA_INIT requests from 200 addresses and the edge', async () => {
    h = await harness();
    const clients: Client[] = [];
    for (let i = 0; i < 200; i++) clients.push(await h.client(`127.0.${1 + (i >> 7)}.${1 + (i & 127)}`));
    const request = initialRequest(1n << 60n);
    for (let n = 0; n < 50; n++) {
      for (const [i, client] of clients.entries()) {
        await client.send(500, initialRequest((1n << 60n) + BigInt(n * 1000 + i)));
        // What overflows a socket's buffer would be dropped by the host, not by the relay.
        const sent = n * 200 + i + 1;
        if (sent % 25 === 0) await until(() => h.relay.counts.received.initial === sent);
      }
    }
    // The clock stood still: the budgets were full once and got nothing more.
    const admitted = RATES.unproven.burst;
    const { sent, dropped } = h.relay.counts;
    expect(sent.cookie + admitted).toBe(10_000);
    expect(dropped['source-limit'] + dropped['no-cookie-secret'] + dropped['answer-too-long']).toBe(0);
    await until(() => h.edge.peers.length === admitted);
    await until(() => clients.reduce((sum, client) => sum + client.heard.length, 0) === sent.cookie);
    for (const { heard } of clients) {
      for (const octets of heard) {
        expect(octets.length).toBeLessThanOrEqual(request.length);
        expect(cookieIn(octets).length).toBe(17);
      }
    }
    expect(h.edge.dials.length).toBe(admitted);
  });
});

describe('keepalives', () => {
  // Requirements: rfc3948-2.3-ignore rfc3948-4-not-liveness
  it('of clients end here, and keep a path from being silent', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    h.clock.now += 149_000;
    await client.send(4500, Uint8Array.of(0xff));
    await until(() => h.relay.counts.received.keepalive === 1);
    h.clock.now += 149_000;
    for (let i = 0; i < 25; i++) h.relay.tick();
    await until(() => h.edge.peer().pings === 1);
    expect(h.edge.peer().frames.length).toBe(1);
    // Follows the pong, and so shows that it has arrived.
    h.edge.peer().write((writer) => writer.credit(1));
    await until(() => h.relay.counts.frames.down === 1);

    h.clock.now += 2_000;
    for (let i = 0; i < 25; i++) h.relay.tick();
    await until(() => h.edge.peer().frames.length === 2);
    expect(h.edge.peer().frames[1]).toEqual([{ kind: 'silent', path: h.edge.peer().datagrams[0]!.path, seconds: 151 }]);
    expect(h.edge.peers.length).toBe(1);
  });

  // Requirements: rfc3948-2.3-keepalive
  it('of the gateway are sent when the edge says so, and no longer', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    const { path } = h.edge.peer().datagrams[0]!;
    const tick = (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        h.clock.now += 1000;
        h.relay.tick();
      }
    };
    h.edge.peer().write((writer) => writer.keepalive(path, 5));
    await until(() => h.relay.counts.frames.down === 1);
    tick(4);
    expect(h.relay.counts.sent.keepalive).toBe(0);
    tick(11);
    expect(h.relay.counts.sent.keepalive).toBe(3);
    await until(() => client.heard.length === 3);
    expect(client.heard.every((octets) => octets.length === 1 && octets[0] === 0xff)).toBe(true);

    h.edge.peer().write((writer) => writer.keepalive(path, 0));
    await until(() => h.relay.counts.frames.down === 2);
    tick(9);
    expect(h.relay.counts.sent.keepalive).toBe(3);
  });

  it('of the gateway end with the peer', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    const { path } = h.edge.peer().datagrams[0]!;
    h.edge.peer().write((writer) => writer.keepalive(path, 20));
    await until(() => h.relay.metrics().includes('culvert_relay_gateway_keepalives 1\n'));
    h.edge.peer().write((writer) => writer.release());
    await until(() => h.relay.metrics().includes('culvert_relay_gateway_keepalives 0\n'));
  });
});

describe('the control socket', () => {
  it('dial: opens the route, and what the edge sends reaches a client that this relay has never heard', async () => {
    h = await harness();
    const client = await h.client();
    h.edge.controls[0]!.send(JSON.stringify({ dial: ROUTE }));
    await until(() => h.edge.peers.length === 1);
    expect(h.edge.peer()).toMatchObject({ route: ROUTE, fresh: false });
    const address = Uint8Array.of(127, 0, 0, 1);
    const path = { localAddress: address, localPort: 4500, remoteAddress: address, remotePort: client.port };
    h.edge.peer().write((writer) => writer.datagram(path, Uint8Array.of(7)));
    await until(() => client.heard.length === 1);
  });

  it('comes back when it is lost', async () => {
    h = await harness();
    h.edge.controls[0]!.terminate();
    await until(() => h.edge.controls.length === 2);
  });

  it('says that two relays have one name', async () => {
    h = await harness();
    h.edge.controls[0]!.close(4001);
    await until(() => h.said.some((line) => line.includes('another relay calls itself relay-a')));
  });
});

describe('forged SPIs', () => {
  it('wake no more than the budget', async () => {
    h = await harness({ rates: { ...RATES, wakePerSource: { burst: 3, perSecond: 0 } } });
    h.edge.judge = () => 404;
    const client = await h.client();
    await client.burst(
      4500,
      Array.from({ length: 100 }, (_, i) => espPacket(ROUTE + i, 1)),
    );
    await until(() => h.relay.counts.received.esp === 100 && h.relay.counts.dialled['no-such-sa'] === 3);
    expect(h.edge.dials.length).toBe(3);
    expect(h.relay.counts.dropped['source-limit']).toBe(97);
  });
});

describe('behind a 1:1 NAT', () => {
  it('speaks to the edge of its public address', async () => {
    h = await harness({ publicAddresses: [{ local: '127.0.0.1', address: '203.0.113.9' }] });
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    const { path } = h.edge.peer().datagrams[0]!;
    expect(path.localAddress).toEqual(Uint8Array.of(203, 0, 113, 9));
    h.edge.peer().write((writer) => writer.datagram(path, Uint8Array.of(8)));
    await until(() => client.heard.length === 1);
  });
});

describe('two relays before one edge', () => {
  it('carry the same SA: a client whose datagrams begin to arrive at the other one goes on', async () => {
    h = await harness();
    const other = await harness({ beside: h.edge, id: 'relay-b' });
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    const moved = await other.client();
    await moved.send(4500, espPacket(ROUTE, 2));
    await until(() => h.edge.peers.length === 2 && h.edge.peer(1).datagrams.length === 1);
    expect(h.edge.peers.map(({ route, fresh, relay }) => ({ route, fresh, relay }))).toEqual([
      { route: ROUTE, fresh: false, relay: 'relay-a' },
      { route: ROUTE, fresh: false, relay: 'relay-b' },
    ]);
    h.edge.peer(1).write((writer) => writer.datagram(h.edge.peer(1).datagrams[0]!.path, Uint8Array.of(9)));
    await until(() => moved.heard.length === 1);
    expect(client.heard.length).toBe(0);
    other.relay.stop();
  });

  it('know the cookies of each other', async () => {
    h = await harness({ rates: ALWAYS_CHALLENGE });
    const other = await harness({ beside: h.edge, id: 'relay-b', rates: ALWAYS_CHALLENGE });
    const client = await h.client();
    await client.send(500, initialRequest(1n << 60n));
    await until(() => client.heard.length === 1);
    await client.send(500, initialRequest(1n << 60n, cookieIn(client.heard[0]!)), other.relay);
    await until(() => h.edge.peers.length === 1);
    expect(h.edge.peer().relay).toBe('relay-b');
    other.relay.stop();
  });

  it('a relay that was killed and started again carries on', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    h.relay.stop();
    await until(() => h.edge.peer().closedWith !== null);
    expect(h.edge.peer().closedWith).toBe(1001);
    const again = await harness({ beside: h.edge });
    await client.send(4500, espPacket(ROUTE, 2), again.relay);
    await until(() => h.edge.peers.length === 2 && h.edge.peer(1).datagrams.length === 1);
    expect(h.edge.peer(1).fresh).toBe(false);
    again.relay.stop();
  });
});
