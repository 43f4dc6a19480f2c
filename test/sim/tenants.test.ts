// Who may speak as whom: the anti-spoofing that RFC 3715 section 5 asks for, and tenants that never meet (RFC 4301 section 5.2).

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/octets.ts';
import { address } from './initiator/identities.ts';
import { udpPacket } from './packets.ts';
import { payloadOf } from './world/ledger.ts';
import { connected, type Office, talkAll } from './world/office.ts';

/** Puts raw inner packets into A's tunnel. @returns what the gateway dropped of them, by reason. */
async function inject({ world, a }: Office, packets: readonly Uint8Array[]): Promise<Record<string, number>> {
  const before = { ...world.shellOf(a)!.peer.status()!.drops };
  await a.run(a.initiator.sendPackets(packets, world.clock.now));
  await world.run(2000);
  const after = world.shellOf(a)!.peer.status()!.drops;
  const changed = Object.entries(after).map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, count]) => count > 0));
}

describe('host A behind one NAT and host C behind another', () => {
  it('A cannot send as C', async () => {
    const office = await connected();
    const { a, c } = office;
    const asC = udpPacket(c.member.addresses[0]!, a.member.gateway[0]!, utf8('as C'));
    expect(await inject(office, [asC])).toEqual({ 'foreign-source': 1 });
    expect(await talkAll(office)).toEqual([]);
  });

  it('A cannot send as C to C, nor as the gateway, nor as nobody', async () => {
    const office = await connected();
    const { a, c } = office;
    const sources = [c.member.addresses[0]!, a.member.gateway[0]!, address('0.0.0.0'), address('8.8.8.8')];
    const packets = sources.map((source) => udpPacket(source, c.member.addresses[0]!, utf8('not me')));
    expect(await inject(office, packets)).toEqual({ 'foreign-source': 4 });
  });

  it('A cannot send to what its selectors do not hold', async () => {
    const office = await connected();
    const packet = udpPacket(office.a.member.addresses[0]!, address('8.8.8.8'), utf8('out'));
    expect(await inject(office, [packet])).toEqual({ 'outside-selectors': 1 });
  });

  it('the same private address behind both NATs makes no difference', async () => {
    const office = await connected({ shared: false });
    expect(await talkAll(office)).toEqual([]);
  });
});

describe('two networks with the same addresses', () => {
  it('never see a packet of each other', async () => {
    const office = await connected();
    const { world, nat } = office;
    const lab = await world.addClient({
      auth: 'eap',
      member: { name: 'x', network: 'lab', addresses: ['100.64.0.12'] },
      preset: {},
      relay: '192.0.2.1',
      at: '192.168.1.77',
      access: nat,
    });
    lab.connect();
    await world.run(10_000);
    expect(lab.established).toBe(true);
    expect(await talkAll(office)).toEqual([]);
    const across = world.ledger.enter('abroad', lab.member, null, (id) =>
      udpPacket(lab.member.addresses[0]!, office.a.member.addresses[0]!, payloadOf(id)),
    );
    await lab.send([across]);
    await world.run(2000);
    expect(world.ledger.passedOf(across)).toBe(1);
  });
});
