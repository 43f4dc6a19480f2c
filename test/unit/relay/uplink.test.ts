import { afterEach, describe, expect, it } from 'vitest';
import { espPacket, espPackets, type Harness, harness, protectedMessage, until } from './harness.ts';

const ROUTE = 70_000;
let h: Harness;

afterEach(() => h.close());

describe('framing', () => {
  it('batches the datagrams of one turn, in order, with the path once', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    for (let i = 2; i <= 21; i++) void client.send(4500, espPacket(ROUTE, i));
    await until(() => h.edge.peer().datagrams.length === 21);
    const { frames, datagrams } = h.edge.peer();
    expect(datagrams.map(({ octets }) => octets[10])).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect(frames.length).toBeLessThan(21);
    expect(datagrams[0]!.path).toEqual({
      localAddress: Uint8Array.of(127, 0, 0, 1),
      localPort: 4500,
      remoteAddress: Uint8Array.of(127, 0, 0, 1),
      remotePort: client.port,
    });
  });

  it('sends what the edge frames, from the socket of the path', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    const { path } = h.edge.peer().datagrams[0]!;
    h.edge.peer().write((writer) => {
      writer.datagram(path, Uint8Array.of(1, 2, 3));
      writer.datagram(path, Uint8Array.of(4));
      writer.datagram({ ...path, localAddress: Uint8Array.of(192, 0, 2, 1) }, Uint8Array.of(5));
    });
    await until(() => client.heard.length === 2);
    expect(client.heard).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
    expect(h.relay.counts.dropped['no-local-socket']).toBe(1);
  });

  it('gives one peer one socket, and another peer another', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await client.send(4500, protectedMessage(ROUTE));
    await client.send(4500, espPacket(ROUTE + 1, 1));
    await until(() => h.edge.peers.reduce((sum, peer) => sum + peer.datagrams.length, 0) === 3);
    expect(h.edge.peers.map(({ route, fresh, relay }) => ({ route, fresh, relay }))).toEqual([
      { route: ROUTE, fresh: false, relay: 'relay-a' },
      { route: ROUTE + 1, fresh: false, relay: 'relay-a' },
    ]);
  });

  it('closes a socket that speaks no frames, and dials again', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1);
    h.edge.peer().socket.send(Uint8Array.of(9, 9));
    await until(() => h.edge.peers.length === 2);
    await until(() => h.edge.peer(0).closedWith !== null);
    expect(h.edge.peer(0).closedWith).toBe(1007);
    expect(h.relay.counts.closed.malformed).toBe(1);
  });
});

/** 301 datagrams of 1 KiB have come, and 256 KiB have been sent. */
async function pausedUplink() {
  h = await harness();
  const client = await h.client();
  await client.send(4500, espPacket(ROUTE, 1, 1024));
  await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
  await client.burst(4500, espPackets(ROUTE, 300));
  await until(() => h.relay.counts.received.esp === 301 && h.edge.peer().datagrams.length === 256);
  return client;
}

describe('credit', () => {
  it('pauses at 256 KiB that the edge has not credited, loses nothing, and goes on when it has', async () => {
    await pausedUplink();
    h.edge.peer().write((writer) => writer.credit(10 * 1024));
    await until(() => h.edge.peer().datagrams.length === 266);
    h.edge.peer().write((writer) => writer.credit(256 * 1024));
    await until(() => h.edge.peer().datagrams.length === 301);
    expect(h.edge.peer().datagrams.map(({ octets }) => octets[10])).toEqual([
      1,
      ...espPackets(ROUTE, 300).map((octets) => octets[10]),
    ]);
    expect(h.relay.counts.dropped['no-credit']).toBe(0);
  });

  it('drops what comes when a pause lasts', async () => {
    const client = await pausedUplink();
    h.clock.now += 101;
    await client.burst(4500, espPackets(ROUTE, 20));
    await until(() => h.relay.counts.received.esp === 321);
    expect(h.relay.counts.dropped['no-credit']).toBe(20);
  });

  it('credits the edge for every octet that it has sent on', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    const { path } = h.edge.peer().datagrams[0]!;
    h.edge.peer().write((writer) => writer.datagram(path, new Uint8Array(100)));
    await until(() => client.heard.length === 1);
    await client.send(4500, espPacket(ROUTE, 2));
    await until(() => h.edge.peer().credited === 100);
    const frames = h.edge.peer().frames.length;
    for (let sent = 0; sent < 4; sent++) {
      h.edge.peer().write((writer) => {
        for (let i = 0; i < 33; i++) writer.datagram(path, new Uint8Array(1000));
      });
      await until(() => client.heard.length === 1 + (sent + 1) * 33);
      // Below 128 KiB credit waits for something to ride with.
      if (sent < 3) expect(h.edge.peer().frames).toHaveLength(frames);
    }
    await until(() => h.edge.peer().credited === 132_100);
  });
});

