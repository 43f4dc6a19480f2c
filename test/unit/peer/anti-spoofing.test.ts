// Who may speak through a tunnel: RFC 3715 section 5, RFC 4301 section 5.2, RFC 3948 section 5.1.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/octets.ts';
import { DataPlane } from '../../../src/peer/data-plane.ts';
import { address, selector } from '../../sim/initiator/identities.ts';
import { memberOf } from '../../sim/pad.ts';
import { udpPacket } from '../../sim/packets.ts';
import { type ChildWish, childOf, FarEnd, primitives } from './far-end.ts';

const A = memberOf({ name: 'a', addresses: ['100.64.0.10', 'fd00:c::10'] });
const C = memberOf({ name: 'c', addresses: ['100.64.0.30'] });
const SITE = memberOf({ name: 'site', prefixes: ['10.1.0.0/24'] });
const SERVER = address('100.64.0.20');

function tunnelOf(wish: ChildWish = {}): { plane: DataPlane; far: FarEnd } {
  const plane = new DataPlane(primitives);
  const child = childOf(wish);
  plane.reconcile([child]);
  return { plane, far: new FarEnd(child) };
}

const hello = (from: string, to = SERVER) => udpPacket(address(from), to, utf8('hello'));
const dropsOf = (plane: DataPlane) => Object.fromEntries(plane.traffic.drops);

describe('C cannot speak as A', () => {
  it('through its own tunnel, even where its selectors would let it', async () => {
    const { plane, far } = tunnelOf();
    expect(await plane.open(C, await far.send([hello('100.64.0.10'), hello('100.64.0.30')]), 1)).toEqual([
      hello('100.64.0.30'),
    ]);
    expect(dropsOf(plane)).toEqual({ 'foreign-source': 1 });
    expect(plane.traffic.packetsIn).toBe(1);
  });

  it('through the SA of A, whose keys it does not have', async () => {
    const ofA = childOf();
    const plane = new DataPlane(primitives);
    plane.reconcile([ofA]);
    const ofC = new FarEnd({ ...ofA, keysIn: childOf().keysIn });
    expect(await plane.open(A, await ofC.send([hello('100.64.0.10')]), 1)).toEqual([]);
    expect(dropsOf(plane)).toEqual({ 'wrong-icv': 1 });
  });

  it('by the address of another tenant, which may be the same as its own', async () => {
    // Both tenants gave 100.64.0.10 away. What comes out of a tunnel belongs to the member of that tunnel, by its keys.
    const one = tunnelOf({ spiIn: 0x0001_0000 });
    const other = tunnelOf({ spiIn: 0x0002_0000 });
    const fromOne = await one.far.send([hello('100.64.0.10')]);
    expect(await other.plane.open(A, fromOne, 1)).toEqual([]);
    expect(dropsOf(other.plane)).toEqual({ 'no-such-spi': 1 });
    expect(await one.plane.open(A, fromOne, 1)).toHaveLength(1);
  });

  it.each(['0.0.0.0', '127.0.0.1', '255.255.255.255', '100.64.0.1', '100.64.0.11', '198.51.100.7'])(
    'nor as %s',
    async (source) => {
      const { plane, far } = tunnelOf();
      expect(await plane.open(A, await far.send([hello(source)]), 1)).toEqual([]);
      expect(dropsOf(plane)).toEqual({ 'foreign-source': 1 });
    },
  );

  it('over IPv6 either', async () => {
    const { plane, far } = tunnelOf();
    const to = address('fd00:c::20');
    expect(await plane.open(A, await far.send([hello('fd00:c::11', to), hello('fd00:c::10', to)]), 1)).toHaveLength(1);
    expect(await plane.open(C, await far.send([hello('fd00:c::10', to)]), 1)).toEqual([]);
    expect(dropsOf(plane)).toEqual({ 'foreign-source': 2 });
  });

  it('a site speaks for its prefixes and for nothing beside them', async () => {
    const { plane, far } = tunnelOf();
    const from = ['10.1.0.0', '10.1.0.255', '10.0.255.255', '10.1.1.0', '100.64.0.10'];
    const packets = from.map((source) => hello(source));
    expect(await plane.open(SITE, await far.send(packets), 1)).toEqual(packets.slice(0, 2));
    expect(dropsOf(plane)).toEqual({ 'foreign-source': 3 });
  });
});

describe('the selectors of the child SA', () => {
  it('bound where a packet may go', async () => {
    const { plane, far } = tunnelOf({ ours: [selector('100.64.0.0/24')], theirs: [selector('100.64.0.10/32')] });
    const packets = [hello('100.64.0.10'), hello('100.64.0.10', address('100.64.1.20'))];
    expect(await plane.open(A, await far.send(packets), 1)).toEqual([packets[0]]);
    expect(dropsOf(plane)).toEqual({ 'outside-selectors': 1 });
  });

  it('bound protocols and ports', async () => {
    const { plane, far } = tunnelOf({ ours: [selector('100.64.0.0/24', 17, 53, 53)] });
    const dns = udpPacket(address('100.64.0.10'), SERVER, utf8('?'), { source: 4000, destination: 53 });
    const web = udpPacket(address('100.64.0.10'), SERVER, utf8('?'), { source: 4000, destination: 443 });
    expect(await plane.open(A, await far.send([dns, web]), 1)).toEqual([dns]);
    expect(dropsOf(plane)).toEqual({ 'outside-selectors': 1 });
  });

  it('of another child SA of the same peer do not count', async () => {
    const narrow = childOf({ spiIn: 0x0a00, ours: [selector('10.9.0.0/16')] });
    const wide = childOf({ spiIn: 0x0a01 });
    const plane = new DataPlane(primitives);
    plane.reconcile([narrow, wide]);
    expect(await plane.open(A, await new FarEnd(narrow).send([hello('100.64.0.10')]), 1)).toEqual([]);
    expect(await plane.open(A, await new FarEnd(wide).send([hello('100.64.0.10')]), 1)).toHaveLength(1);
  });
});

describe('what is no packet', () => {
  it.each([
    ['a cut header', Uint8Array.of(0x45, 0, 0, 20, 0)],
    ['a total length beyond the end', hello('100.64.0.10').map((octet, i) => (i === 2 ? 0xff : octet))],
    ['a header length of 16', hello('100.64.0.10').map((octet, i) => (i === 0 ? 0x44 : octet))],
  ])('%s is dropped and counted', async (_, packet) => {
    const { plane, far } = tunnelOf();
    expect(await plane.open(A, await far.send([packet]), 1)).toEqual([]);
    expect(plane.traffic.packetsIn).toBe(0);
    expect([...plane.traffic.drops.values()]).toEqual([1]);
  });
});
