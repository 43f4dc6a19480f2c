// A network that reaches more than when the peer connected: RFC 7296 sections 2.9, 2.9.2.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/octets.ts';
import { Notify } from '../../src/wire/ike-numbers.ts';
import { formatPrefix, parsePrefix, type Prefix } from '../../src/wire/prefix.ts';
import { address, selector } from '../sim/initiator/identities.ts';
import { windows } from '../sim/initiator/clients.ts';
import { payloadsOf } from '../sim/initiator/journal.ts';
import type { InitiatorOptions } from '../sim/initiator/options.ts';
import { udpPacket } from '../sim/packets.ts';
import { faultOf } from '../sim/settled.ts';
import { createPair, type Pair } from './pair.ts';
import { arrowsOf, currentOf, onlyChild, stateOf } from './scene.ts';

const SITE = parsePrefix('172.20.0.0/24')!;
const SITE_6 = parsePrefix('2001:db8:20::/48')!;
const OWN = address('100.64.0.10');
const SERVER = address('172.20.0.5');

async function established(client: Partial<InitiatorOptions> = {}): Promise<Pair> {
  return (await createPair({ client: { rekeyWidens: true, ...client } })).establish();
}

function grow(pair: Pair, ...more: Prefix[]): Promise<string[]> {
  const { reachable } = currentOf(pair).phase.member;
  return arrowsOf(pair, () => pair.command({ kind: 'reach', reachable: [...reachable, ...more] }));
}

/** Whether a packet from the site gets to the client, and one from the client to the site through the gateway. */
async function reaches(pair: Pair): Promise<boolean[]> {
  const [received, delivered] = [pair.received.length, pair.delivered.length];
  await pair.sealTo([udpPacket(SERVER, OWN, utf8('from the site'))]);
  await pair.runClient(pair.client.sendPackets([udpPacket(OWN, SERVER, utf8('to the site'))], pair.now));
  await pair.drive();
  return [pair.received.length > received, pair.delivered.length > delivered];
}

describe('a site that is enrolled later', () => {
  it('is reached by a connected client that asked for everything, through a child SA that takes the place of the old one', async () => {
    const pair = await established();
    const old = onlyChild(pair);
    expect(await reaches(pair)).toEqual([false, false]);
    expect(await grow(pair, SITE, SITE_6)).toEqual([
      '<-- HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}',
      expect.stringMatching(/^--> HDR, SK \{SA, Nr, .*TSi, TSr\}$/),
      '<-- HDR, SK {D(ESP)}',
      '--> HDR, SK {D(ESP)}',
    ]);
    expect(onlyChild(pair).ours).toEqual([...old.ours, selector('172.20.0.0/24'), selector('2001:db8:20::/48')]);
    expect(onlyChild(pair).theirs).toEqual(old.theirs);
    expect(await reaches(pair)).toEqual([true, true]);
    expect(await faultOf(pair)).toBeNull();
    expect(pair.peer.status()!.unreached).toEqual([]);
  });

  it('is reached by a client that connects anew in the same IKE SA, and stays so over rekeys of either side', async () => {
    const pair = await established();
    await grow(pair, SITE);
    await pair.command({ kind: 'rekey-ike' });
    await pair.drive();
    await pair.runClient(pair.client.rekeyChild(pair.now));
    await pair.drive();
    await pair.command({ kind: 'rekey-child' });
    await pair.drive();
    expect(currentOf(pair).phase.member.reachable.map(formatPrefix)).toContain('172.20.0.0/24');
    expect(await reaches(pair)).toEqual([true, true]);
  });

  it('asks for nothing when nothing has come', async () => {
    const pair = await established();
    const before = onlyChild(pair);
    expect(await grow(pair)).toEqual([]);
    expect(onlyChild(pair)).toEqual(before);
  });

  it('asks for nothing when a site goes, and grants no new child what it had', async () => {
    const pair = await established();
    await grow(pair, SITE);
    const { reachable } = currentOf(pair).phase.member;
    const rest = reachable.filter((prefix) => formatPrefix(prefix) !== '172.20.0.0/24');
    expect(await arrowsOf(pair, () => pair.command({ kind: 'reach', reachable: rest }))).toEqual([]);
    await pair.runClient(pair.client.moreChildren(pair.now));
    await pair.drive();
    expect(stateOf(pair).children.at(-1)!.ours).not.toContainEqual(selector('172.20.0.0/24'));
  });

  it('is not offered where the client asked for single ports, nor in a family that it has no address of', async () => {
    const ports = await established({ TSr: [selector('100.64.0.0/16', 17, 53, 53)] });
    expect(await grow(ports, SITE)).toEqual([]);
    const four = await established({ TSi: [selector('0.0.0.0/0')] });
    await grow(four, SITE, SITE_6);
    expect(onlyChild(four).ours).toContainEqual(selector('172.20.0.0/24'));
    expect(onlyChild(four).ours).not.toContainEqual(selector('2001:db8:20::/48'));
  });

  it('is shown as not reached where the client takes no more than it had', async () => {
    const pair = await established({ rekeyWidens: false });
    const { ours } = onlyChild(pair);
    await grow(pair, SITE);
    expect(onlyChild(pair).ours).toEqual(ours);
    expect(pair.peer.status()!.unreached).toEqual(['172.20.0.0/24']);
    expect(await faultOf(pair)).toBeNull();
  });

  //                             <--  HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi(more), TSr}
  // HDR, SK {N(TS_UNACCEPTABLE)}  -->
  //                             <--  HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi(as before), TSr}
  it('is left out where the client refuses it: the child SA is rekeyed as it was', async () => {
    const pair = await established();
    const { ours, spiIn } = onlyChild(pair);
    const { options } = pair.client.session;
    Object.assign(options, { onChildRekey: Notify.TS_UNACCEPTABLE });
    const { carried } = pair;
    // The first datagram is the request, the second one the refusal.
    pair.before = (index) => void (index === carried + 1 && Object.assign(options, { onChildRekey: 'accept' }));
    expect(await grow(pair, SITE)).toHaveLength(6);
    const [, again] = pair.messages.filter((m) => m.direction === 'received' && !m.response);
    expect(payloadsOf(again!, 'TSi')[0]!.selectors).toEqual(ours);
    expect(onlyChild(pair)).toMatchObject({ ours });
    expect(onlyChild(pair).spiIn).not.toBe(spiIn);
    expect(pair.peer.status()!.unreached).toEqual(['172.20.0.0/24']);
    expect(await faultOf(pair)).toBeNull();
  });

  it('is reached by Windows, which takes no rekey: its child SA ends, and it makes another', async () => {
    const pair = await createPair({ auth: 'eap', client: windows(2), legacy: true });
    await pair.establish();
    await grow(pair, SITE);
    await pair.advance(1000);
    expect(onlyChild(pair).ours).toContainEqual(selector('172.20.0.0/24'));
    expect(await faultOf(pair)).toBeNull();
  });
});