describe('refusals', () => {
  it('404: takes the route for dead, and answers a request INVALID_IKE_SPI at most once a second', async () => {
    h = await harness();
    h.edge.judge = () => 404;
    const client = await h.client();
    const request = protectedMessage(ROUTE, false, 7);
    await client.send(4500, request);
    await until(() => client.heard.length === 1);
    const answer = client.heard[0]!;
    expect(answer.length).toBeLessThan(request.length);
    expect(Buffer.from(answer.subarray(0, 20))).toEqual(Buffer.from(request.subarray(0, 20)));
    expect(answer.subarray(22, 28)).toEqual(Uint8Array.of(37, 0x20, 0, 0, 0, 7));
    expect([...answer.subarray(-2)]).toEqual([0, 4]);

    await client.send(4500, request);
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.relay.counts.dropped['dead-route'] === 2);
    h.clock.now += 1000;
    await client.send(4500, request);
    await until(() => client.heard.length === 2);
    expect(h.edge.dials.length).toBe(1);

    h.clock.now += 30_000;
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.dials.length === 2);
  });

  it('404: never answers a response or ESP', async () => {
    h = await harness();
    h.edge.judge = () => 404;
    const client = await h.client();
    await client.send(4500, protectedMessage(ROUTE, true));
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.relay.counts.dialled['no-such-sa'] === 1 && h.relay.counts.received.esp === 1);
    await client.send(4500, protectedMessage(ROUTE, true));
    await until(() => h.relay.counts.received.ike === 2);
    await client.send(4500, protectedMessage(ROUTE + 1));
    await until(() => client.heard.length === 1);
    expect(client.heard.length).toBe(1);
    expect(h.relay.counts.sent['invalid-ike-spi']).toBe(1);
  });

  it('401: says so once, and keeps trying', async () => {
    h = await harness();
    h.edge.token = 'another';
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.dials.length >= 3);
    expect(h.said.filter((line) => line.includes('refuses the relay token (401)')).length).toBe(1);
    expect(h.relay.counts.dialled.forbidden).toBeGreaterThanOrEqual(2);
  });
});

describe('loss of the edge', () => {
  it('dials again, keeps a bounded queue meanwhile, and forgets nothing that it knows', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    await h.edge.stop();
    await until(() => h.relay.counts.closed.lost === 1);
    await client.burst(4500, espPackets(ROUTE, 100));
    await until(() => h.relay.counts.received.esp === 101);
    expect(h.relay.counts.dropped['queue-full']).toBe(36);
    await until(() => h.said.some((line) => line.includes('cannot be reached')));
    await h.edge.start();
    await until(() => h.edge.peers.length === 2 && h.edge.peer(1).datagrams.length === 64);
    expect(h.edge.peer(1)).toMatchObject({ route: ROUTE, fresh: false });
    expect(h.said.filter((line) => line.includes('cannot be reached')).length).toBe(1);
    expect(h.said.filter((line) => line.includes('answers again')).length).toBe(1);
  });

  it('starts without an edge and says so once', async () => {
    h = await harness({ edgeDown: true });
    await until(() => h.said.some((line) => line.includes('cannot be reached')));
    await h.edge.start();
    await until(() => h.edge.controls.length === 1 && h.said.some((line) => line.includes('answers again')));
    expect(h.said.filter((line) => line.includes('cannot be reached')).length).toBe(1);
  });

  it('notices a connection that has died without a word', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    h.edge.peer().socket.pause();
    for (let i = 0; i < 50; i++) h.relay.tick();
    await until(() => h.edge.peers.length === 2);
    expect(h.relay.counts.closed.lost).toBe(1);
  });
});

describe('end of a peer', () => {
  it.each([
    ['RELEASE', () => h.edge.peer().write((writer) => writer.release())],
    ['close code 1000', () => h.edge.peer().socket.close(1000)],
    ['close code 4001', () => h.edge.peer().socket.close(4001)],
  ])('%s: forgets the route and does not dial again by itself', async (_name, release) => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    release();
    await until(() => h.relay.counts.closed.released === 1);
    expect(h.relay.metrics()).toContain('culvert_relay_paths 0\n');
    await until(() => h.edge.peer().closedWith !== null);
    expect(h.edge.dials.length).toBe(1);
    await client.send(4500, espPacket(ROUTE, 2));
    await until(() => h.edge.dials.length === 2);
  });

  it('delivers what stands before RELEASE in the same frame', async () => {
    h = await harness();
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.peers.length === 1 && h.edge.peer().datagrams.length === 1);
    const { path } = h.edge.peer().datagrams[0]!;
    h.edge.peer().write((writer) => {
      writer.datagram(path, Uint8Array.of(42));
      writer.release();
    });
    await until(() => client.heard.length === 1 && h.relay.counts.closed.released === 1);
  });

  it('closes an uplink that nobody has used for ten minutes, but not one whose client sends keepalives', async () => {
    h = await harness();
    const idle = await h.client();
    const alive = await h.client();
    await idle.send(4500, espPacket(ROUTE, 1));
    await alive.send(4500, espPacket(ROUTE + 1, 1));
    await until(() => h.edge.peers.length === 2 && h.edge.peers.every((peer) => peer.datagrams.length === 1));
    h.clock.now += 599_000;
    await alive.send(4500, Uint8Array.of(0xff));
    await until(() => h.relay.counts.received.keepalive === 1);
    h.clock.now += 2_000;
    for (let i = 0; i < 25; i++) h.relay.tick();
    await until(() => h.relay.counts.closed.idle === 1);
    await until(() => h.edge.peers.find(({ route }) => route === ROUTE)!.closedWith === 1000);
    expect(h.edge.peers.find(({ route }) => route === ROUTE + 1)!.closedWith).toBeNull();
  });

  it('gives up a route that the edge has never opened', async () => {
    h = await harness();
    h.edge.judge = () => 503;
    const client = await h.client();
    await client.send(4500, espPacket(ROUTE, 1));
    await until(() => h.edge.dials.length >= 1);
    h.clock.now += 31_000;
    for (let i = 0; i < 25; i++) h.relay.tick();
    expect(h.relay.counts.closed['gave-up']).toBe(1);
    expect(h.relay.counts.dropped['uplink-ended']).toBe(1);
  });
});
