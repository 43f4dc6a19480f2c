// What a view says about one other member: the rules between the two, each way, up to the first that always matches.

import { type Address, contains, type Prefix } from '../wire/prefix.ts';
import { IpProtocol } from '../wire/ip-protocol.ts';
import type { Party, Service, Verdict } from './policy.ts';
import { type AccessView, isMeant, prefixesOf, type ViewRule } from './view.ts';

/** Who begins: `out` is the member whose view it is. */
export type Direction = 'out' | 'in';

export interface Facing {
  readonly out: Way;
  readonly in: Way;
  /** Everything passes both ways. */
  readonly open: boolean;
}

export interface Way {
  readonly entries: readonly Entry[];
  /** Where no entry matches. */
  readonly otherwise: Verdict;
}

interface Entry {
  readonly local: readonly Prefix[] | null;
  readonly remote: readonly Prefix[] | null;
  readonly services: readonly Service[];
  readonly verdict: Verdict;
}

/** What begins with a packet, seen from the member whose view it is. */
export interface Opening {
  readonly local: Address;
  readonly remote: Address;
  readonly protocol: number;
  /** Of who is reached; null where there is none, or none to be seen. */
  readonly port: number | null;
}

export function face(view: AccessView, other: Party): Facing {
  const out = way(view, view.out, other);
  const inward = way(view, view.in, other);
  return { out, in: inward, open: passes(out) && passes(inward) };
}

/** The first entry that matches decides. */
export function decide({ entries, otherwise }: Way, opening: Opening): Verdict {
  for (const entry of entries) {
    // Ports first: they are compared faster than prefixes.
    if (isServed(entry, opening) && isIn(entry.local, opening.local) && isIn(entry.remote, opening.remote))
      return entry.verdict;
  }
  return otherwise;
}

function way(view: AccessView, rules: readonly ViewRule[], other: Party): Way {
  const entries: Entry[] = [];
  for (const { id, allow, local, remote, services } of rules) {
    if (!isMeant(remote, other)) continue;
    const entry = { local, remote: prefixesOf(remote), services, verdict: { allow, rule: id } };
    if (isUnconditional(entry)) return { entries, otherwise: entry.verdict };
    entries.push(entry);
  }
  return { entries, otherwise: { allow: view.default === 'allow', rule: null } };
}

function isUnconditional({ local, remote, services }: Entry): boolean {
  return local === null && remote === null && services.some(({ kind }) => kind === 'any');
}

function passes({ entries, otherwise }: Way): boolean {
  return otherwise.allow && entries.every(({ verdict }) => verdict.allow);
}

function isServed({ services, verdict }: Entry, opening: Opening): boolean {
  for (const service of services) if (serves(service, opening, verdict.allow)) return true;
  return false;
}

function isIn(prefixes: readonly Prefix[] | null, address: Address): boolean {
  if (prefixes === null) return true;
  for (const prefix of prefixes) if (contains(prefix, address)) return true;
  return false;
}

/**
 * A port that cannot be seen, because a fragment ends before it, counts against the packet: it matches what denies and nothing that
 * allows, so that no rule is evaded by cutting a packet (RFC 1858 section 3).
 */
function serves(service: Service, { local, protocol, port }: Opening, allow: boolean): boolean {
  switch (service.kind) {
    case 'any':
      return true;
    case 'icmp':
      return protocol === (local.length === 4 ? IpProtocol.ICMP : IpProtocol.ICMPV6);
    case 'tcp':
    case 'udp':
      if (protocol !== (service.kind === 'tcp' ? IpProtocol.TCP : IpProtocol.UDP)) return false;
      if (port === null) return !allow;
      for (const { first, last } of service.ports) if (first <= port && port <= last) return true;
      return false;
  }
}
