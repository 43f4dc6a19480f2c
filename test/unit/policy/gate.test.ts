import { describe, expect, it } from 'vitest';
import { FlowTable } from '../../../src/policy/flow-table.ts';
import { Gate } from '../../../src/policy/gate.ts';
import { compile, isOpen } from '../../../src/policy/view.ts';
import {
  ALICE,
  AT,
  allow,
  any,
  BOB,
  deny,
  echo,
  everyone,
  gateOf,
  group,
  icmp,
  member,
  OFFICE,
  packet,
  policy,
  site,
  tcp,
  tcpPacket,
  udp,
  udpPacket,
  unreachable,
} from './world.ts';

const WEB = policy('deny', allow(group('eng'), site('office'), tcp(443), udp(53), icmp));
const T = 1_000_000;
const HOUR = 3_600_000;

const syn = tcpPacket(AT.alice, 50_000, AT.office, 443, 'syn');
const synAck = tcpPacket(AT.office, 443, AT.alice, 50_000, 'syn-ack');
const data = tcpPacket(AT.office, 443, AT.alice, 50_000);
const upload = tcpPacket(AT.alice, 50_000, AT.office, 443);

describe('rules in order', () => {
  it('the first that matches decides, and says which it was', () => {
    const narrow = deny(everyone, site('office', '10.1.2.0/24'), any);
    const wide = allow(group('eng'), site('office'), any);
    const gate = gateOf(policy('deny', narrow, wide), ALICE);
    expect(gate.pass(udpPacket(AT.alice, 9, AT.office, 9), 'out', OFFICE, T)).toEqual({
      allow: false,
      rule: narrow.id,
    });
    expect(gate.pass(udpPacket(AT.alice, 9, '10.1.3.1', 9), 'out', OFFICE, T).allow).toBe(true);
    const turned = gateOf(policy('deny', wide, narrow), ALICE);
    expect(turned.pass(udpPacket(AT.alice, 9, AT.office, 9), 'out', OFFICE, T).allow).toBe(true);
  });

  it('where none matches the default holds, and no rule is named', () => {
    expect(gateOf(WEB, BOB).pass(udpPacket(AT.bob, 9, AT.office, 53), 'out', OFFICE, T)).toEqual({
      allow: false,
      rule: null,
    });
    const blocked = deny(member('bob'), everyone, tcp([20, 25]));
    const gate = gateOf(policy('allow', blocked), BOB);
    const ports = [19, 20, 25, 26].map((port) => tcpPacket(AT.bob, 9, AT.office, port, 'syn'));
    expect(ports.map((each) => gate.pass(each, 'out', OFFICE, T).allow)).toEqual([true, false, false, true]);
  });

  it('a member always reaches what is its own', () => {
    const gate = gateOf(policy('deny'), OFFICE);
    expect(gate.pass(udpPacket(AT.office, 9, '10.1.9.9', 9), 'out', OFFICE, T).allow).toBe(true);
  });

  it('a view is open only while nothing in it denies', () => {
    const elsewhere = policy('allow', deny(member('bob'), site('office'), any));
    expect(isOpen(compile(elsewhere, ALICE, 1))).toBe(true);
    expect(isOpen(compile(elsewhere, BOB, 1))).toBe(false);
    expect(isOpen(compile(elsewhere, OFFICE, 1))).toBe(false);
    expect(isOpen(compile(policy('deny'), ALICE, 1))).toBe(false);
  });

  it('a view does not grow with the network', () => {
    const others = Array.from({ length: 200 }, (_, i) => allow(member(`m${i}`), site('office'), tcp(443)));
    const view = compile(policy('deny', ...others), ALICE, 1);
    expect([...view.in, ...view.out]).toEqual([]);
    expect(structuredClone(view)).toEqual(view);
  });
});

