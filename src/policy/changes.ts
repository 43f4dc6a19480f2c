// What a change of policy does: who loses and who gains access to what, by cohorts of members, before it is made.

import { IpProtocol } from '../wire/ip-protocol.ts';
import { type Address, contains, type Prefix } from '../wire/prefix.ts';
import type { Cohort } from './cohorts.ts';
import { explain, type Place, type Wanted } from './explain.ts';
import type { Policy, PortRange, Rule, Service, Subject } from './policy.ts';
import { isMeant } from './view.ts';

export interface Change {
  readonly from: Cohort;
  readonly to: Cohort;
  /** The part of `to` that it is about, without smaller prefixes in it that rules tell apart; null for all. */
  readonly prefix: Prefix | null;
  /** Likewise of `from`. */
  readonly fromPrefix: Prefix | null;
  readonly lost: readonly ChangedService[];
  readonly gained: readonly ChangedService[];
}

/** `any` is everything, `other` what is neither TCP, UDP nor ICMP. */
export type ChangedService = Service | { readonly kind: 'other' };

export interface Changes {
  readonly changes: readonly Change[];
  /** Members that lose something that they could reach, and those that gain something. */
  readonly losing: number;
  readonly gaining: number;
  /** False where there was more to compare than is compared at once. */
  readonly complete: boolean;
}

/** Pairs of cohorts that are compared, and changes that are told, at most. */
const PAIRS = 40_000;
const TOLD = 200;

export function changes(before: Policy, after: Policy, cohorts: readonly Cohort[]): Changes {
  const found: Change[] = [];
  const losing = new Set<Cohort>();
  const gaining = new Set<Cohort>();
  let pairs = 0;
  for (const from of cohorts) {
    for (const to of cohorts) {
      if (from === to && from.members === 1) continue;
      pairs += 1;
      if (pairs > PAIRS) return summary(found, losing, gaining, false);
      for (const change of between(before, after, from, to)) {
        found.push(change);
        if (change.lost.length > 0) losing.add(from);
        if (change.gained.length > 0) gaining.add(from);
      }
    }
  }
  return summary(found, losing, gaining, true);
}

function summary(found: Change[], losing: Set<Cohort>, gaining: Set<Cohort>, whole: boolean): Changes {
  const count = (set: Set<Cohort>) => [...set].reduce((sum, { members }) => sum + members, 0);
  return {
    changes: found.slice(0, TOLD),
    losing: count(losing),
    gaining: count(gaining),
    complete: whole && found.length <= TOLD,
  };
}

/** Compares at one point of each stretch of addresses and services within which no rule changes its mind. */
function between(before: Policy, after: Policy, from: Cohort, to: Cohort): Change[] {
  const rules = [...before.rules, ...after.rules].filter(
    ({ source, target }) => isMeant(source, from.party) && isMeant(target, to.party),
  );
  if (rules.length === 0 && before.default === after.default) return [];
  const wanted = stretches(rules);
  const targets = spots(
    to,
    rules.map(({ target }) => target),
  );
  const sources = spots(
    from,
    rules.map(({ source }) => source),
  );
  return sources.flatMap((source) =>
    targets.flatMap((target) => {
      const ends = endsOf(from, source, to, target);
      if (ends === null) return [];
      const [was, is] = [before, after].map((policy) =>
        wanted.map((stretch) => explain(policy, ends.from, ends.to, atFamily(stretch, ends.from.address)).allow),
      );
      const lost = services(wanted, (i) => was![i]! && !is![i]!);
      const gained = services(wanted, (i) => !was![i]! && is![i]!);
      if (lost.length + gained.length === 0) return [];
      return [{ from, to, fromPrefix: source.prefix, prefix: target.prefix, lost, gained }];
    }),
  );
}

/** @returns null where the two are of different families and never meet. */
function endsOf(from: Cohort, source: Spot, to: Cohort, target: Spot): { from: Place; to: Place } | null {
  const anywhere = new Uint8Array(source.address?.length ?? target.address?.length ?? 4);
  const [near, far] = [source.address ?? anywhere, target.address ?? anywhere];
  if (near.length !== far.length) return null;
  // Within a cohort it is about another of its members: nobody is kept from reaching himself.
  const party = from === to ? { ...to.party, member: '' } : to.party;
  return { from: { party: from.party, address: near }, to: { party, address: far } };
}

