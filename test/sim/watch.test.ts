// That the watchers of a world see what they are there for: a watcher that cannot find anything proves nothing.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/octets.ts';
import type { Datagram } from '../../src/wire/path.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import { memberOf } from './pad.ts';
import { udpPacket } from './packets.ts';
import { Clock } from './world/clock.ts';
import type { Node, UdpPacket } from './world/internet.ts';
import { Ledger, payloadOf } from './world/ledger.ts';
import { Nat } from './world/nat.ts';
import { type Dependence, ORDINARY } from './world/nat-behaviour.ts';
import { NonceWatch } from './world/nonces.ts';
import { connected, talkAll } from './world/office.ts';
import { Random } from './world/random.ts';
import type { Shell } from './world/shell.ts';

describe('the watch over nonces', () => {
  it('minds two messages that left under one nonce, and no message that was thrown away', async () => {
    const watch = new NonceWatch();
    const key = watch.watch(workerPrimitives()).aesGcm(new Uint8Array(16));
    const nonce = new Uint8Array(12);
    const seal = (text: string) => key.seal(nonce, new Uint8Array(0), utf8(text));
    const [first, second] = [await seal('one'), await seal('two')];
    watch.leaves(first);
    watch.leaves(first);
    expect(watch.violations).toEqual([]);
    watch.leaves(second);
    expect(watch.violations).toHaveLength(1);
  });

  it('finds a gateway that takes its sequence numbers up where they are used already', async () => {
    const office = await connected();
    expect(await talkAll(office)).toEqual([]);
    const shell = office.world.shellOf(office.c)!;
    const { woke } = shell.peer;
    Object.getPrototypeOf(shell.peer).woke = () => {};
    try {
      shell.evict('crashed');
    } finally {
      Object.getPrototypeOf(shell.peer).woke = woke;
    }
    await expect(talkAll(office)).rejects.toThrow(/nonce left twice/);
  });
});

describe('the ledger', () => {
  const [sender, receiver] = [
    memberOf({ name: 'a', addresses: ['100.64.0.10'] }),
    memberOf({ name: 'c', addresses: ['100.64.0.12'] }),
  ];
  const packet = (ledger: Ledger) =>
    ledger.enter('good', sender, receiver.member, (id) =>
      udpPacket(sender.addresses[0]!, receiver.addresses[0]!, payloadOf(id)),
    );

  it('minds what comes twice, to the wrong one, changed, or to another tenant', () => {
    const stranger = memberOf({ name: 'c', network: 'lab', addresses: ['100.64.0.12'] });
    const complaints = (act: (ledger: Ledger, octets: Uint8Array) => void) => {
      const ledger = new Ledger();
      act(ledger, packet(ledger));
      return ledger.violations.length;
    };
    expect(complaints((ledger, octets) => ledger.received(receiver, octets))).toBe(0);
    expect(complaints((ledger, octets) => [0, 1].map(() => ledger.received(receiver, octets)))).toBe(1);
    expect(complaints((ledger, octets) => ledger.received(sender, octets))).toBe(1);
    expect(complaints((ledger, octets) => ledger.received(stranger, octets))).toBeGreaterThan(0);
    expect(complaints((ledger, octets) => ledger.received(receiver, octets.with(21, 7)))).toBe(1);
  });

  it('lets a client refuse what was overtaken by more than its window, and nothing newer', () => {
    const SIZE = 2048;
    const HIGHEST = 65_537;
    const esp = (sequence: number) => {
      const octets = new Uint8Array(64);
      const view = new DataView(octets.buffer);
      view.setUint32(0, 0x1000);
      view.setUint32(4, sequence);
      return octets;
    };
    const ledger = new Ledger();
    const shell = { peer: { member: receiver }, state: null } as unknown as Shell;
    const sequences = [HIGHEST - SIZE, HIGHEST - SIZE + 1, HIGHEST];
    const packets = sequences.map(() => packet(ledger));
    ledger.sealed(
      shell,
      packets,
      sequences.map((sequence) => ({ octets: esp(sequence) }) as Datagram),
    );
    const comes = (sequence: number) => ledger.comes(receiver, esp(sequence), SIZE);
    expect(comes(HIGHEST)).toBe(3);
    expect(comes(HIGHEST - SIZE + 1)).toBe(2);
    expect(comes(HIGHEST - SIZE)).toBeNull();
  });

  it('misses what never came', () => {
    const ledger = new Ledger();
    packet(ledger);
    expect(ledger.missing(1)).toHaveLength(1);
  });
});

describe('a NAT', () => {
  const far = { address: '192.0.2.1', port: 4500 };
  const near = { address: '192.168.1.10', port: 4500 };

  function behind(mapping: Dependence, filtering: Dependence, timeoutMs = 60_000) {
    const clock = new Clock(0);
    const out: UdpPacket[] = [];
    const came: UdpPacket[] = [];
    const host: Node = { accept: (packet) => came.push(packet) };
    const nat = new Nat(
      { ...ORDINARY, mapping, filtering, timeoutMs },
      ['198.51.100.1'],
      clock,
      new Random(1),
      (packet) => out.push(packet),
    );
    nat.attach(near.address, host);
    const send = (destination = far) => {
      nat.send({ source: near, destination, octets: new Uint8Array(1) });
      return out.at(-1)!.source.port;
    };
    const receive = (port: number, source = far) => {
      nat.accept({ source, destination: { address: '198.51.100.1', port }, octets: new Uint8Array(1) });
      return came.splice(0).length;
    };
    return { clock, nat, send, receive };
  }

  const otherPort = { address: '192.0.2.1', port: 500 };
  const otherHost = { address: '192.0.2.2', port: 4500 };

  it.each([
    ['independent', true, true],
    ['address', true, false],
    ['address-and-port', false, false],
  ] as const)('with %s mapping keeps one port for another port %s, for another host %s', (mapping, port, host) => {
    const { send } = behind(mapping, 'independent');
    const first = send();
    expect(send()).toBe(first);
    expect(send(otherPort) === first).toBe(port);
    expect(send(otherHost) === first).toBe(host);
  });

  it.each([
    ['independent', 1, 1],
    ['address', 1, 0],
    ['address-and-port', 0, 0],
  ] as const)('with %s filtering lets in %s from another port and %s from another host', (filtering, port, host) => {
    const { send, receive } = behind('independent', filtering);
    const own = send();
    expect(receive(own)).toBe(1);
    expect(receive(own, otherPort)).toBe(port);
    expect(receive(own, otherHost)).toBe(host);
  });

  it('forgets a mapping that nothing went out of, and all of them at a reboot', async () => {
    const { clock, nat, send, receive } = behind('independent', 'address-and-port', 30_000);
    const first = send();
    await clock.runUntil(29_000);
    expect(receive(first)).toBe(1);
    await clock.runUntil(31_000);
    expect(receive(first)).toBe(0);
    const second = send();
    nat.reboot();
    expect(receive(second)).toBe(0);
  });
});