describe('answers', () => {
  it('come back to who began, at both ends', () => {
    for (const [party, other, out] of [
      [ALICE, OFFICE, 'out'],
      [OFFICE, ALICE, 'in'],
    ] as const) {
      const gate = gateOf(WEB, party);
      const back = out === 'out' ? 'in' : 'out';
      expect(gate.pass(synAck, back, other, T).allow).toBe(false);
      expect(gate.pass(syn, out, other, T).allow).toBe(true);
      expect(gate.pass(synAck, back, other, T).allow).toBe(true);
      expect(gate.pass(data, back, other, T + 2 * HOUR).allow).toBe(true);
    }
  });

  it('begin nothing themselves: a SYN from the port that is answered from is one of its own', () => {
    const gate = gateOf(WEB, ALICE);
    gate.pass(syn, 'out', OFFICE, T);
    expect(gate.pass(tcpPacket(AT.office, 443, AT.alice, 50_000, 'syn'), 'in', OFFICE, T).allow).toBe(false);
    expect(gate.pass(data, 'in', OFFICE, T).allow).toBe(true);
  });

  it('end with the flow: 5 minutes of UDP, 2 h 4 min of TCP, 4 minutes once it is closed', () => {
    const gate = gateOf(WEB, ALICE);
    const query = udpPacket(AT.alice, 40_000, AT.office, 53);
    const answer = udpPacket(AT.office, 53, AT.alice, 40_000);
    gate.pass(query, 'out', OFFICE, T);
    expect(gate.pass(answer, 'in', OFFICE, T + 300_000).allow).toBe(true);
    expect(gate.pass(answer, 'in', OFFICE, T + 600_001).allow).toBe(false);
    gate.pass(syn, 'out', OFFICE, T);
    expect(gate.pass(data, 'in', OFFICE, T + 7_440_001).allow).toBe(false);
    gate.pass(syn, 'out', OFFICE, T);
    gate.pass(tcpPacket(AT.alice, 50_000, AT.office, 443, 'rst'), 'out', OFFICE, T);
    expect(gate.pass(data, 'in', OFFICE, T + 240_001).allow).toBe(false);
  });

  it('of ping: to its own identifier, and no question the other way', () => {
    for (const [from, to] of [
      [AT.alice, AT.office],
      [AT.alice6, AT.office6],
    ] as const) {
      const gate = gateOf(WEB, ALICE);
      expect(gate.pass(echo(from, to, 7), 'out', OFFICE, T).allow).toBe(true);
      expect(gate.pass(echo(to, from, 7, true), 'in', OFFICE, T).allow).toBe(true);
      expect(gate.pass(echo(to, from, 8, true), 'in', OFFICE, T).allow).toBe(false);
      expect(gate.pass(echo(to, from, 7), 'in', OFFICE, T).allow).toBe(false);
    }
  });

  it('of other protocols: between the same addresses', () => {
    const gate = gateOf(policy('deny', allow(member('alice'), site('office'), any)), ALICE);
    const gre = (from: string, to: string) => packet(from, to, 47, new Uint8Array(8));
    expect(gate.pass(gre(AT.office, AT.alice), 'in', OFFICE, T).allow).toBe(false);
    expect(gate.pass(gre(AT.alice, AT.office), 'out', OFFICE, T).allow).toBe(true);
    expect(gate.pass(gre(AT.office, AT.alice), 'in', OFFICE, T).allow).toBe(true);
    expect(gate.pass(gre('10.1.2.4', AT.alice), 'in', OFFICE, T).allow).toBe(false);
  });

  it('never come from another member', () => {
    const gate = gateOf(WEB, ALICE);
    gate.pass(syn, 'out', OFFICE, T);
    expect(gate.pass(data, 'in', BOB, T).allow).toBe(false);
  });

  it('of the oldest flows are forgotten where there are too many', () => {
    const gate = new Gate(compile(WEB, ALICE, 1), new FlowTable(2));
    for (const port of [1, 2, 3]) gate.pass(udpPacket(AT.alice, port, AT.office, 53), 'out', OFFICE, T);
    const answered = [1, 2, 3].map(
      (port) => gate.pass(udpPacket(AT.office, 53, AT.alice, port), 'in', OFFICE, T).allow,
    );
    expect(answered).toEqual([false, true, true]);
  });
});