interface Spot {
  /** Null where it does not matter. */
  readonly address: Address | null;
  readonly prefix: Prefix | null;
}

/** One address of each part of a site that rules tell apart; a device is told apart by its name alone. */
function spots({ prefixes }: Cohort, subjects: readonly Subject[]): Spot[] {
  const narrowed = subjects.flatMap((subject) => (subject.kind === 'site' ? (subject.prefixes ?? []) : []));
  const inner = narrowed.filter((part) =>
    prefixes.some((whole) => part.length > whole.length && contains(whole, part.address)),
  );
  if (inner.length === 0 && narrowed.length === 0) return [{ address: null, prefix: null }];
  const parts = [...new Map([...prefixes, ...inner].map((part) => [`${part.address}/${part.length}`, part])).values()];
  return parts.flatMap((part) => {
    const within = parts.filter((each) => each.length > part.length && contains(part, each.address));
    const address = firstOutside(part, within);
    return address === null ? [] : [{ address, prefix: part }];
  });
}

/** The first address of a prefix that is in none of those within it; null where they cover it. */
function firstOutside(part: Prefix, within: readonly Prefix[]): Address | null {
  let address: Address | null = part.address;
  for (;;) {
    const hit: Prefix | undefined = within.find((each) => contains(each, address!));
    if (!hit) return address;
    address = behind(hit);
    if (address === null || !contains(part, address)) return null;
  }
}

/** The address that follows a prefix's last. */
function behind({ address, length }: Prefix): Address | null {
  const next = Uint8Array.from(address);
  for (let bit = length - 1; bit >= 0; bit--) {
    const mask = 0x80 >> (bit & 7);
    if ((next[bit >> 3]! & mask) === 0) {
      next[bit >> 3]! |= mask;
      return next;
    }
    next[bit >> 3]! &= ~mask;
  }
  return null;
}

/** A protocol, and ports within which all are alike. */
interface Stretch {
  readonly kind: ChangedService['kind'];
  readonly protocol: number;
  readonly port: number | null;
  readonly last: number;
}

/** A protocol of no service but `any`: RFC 3692 keeps it for experiments. */
const SOME_PROTOCOL = 253;

function stretches(rules: readonly Rule[]): Stretch[] {
  const given = rules.flatMap((rule) => rule.services);
  return [
    ...portStretches('tcp', IpProtocol.TCP, given),
    ...portStretches('udp', IpProtocol.UDP, given),
    { kind: 'icmp', protocol: IpProtocol.ICMP, port: null, last: 0 },
    { kind: 'other', protocol: SOME_PROTOCOL, port: null, last: 0 },
  ];
}

function portStretches(kind: 'tcp' | 'udp', protocol: number, given: readonly Service[]): Stretch[] {
  const starts = new Set([0]);
  for (const service of given) {
    if (service.kind !== kind) continue;
    for (const { first, last } of service.ports) starts.add(first).add(last + 1);
  }
  const sorted = [...starts].filter((start) => start <= 0xffff).sort((a, b) => a - b);
  return sorted.map((port, i) => ({ kind, protocol, port, last: (sorted[i + 1] ?? 0x10000) - 1 }));
}

function atFamily({ kind, protocol, port }: Stretch, address: Address): Wanted {
  return { protocol: kind === 'icmp' && address.length === 16 ? IpProtocol.ICMPV6 : protocol, port };
}

/** What the chosen stretches make up, ports that follow each other in one. */
function services(wanted: readonly Stretch[], chosen: (i: number) => boolean): ChangedService[] {
  if (wanted.every((_, i) => chosen(i))) return [{ kind: 'any' }];
  const result: ChangedService[] = [];
  for (const [i, { kind, port, last }] of wanted.entries()) {
    if (!chosen(i)) continue;
    if (kind !== 'tcp' && kind !== 'udp') {
      result.push({ kind } as ChangedService);
      continue;
    }
    const before = result.at(-1);
    const ports = before?.kind === kind ? before.ports : [];
    const joined = joinRange(ports, { first: port!, last });
    if (before?.kind === kind) result[result.length - 1] = { kind, ports: joined };
    else result.push({ kind, ports: joined });
  }
  return result;
}

function joinRange(ports: readonly PortRange[], next: PortRange): PortRange[] {
  const before = ports.at(-1);
  if (before?.last !== next.first - 1) return [...ports, next];
  return [...ports.slice(0, -1), { first: before.first, last: next.last }];
}
