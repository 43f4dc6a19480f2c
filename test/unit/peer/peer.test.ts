// The two doors of a peer before, during and after its time; what status screens are told.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/octets.ts';
import { createPair, START } from '../../exchange/pair.ts';
import { onlyChild, stateOf } from '../../exchange/scene.ts';
import { address } from '../../sim/initiator/identities.ts';
import { udpPacket } from '../../sim/packets.ts';

const OWN = address('100.64.0.10');
const SERVER = address('100.64.0.20');

describe('before anybody is authenticated', () => {
  it('packets go nowhere', async () => {
    const pair = await createPair();
    await pair.start();
    await pair.step();
    const esp = { path: pair.toClient[0]!.path, octets: new Uint8Array(100).fill(9) };
    expect(await pair.peer.openEsp([esp], pair.now)).toEqual([]);
    expect(await pair.peer.sealEsp([udpPacket(SERVER, OWN, utf8('x'))], pair.now)).toEqual({
      datagrams: [],
      replies: [],
    });
    expect(pair.peer.status()).toBeNull();
    expect(pair.peer.member).toBeNull();
    expect(pair.peer.reserve()).toBeNull();
  });

  it('commands do nothing', async () => {
    const pair = await createPair();
    await pair.start();
    await pair.step();
    const before = stateOf(pair);
    const outputs = [...pair.outputs];
    for (const kind of ['liveness', 'rekey-ike', 'rekey-child'] as const) await pair.command({ kind });
    await pair.command({ kind: 'terminate', reason: 'x' });
    expect(stateOf(pair)).toEqual(before);
    expect(pair.outputs).toEqual(outputs);
  });
});

describe('a step', () => {
  it('changes nothing until it is committed', async () => {
    const pair = await createPair();
    await pair.establish();
    await pair.runClient(pair.client.rekeyIke(pair.now));
    const before = { state: stateOf(pair), status: pair.peer.status(), windows: pair.peer.windows() };
    const request = pair.toGateway.shift()!;
    const later = pair.now + 5000;
    await pair.peer.stepIke(request, later);
    await pair.peer.stepCommand({ kind: 'terminate', reason: 'x' }, later);
    await pair.peer.stepTick(onlyChild(pair).expiresAt);
    await pair.peer.stepIke({ ...request, octets: new Uint8Array(9) }, later);
    expect({ state: stateOf(pair), status: pair.peer.status(), windows: pair.peer.windows() }).toEqual(before);
  });

  it('that was given up is as if it had never been', async () => {
    const pair = await createPair();
    await pair.establish();
    await pair.runClient(pair.client.rekeyIke(pair.now));
    const request = pair.toGateway.shift()!;
    await pair.peer.stepIke(request, pair.now);
    pair.toGateway.push(request);
    await pair.drive();
    expect(pair.client.journal.complaints).toEqual([]);
    expect(stateOf(pair).sas.filter(({ phase }) => phase.name === 'established')).toHaveLength(1);
  });
});

describe('silence', () => {
  it.each([
    ['behind a NAT', 61_000, 180, true],
    ['without a NAT', 500, 180, false],
    ['without a NAT, for long', 500, 540, true],
    ['that is over', 61_000, 0, false],
  ])('of a client %s', async (_, port, seconds, suspect) => {
    const pair = await createPair();
    await pair.start();
    const request = pair.toGateway.shift()!;
    pair.toGateway.push({ ...request, path: { ...request.path, remotePort: port } });
    await pair.step();
    const answer = pair.toClient.shift()!;
    pair.toClient.push({ ...answer, path: request.path });
    await pair.drive();
    expect(pair.peer.suspects(seconds)).toBe(suspect);
    await pair.command({ kind: 'liveness' });
    expect(pair.peer.suspects(seconds)).toBe(false);
  });
});

describe('the status', () => {
  it('tells what a screen shows, and no keys', async () => {
    const pair = await createPair({ auth: 'eap' });
    await pair.establish();
    pair.now += 1000;
    const packet = udpPacket(OWN, SERVER, utf8('hello'));
    await pair.runClient(pair.client.sendPackets([packet, packet], pair.now));
    await pair.drive();
    await pair.sealTo([udpPacket(SERVER, OWN, utf8('back'))]);
    expect(pair.peer.status()).toEqual({
      member: 'office/laptop',
      name: 'laptop',
      kind: 'device',
      route: 0x0abcde,
      state: 'connected',
      identity: 'laptop@office',
      software: '',
      nat: 'none',
      remote: { address: '198.51.100.7', port: 4500 },
      local: { address: '192.0.2.1', port: 4500 },
      suite: 'AES_GCM_16_256/PRF_HMAC_SHA2_256/CURVE25519',
      esp: ['AES_GCM_16_256'],
      addresses: ['100.64.0.10', 'fd00:c::10'],
      children: 1,
      unreached: [],
      mtu: 1280,
      since: START,
      lastIn: START + 1000,
      lastOut: START + 1000,
      packetsIn: 2,
      octetsIn: 2 * packet.length,
      packetsOut: 1,
      octetsOut: packet.length - 1,
      dns: { asked: 0, elsewhere: 2, answered: 0 },
      drops: {},
      report: {
        ...{ behind: 'none', mobike: true, additional: [], moved: 0, moves: [], keepalive: null, roundTrip: null },
        lifetime: { survived: 1000, expired: null },
        loss: 0,
        fragments: { supported: true, largest: null },
      },
    });
  });

  it('counts questions to the DNS server that was given, and its answers, also when it has slept', async () => {
    const pair = await createPair();
    await pair.establish();
    const own = address('100.64.0.1');
    const ask = (server: Uint8Array, destination = 53) =>
      pair.runClient(
        pair.client.sendPackets([udpPacket(OWN, server, utf8('?'), { source: 4_000, destination })], pair.now),
      );
    await ask(own);
    await ask(own);
    await ask(own, 80);
    await ask(SERVER);
    await pair.drive();
    const back = { source: 53, destination: 4_000 };
    await pair.sealTo([udpPacket(own, OWN, utf8('!'), back), udpPacket(SERVER, OWN, utf8('!'), back)]);
    expect(pair.peer.status()!.dns).toEqual({ asked: 2, elsewhere: 1, answered: 1 });
    pair.evict('hibernated');
    expect(pair.peer.status()!.dns).toEqual({ asked: 2, elsewhere: 1, answered: 1 });
  });
});