describe('errors', () => {
  const noPing = policy('deny', allow(group('eng'), site('office'), tcp(443), udp(53)));

  it('about a flow that was let through pass, others do not', () => {
    for (const [alice, office] of [
      [AT.alice, AT.office],
      [AT.alice6, AT.office6],
    ] as const) {
      const gate = gateOf(noPing, ALICE);
      const query = udpPacket(alice, 40_000, office, 53);
      expect(gate.pass(unreachable(office, alice, query), 'in', OFFICE, T).allow).toBe(false);
      gate.pass(query, 'out', OFFICE, T);
      expect(gate.pass(unreachable(office, alice, query), 'in', OFFICE, T).allow).toBe(true);
      expect(gate.pass(unreachable(office, alice, udpPacket(alice, 40_001, office, 53)), 'in', OFFICE, T).allow).toBe(
        false,
      );
    }
  });

  it('about an answer pass the other way', () => {
    const gate = gateOf(noPing, ALICE);
    gate.pass(udpPacket(AT.alice, 40_000, AT.office, 53), 'out', OFFICE, T);
    const answer = udpPacket(AT.office, 53, AT.alice, 40_000);
    expect(gate.pass(unreachable(AT.alice, AT.office, answer), 'out', OFFICE, T).allow).toBe(true);
  });

  it('by somebody who has no part in the flow do not', () => {
    const gate = gateOf(noPing, ALICE);
    const query = udpPacket(AT.alice, 40_000, AT.office, 53);
    gate.pass(query, 'out', OFFICE, T);
    expect(gate.pass(unreachable(AT.bob, AT.alice, query), 'in', BOB, T).allow).toBe(false);
  });

  it('with too little in them are no more than ICMP', () => {
    const gate = gateOf(noPing, ALICE);
    gate.pass(udpPacket(AT.alice, 40_000, AT.office, 53), 'out', OFFICE, T);
    for (const length of [2, 8, 12, 28]) {
      const cut = packet(AT.office, AT.alice, 1, Uint8Array.of(3, 3, ...new Uint8Array(length - 2)));
      expect(gate.pass(cut, 'in', OFFICE, T).allow).toBe(false);
    }
  });
});

describe('fragments', () => {
  const first = udpPacket(AT.alice, 40_000, AT.office, 53).octets.subarray(20);
  const denied = udpPacket(AT.alice, 40_000, AT.office, 54).octets.subarray(20);
  const pairs = [
    [AT.alice, AT.office],
    [AT.alice6, AT.office6],
  ] as const;

  it('go the way of the first', () => {
    for (const [from, to] of pairs) {
      const gate = gateOf(WEB, ALICE);
      const later = (id: number) => packet(from, to, 17, new Uint8Array(8), { id, offset: 8, more: false });
      expect(gate.pass(later(1), 'out', OFFICE, T).allow).toBe(false);
      expect(gate.pass(packet(from, to, 17, first, { id: 1, offset: 0, more: true }), 'out', OFFICE, T).allow).toBe(
        true,
      );
      expect(gate.pass(later(1), 'out', OFFICE, T).allow).toBe(true);
      expect(gate.pass(later(2), 'out', OFFICE, T).allow).toBe(false);
      expect(gate.pass(later(1), 'out', OFFICE, T + 31_000).allow).toBe(false);
      expect(gate.pass(packet(from, to, 17, denied, { id: 1, offset: 0, more: true }), 'out', OFFICE, T).allow).toBe(
        false,
      );
      expect(gate.pass(later(1), 'out', OFFICE, T).allow).toBe(false);
    }
  });

  it('too short to show a port pass no rule about ports, and evade none', () => {
    const tiny = packet(AT.alice, AT.office, 6, Uint8Array.of(1, 2), { id: 3, offset: 0, more: true });
    expect(gateOf(WEB, ALICE).pass(tiny, 'out', OFFICE, T).allow).toBe(false);
    const noSsh = deny(everyone, everyone, tcp(22));
    expect(gateOf(policy('allow', noSsh), ALICE).pass(tiny, 'out', OFFICE, T).rule).toBe(noSsh.id);
    expect(gateOf(policy('allow', deny(everyone, everyone, udp(22))), ALICE).pass(tiny, 'out', OFFICE, T).allow).toBe(
      true,
    );
  });
});

