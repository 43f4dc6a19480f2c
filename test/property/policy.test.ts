// What is compiled decides as a plain walk along the list does: statelessly, and for whole conversations with changes in between.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changes } from '../../src/policy/changes.ts';
import { type Cohort, namedMembers } from '../../src/policy/cohorts.ts';
import { explain } from '../../src/policy/explain.ts';
import { decide, face } from '../../src/policy/facing.ts';
import type { Party, Policy, Rule, Service, Subject } from '../../src/policy/policy.ts';
import { compile } from '../../src/policy/view.ts';
import { parseAddress, parsePrefix, type Prefix } from '../../src/wire/prefix.ts';
import { echo, gateOf, tcpPacket, udpPacket } from '../unit/policy/world.ts';

interface Somebody {
  readonly party: Party;
  readonly prefixes: readonly Prefix[];
  /** Of each family. */
  readonly addresses: { readonly 4: readonly string[]; readonly 6: readonly string[] };
}

const prefix = (text: string) => parsePrefix(text)!;
const device = (member: string, groups: string[], n: number): Somebody => ({
  party: { member, groups },
  prefixes: [],
  addresses: { 4: [`10.7.0.${n}`], 6: [`fd00::${n}`] },
});

const PEOPLE: readonly Somebody[] = [
  device('ann', ['a'], 2),
  device('ben', ['a', 'b'], 3),
  device('cleo', ['b', 'c'], 4),
  device('dan', [], 5),
  {
    party: { member: 'north', groups: ['c'] },
    prefixes: [prefix('10.1.0.0/16'), prefix('fd01::/48')],
    addresses: { 4: ['10.1.0.1', '10.1.128.1', '10.1.129.7'], 6: ['fd01::1', 'fd01:0:0:8::1'] },
  },
  {
    party: { member: 'south', groups: [] },
    prefixes: [prefix('10.2.0.0/16')],
    addresses: { 4: ['10.2.0.1', '10.2.3.4'], 6: [] },
  },
];

const NARROW: Readonly<Record<string, readonly string[]>> = {
  north: ['10.1.128.0/17', '10.1.129.0/24', '10.1.0.0/32', 'fd01:0:0:8::/64'],
  south: ['10.2.0.0/24', '10.2.3.4/32'],
};

const PORTS = [0, 21, 22, 23, 53, 79, 80, 443, 8_080, 65_535];

const subjects: fc.Arbitrary<Subject> = fc.oneof(
  fc.constant<Subject>({ kind: 'everyone' }),
  fc.constantFrom('a', 'b', 'c', 'nobody').map((id): Subject => ({ kind: 'group', id })),
  fc.constantFrom('ann', 'ben', 'cleo', 'dan', 'gone').map((id): Subject => ({ kind: 'member', id })),
  fc
    .constantFrom('north', 'south')
    .chain((id) =>
      fc
        .option(fc.subarray([...NARROW[id]!], { minLength: 1 }))
        .map((texts): Subject => ({ kind: 'site', id, prefixes: texts?.map(prefix) ?? null })),
    ),
);

const ranges = fc
  .array(fc.tuple(fc.constantFrom(...PORTS), fc.constantFrom(...PORTS)), { minLength: 1, maxLength: 3 })
  .map((pairs) => pairs.map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })));

const services: fc.Arbitrary<Service> = fc.oneof(
  fc.constant<Service>({ kind: 'any' }),
  fc.constant<Service>({ kind: 'icmp' }),
  fc.tuple(fc.constantFrom('tcp' as const, 'udp' as const), ranges).map(([kind, ports]): Service => ({ kind, ports })),
);

