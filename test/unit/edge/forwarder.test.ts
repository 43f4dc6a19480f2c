import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Member } from '../../../src/ike/pad.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { parseAddress, parsePrefix } from '../../../src/wire/prefix.ts';
import { Forwarder } from '../../../worker/edge/forwarder.ts';
import type { Resolved } from '../../../worker/edge/standing.ts';
import { echoRequest } from '../../sim/packets.ts';

const address = (text: string) => parseAddress(text)!;
const OWN = address('100.64.0.2');
const GATEWAY = address('100.64.0.1');

/** A forwarder of route 1, and a network that answers `site` at 10.20.0.0/24 by the routes given, one a question. */
function forwarder(routes: (number | null)[]) {
  const sent: { route: number; packets: Uint8Array[] }[] = [];
  const back: Uint8Array[] = [];
  const drops: string[] = [];
  let work: Promise<void>[] = [];
  let asked = 0;
  const subject = new Forwarder({
    route: 1,
    member: { gateway: [GATEWAY] } as unknown as Member,
    guard: { open: true, epoch: 0, passes: () => true },
    ask: async (): Promise<Resolved> => {
      const route = routes[Math.min(asked++, routes.length - 1)]!;
      return { prefix: parsePrefix('10.20.0.0/24')!, entry: { kind: 'member', member: 'site', route }, standing: null };
    },
    call: async ({ route }, packets) => {
      sent.push({ route, packets });
      return route === 7 ? 'gone' : 'ok';
    },
    open: () => {
      throw new Error('no flow is so long');
    },
    back: (packets) => void back.push(...packets),
    suspect: () => {},
    hold: (held) => void work.push(held),
    drop: (reason, count) => void drops.push(`${reason} ${count}`),
    failed: () => {},
  });
  const settle = async () => {
    while (work.length > 0) await Promise.all(work.splice(0));
    work = [];
  };
  return { subject, sent, back, drops, settle, asked: () => asked };
}

const ping = () => echoRequest(OWN, address('10.20.0.10'), 1, new Uint8Array(8));

describe('a forwarder whose destination has gone', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it('sends the same packets to where the member is now, one hop further and not two', async () => {
    const { subject, sent, back, settle } = forwarder([7, 8]);
    subject.forward([ping(), ping()], Date.now());
    await settle();
    expect(sent.map(({ route, packets }) => [route, packets.length])).toEqual([
      [7, 2],
      [8, 2],
    ]);
    expect(parseIp(sent[1]!.packets[0]!)!.ttl).toBe(63);
    expect(back).toEqual([]);
  });

  it('tells the source of each that the host is unreachable when the member is away', async () => {
    const { subject, sent, back, drops, settle } = forwarder([7, null]);
    subject.forward([ping(), ping()], Date.now());
    await settle();
    expect(sent.map(({ route }) => route)).toEqual([7]);
    expect(back.map((packet) => parseIp(packet)!.icmp)).toEqual([0x0301, 0x0301]);
    // Quoted as it arrived, though it had gone on already.
    expect(back[0]!.subarray(28)).toEqual(ping());
    expect(drops).toEqual(['offline 1', 'offline 1']);
  });

  it('asks once more and no oftener where the network names the same route again', async () => {
    const { subject, sent, back, settle, asked } = forwarder([7]);
    subject.forward([ping()], Date.now());
    await settle();
    expect([sent.length, asked(), back.length]).toEqual([1, 2, 1]);
    subject.forward([ping()], Date.now());
    await settle();
    expect([sent.length, asked(), back.length]).toEqual([1, 2, 2]);
  });
});