describe('a change', () => {
  it('does not break what is still allowed, and ends what is not', () => {
    const gate = gateOf(WEB, ALICE);
    gate.pass(syn, 'out', OFFICE, T);
    gate.pass(udpPacket(AT.alice, 40_000, AT.office, 53), 'out', OFFICE, T);
    gate.replace(compile(policy('deny', allow(member('alice'), everyone, tcp(443))), ALICE, 2), T);
    expect(gate.pass(data, 'in', OFFICE, T).allow).toBe(true);
    expect(gate.pass(udpPacket(AT.office, 53, AT.alice, 40_000), 'in', OFFICE, T).allow).toBe(false);
    gate.replace(compile(policy('deny'), ALICE, 3), T);
    expect(gate.pass(data, 'in', OFFICE, T).allow).toBe(false);
    expect(gate.pass(upload, 'out', OFFICE, T).allow).toBe(false);
  });

  it('from no rules at all: what would be an answer to something allowed goes on, and nothing else', () => {
    const gate = gateOf(policy('allow'), ALICE);
    gate.replace(compile(WEB, ALICE, 2), T);
    expect(gate.pass(data, 'in', OFFICE, T + HOUR).allow).toBe(true);
    expect(gate.pass(tcpPacket(AT.office, 80, AT.alice, 50_001), 'in', OFFICE, T).allow).toBe(false);
    expect(gate.pass(tcpPacket(AT.office, 443, AT.alice, 50_001, 'syn'), 'in', OFFICE, T).allow).toBe(false);
    expect(gate.pass(tcpPacket(AT.office, 443, AT.alice, 50_002), 'in', OFFICE, T + 3 * HOUR).allow).toBe(false);
  });
});

describe('a rule that denies', () => {
  it('ends what began before there were rules, though the other way is allowed', () => {
    const gate = gateOf(policy('allow'), ALICE);
    const noWeb = deny(everyone, site('office'), tcp(443));
    gate.replace(compile(policy('allow', noWeb), ALICE, 2), T);
    expect(gate.pass(upload, 'out', OFFICE, T)).toEqual({ allow: false, rule: noWeb.id });
  });
});

describe('flows that were noted', () => {
  it('are known after an eviction, and looked at anew', () => {
    const before = gateOf(WEB, ALICE);
    expect(before.flows.dirty).toBe(false);
    before.pass(syn, 'out', OFFICE, T);
    before.pass(echo(AT.alice6, AT.office6, 7), 'out', OFFICE, T);
    expect(before.flows.dirty).toBe(true);
    const noted = before.flows.snapshot(T);
    expect(before.flows.dirty).toBe(false);
    for (const [rules, goesOn] of [
      [WEB, true],
      [policy('deny'), false],
    ] as const) {
      const flows = new FlowTable();
      flows.restore(noted);
      const gate = new Gate(compile(rules, ALICE, 9), flows);
      expect(gate.pass(data, 'in', OFFICE, T).allow).toBe(goesOn);
      expect(gate.pass(echo(AT.office6, AT.alice6, 7, true), 'in', OFFICE, T).allow).toBe(goesOn);
    }
  });

  it('are noted again before what was noted would be too old', () => {
    const gate = gateOf(WEB, ALICE);
    gate.pass(syn, 'out', OFFICE, T);
    gate.flows.snapshot(T);
    gate.pass(upload, 'out', OFFICE, T + 60_000);
    expect(gate.flows.dirty).toBe(false);
    gate.pass(upload, 'out', OFFICE, T + HOUR);
    expect(gate.flows.dirty).toBe(true);
  });

  it('are bounded, and what cannot be read brings none', () => {
    const gate = gateOf(WEB, ALICE);
    for (let port = 0; port < 1_000; port++) gate.pass(udpPacket(AT.alice, port, AT.office, 53), 'out', OFFICE, T);
    const noted = gate.flows.snapshot(T);
    expect(noted.length).toBeLessThan(32_768);
    const flows = new FlowTable();
    flows.restore(noted);
    expect(flows.size).toBe(256);
    for (const broken of [new Uint8Array(0), Uint8Array.of(9, 9, 9), noted.subarray(0, 2)]) {
      const none = new FlowTable();
      none.restore(broken);
      expect(none.size).toBe(0);
    }
  });
});