const policies: fc.Arbitrary<Policy> = fc
  .record({
    default: fc.constantFrom('allow' as const, 'deny' as const),
    rules: fc.array(
      fc.record({
        source: subjects,
        target: subjects,
        services: fc.array(services, { minLength: 1, maxLength: 3 }),
        allow: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
  })
  .map(({ default: standard, rules }) => ({
    version: 1,
    default: standard,
    rules: rules.map((rule, i): Rule => ({ ...rule, id: `r${i}` })),
  }));

interface Question {
  readonly from: Somebody;
  readonly to: Somebody;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly port: number | null;
}

const questions: fc.Arbitrary<Question> = fc
  .tuple(
    fc.shuffledSubarray([...PEOPLE], { minLength: 2, maxLength: 2 }),
    fc.constantFrom(4 as const, 6 as const),
    fc.nat(),
  )
  .filter(([people, family]) => people.every(({ addresses }) => addresses[family].length > 0))
  .chain(([people, family, n]) => {
    const [from, to] = people as [Somebody, Somebody];
    const pick = ({ addresses }: Somebody, k: number) => addresses[family][k % addresses[family].length]!;
    return fc.record({
      from: fc.constant(from),
      to: fc.constant(to),
      source: fc.constant(pick(from, n)),
      destination: fc.constant(pick(to, n >> 4)),
      protocol: fc.constantFrom(6, 17, family === 4 ? 1 : 58, family === 4 ? 58 : 1, 47),
      port: fc.constantFrom(...PORTS),
    });
  })
  .map((question) => ({ ...question, port: [6, 17].includes(question.protocol) ? question.port : null }));

/** The rule that decides, or null for the default: nothing but the list. */
function walk({ rules }: Policy, { from, to, source, destination, protocol, port }: Question): Rule | null {
  for (const rule of rules) {
    if (!names(rule.source, from.party, source) || !names(rule.target, to.party, destination)) continue;
    const icmpOfFamily = source.includes(':') ? 58 : 1;
    const matches = rule.services.some((service) => {
      if (service.kind === 'any') return true;
      if (service.kind === 'icmp') return protocol === icmpOfFamily;
      if (protocol !== { tcp: 6, udp: 17 }[service.kind]) return false;
      return service.ports.some(({ first, last }) => port! >= first && port! <= last);
    });
    if (matches) return rule;
  }
  return null;
}

function names(subject: Subject, { member, groups }: Party, address: string): boolean {
  if (subject.kind === 'everyone') return true;
  if (subject.kind === 'group') return groups.includes(subject.id);
  if (subject.id !== member) return false;
  if (subject.kind === 'member' || subject.prefixes === null) return true;
  const bits = bitsOf(address);
  return subject.prefixes.some(({ address: of, length }) => {
    const others = [...of].map((octet) => octet.toString(2).padStart(8, '0')).join('');
    return others.length === bits.length && others.slice(0, length) === bits.slice(0, length);
  });
}

function bitsOf(address: string): string {
  return [...parseAddress(address)!].map((octet) => octet.toString(2).padStart(8, '0')).join('');
}

function allowed(policy: Policy, question: Question): boolean {
  return walk(policy, question)?.allow ?? policy.default === 'allow';
}

describe('a compiled policy', () => {
  it('decides as the list does, at both ends, and explain says the same', () => {
    fc.assert(
      fc.property(policies, fc.array(questions, { minLength: 1, maxLength: 12 }), (policy, asked) => {
        for (const question of asked) {
          const { from, to, protocol, port } = question;
          const [source, destination] = [parseAddress(question.source)!, parseAddress(question.destination)!];
          const rule = walk(policy, question);
          const expected = { allow: allowed(policy, question), rule: rule?.id ?? null };
          const out = face(compile(policy, from.party, 1), to.party).out;
          const inward = face(compile(policy, to.party, 1), from.party).in;
          expect(decide(out, { local: source, remote: destination, protocol, port })).toEqual(expected);
          expect(decide(inward, { local: destination, remote: source, protocol, port })).toEqual(expected);
          const places = [
            { party: from.party, address: source },
            { party: to.party, address: destination },
          ] as const;
          expect(explain(policy, ...places, { protocol, port })).toEqual(expected);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

type Event =
  | { readonly kind: 'packet'; readonly question: Question; readonly back: boolean; readonly first: boolean }
  | { readonly kind: 'policy'; readonly policy: Policy };

/** Something is denied, so that flows are kept from the start. */
const strict = policies.map((policy): Policy => ({ ...policy, default: 'deny' }));

const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('packet' as const),
      question: questions.filter(({ protocol, source }) => [6, 17, source.includes(':') ? 58 : 1].includes(protocol)),
      back: fc.boolean(),
      first: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('policy' as const), policy: strict }) },
);

/** Client ports are the same for all, so that flows meet. */
const CLIENT_PORT = 40_000;

function packetOf({ question, back, first }: Event & { kind: 'packet' }) {
  const { source, destination, protocol, port } = question;
  const [from, to] = back ? [destination, source] : [source, destination];
  const [fromPort, toPort] = back ? [port!, CLIENT_PORT] : [CLIENT_PORT, port!];
  if (protocol === 17) return udpPacket(from, fromPort, to, toPort);
  if (protocol !== 6) return echo(from, to, 1, back);
  return tcpPacket(from, fromPort, to, toPort, back ? 'ack' : first ? 'syn' : 'ack');
}

describe('a conversation', () => {
  it('goes on as the rules let it, whatever changes meanwhile', () => {
    fc.assert(
      fc.property(strict, fc.array(events, { minLength: 1, maxLength: 40 }), (start, happening) => {
        let policy = start;
        let epoch = 1;
        const gates = new Map(PEOPLE.map(({ party }) => [party.member, gateOf(policy, party)]));
        const flows = new Map<string, Question>();
        for (const event of happening) {
          if (event.kind === 'policy') {
            policy = event.policy;
            epoch += 1;
            for (const { party } of PEOPLE) gates.get(party.member)!.replace(compile(policy, party, epoch), 0);
            continue;
          }
          const { question, back } = event;
          const view = packetOf(event);
          const [sender, receiver] = back ? [question.to, question.from] : [question.from, question.to];
          const passed =
            gates.get(sender.party.member)!.pass(view, 'out', receiver.party, 0).allow &&
            gates.get(receiver.party.member)!.pass(view, 'in', sender.party, 0).allow;
          expect(passed).toBe(reference(policy, flows, event));
        }
      }),
      { numRuns: 1_500 },
    );
  });
});

/** What begins a flow is decided by the list; what belongs to one, by the list about its beginning. */
function reference(
  policy: Policy,
  flows: Map<string, Question>,
  { question, back, first }: Event & { kind: 'packet' },
) {
  const { from, to, source, destination, protocol } = question;
  const key = [from.party.member, source, to.party.member, destination, protocol, question.port].join();
  const isPing = protocol !== 6 && protocol !== 17;
  const begins = !back && (isPing || (protocol === 6 && first));
  const begun = flows.get(key);
  if (begun && !begins) {
    if (allowed(policy, begun)) return true;
    flows.delete(key);
  }
  const turned = { ...question, from: to, to: from, source: destination, destination: source };
  const asked = back ? { ...turned, port: isPing ? null : CLIENT_PORT } : question;
  if (!allowed(policy, asked)) return false;
  if (!(isPing && back)) flows.set(key, asked);
  return true;
}

const cohorts: readonly Cohort[] = PEOPLE.map(({ party, prefixes }) => ({
  party,
  prefixes,
  name: party.member,
  members: 1,
}));

describe('a dry run', () => {
  it('finds every change of a question, and no other', () => {
    fc.assert(
      fc.property(policies, policies, fc.array(questions, { minLength: 1, maxLength: 20 }), (before, after, asked) => {
        const found = changes(before, after, cohorts);
        for (const question of asked) {
          const was = allowed(before, question);
          const is = allowed(after, question);
          const about = found.changes.filter(
            ({ from, to, prefix: part, fromPrefix }) =>
              from.name === question.from.party.member &&
              to.name === question.to.party.member &&
              isPart(part, question.destination) &&
              isPart(fromPrefix, question.source),
          );
          const told = (list: 'lost' | 'gained') =>
            about.some((change) => change[list].some((each) => covers(each, question)));
          if (found.complete && was && !is) expect(told('lost')).toBe(true);
          if (found.complete && !was && is) expect(told('gained')).toBe(true);
          // A part is told of without smaller parts in it, which the reader of the report sees and this test does not.
          const isWhole = about.every((change) => change.prefix === null && change.fromPrefix === null);
          if (isWhole && was === is) expect([told('lost'), told('gained')]).toEqual([false, false]);
        }
      }),
      { numRuns: 600 },
    );
  });

  it('of the same policy finds nothing', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        expect(changes(policy, policy, cohorts)).toMatchObject({ changes: [], losing: 0, gaining: 0 });
      }),
      { numRuns: 100 },
    );
  });

  it('tells named members apart', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const text = JSON.stringify(policy.rules);
        for (const id of ['ann', 'north', 'gone'])
          expect(namedMembers(policy).has(id)).toBe(text.includes(`"id":"${id}"`));
      }),
      { numRuns: 100 },
    );
  });
});

function isPart(part: Prefix | null, address: string): boolean {
  if (part === null) return true;
  const bits = bitsOf(address);
  const own = [...part.address].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  return own.length === bits.length && own.slice(0, part.length) === bits.slice(0, part.length);
}

function covers(
  service: { readonly kind: string; readonly ports?: readonly { first: number; last: number }[] },
  { protocol, port, source }: Question,
) {
  if (service.kind === 'any') return true;
  const kind = { 6: 'tcp', 17: 'udp', [source.includes(':') ? 58 : 1]: 'icmp' }[protocol] ?? 'other';
  if (service.kind !== kind) return false;
  return service.ports === undefined || service.ports.some(({ first, last }) => first <= port! && port! <= last);
}
