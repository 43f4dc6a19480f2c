// The gateway's own keepalives while it is behind a NAT: they hold what forgets in 10 s to 5 min, and learn what it bears. RFC 3948 section 4, RFC 3715 section 2.2 k.

import { describe, expect, it } from 'vitest';
import { ORDINARY } from './world/nat-behaviour.ts';
import { connected, createOffice, type Office, type OfficeWish, talkAll } from './world/office.ts';
import { echo, good } from './world/traffic.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const INNER = '10.200.0.5';

/** Clients that send no keepalives, behind NATs that both directions keep open; the gateway behind a fixed translation. */
function behind(timeoutMs: number): OfficeWish {
  return { relayInner: INNER, nat: { timeoutMs, refresh: 'both' }, client: { keepaliveMs: null, livenessMs: null } };
}

const intervalFor = ({ world, a }: Office) => world.shellOf(a)?.peer.status()?.report.keepalive ?? null;

/** A is idle for so long and then speaks; whatever the network has for it next must arrive. */
async function idleThenSpeak({ world, a, c }: Office, ms: number): Promise<void> {
  await world.run(ms);
  await a.send([echo(world, a)]);
  await c.send([echo(world, c)]);
  await world.run(SECOND);
}

/** What the network has for A after it was idle for so long. @returns whether it came. */
async function reaches({ world, a, c }: Office, ms: number): Promise<boolean> {
  await world.run(ms);
  const from = world.ledger.nextId;
  await c.send([good(world, c, a)]);
  await world.run(SECOND);
  return world.ledger.missing(from).length === 0;
}

describe('behind a NAT of its own, the gateway', () => {
  it('keeps the mapping of 30 s from the first minute on', async () => {
    const office = await connected(behind(30 * SECOND));
    expect(office.world.shellOf(office.a)?.peer.status()?.nat).toBe('both');
    expect(intervalFor(office)).toBe(20);
    expect(await reaches(office, MINUTE)).toBe(true);
  });

  it.each([10, 20])('learns that a mapping lives for %s s only, and holds it then', async (seconds) => {
    const office = await connected(behind(seconds * SECOND));
    for (let round = 0; round < 40; round++) await idleThenSpeak(office, 50 * SECOND);
    expect(intervalFor(office)).toBeLessThan(seconds);
    const report = () => office.world.shellOf(office.a)?.peer.status()?.report.moved;
    const moved = report();
    for (let round = 0; round < 10; round++) await idleThenSpeak(office, MINUTE);
    expect(report()).toBe(moved);
    expect(await reaches(office, 2 * MINUTE)).toBe(true);
  });

  it('asks for less where a mapping bears 5 minutes, and loses it never', async () => {
    const office = await connected(behind(5 * MINUTE));
    for (let round = 0; round < 30; round++) await idleThenSpeak(office, 4.5 * MINUTE);
    expect(intervalFor(office)).toBeGreaterThan(60);
    expect(office.world.shellOf(office.a)?.peer.status()?.report.moved).toBe(0);
    expect(await reaches(office, 8 * MINUTE)).toBe(true);
  });

  it('tells the relay to stop when the peer is gone', async () => {
    const office = await connected(behind(5 * MINUTE));
    const [relay] = office.world.relays;
    for (const client of office.world.clients) {
      client.stopped = true;
      await client.run(client.initiator.close(office.world.clock.now));
    }
    await office.world.run(MINUTE);
    const sent = relay!.counts.keepalivesSent;
    await office.world.run(10 * MINUTE);
    expect(relay!.counts.keepalivesSent).toBe(sent);
    expect(office.world.shells.size).toBe(0);
  });
});

describe('a NAT before the gateway that forgets a flow in 30 s', () => {
  /** Nobody but the gateway can hold it: a client with an address of its own sends no keepalives, but has a firewall that keeps state. */
  it('never comes to forget one, for as long as a client without a NAT is idle', async () => {
    const office = await createOffice({ relayInner: INNER, relayForgetsMs: 30 * SECOND });
    const { world, a, c } = office;
    const own = '203.0.113.20';
    await a.move(own, world.addNat({ ...ORDINARY, ports: 'preserving', refresh: 'both' }, [own]));
    a.connect();
    c.connect();
    await world.run(10 * SECOND);
    expect(world.shellOf(a)?.peer.status()?.nat).toBe('gateway');
    for (let round = 0; round < 12; round++) expect(await reaches(office, 10 * MINUTE), `round ${round}`).toBe(true);
    expect(a.connections).toBe(1);
    expect(await talkAll(office)).toEqual([]);
  });
});
