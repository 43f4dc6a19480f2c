// Whom the rules of a request name: found by name, with what their names are at present.

import { contains, formatPrefix, parsePrefix, type Prefix } from '../../src/wire/prefix.ts';
import { listGroups } from './groups.ts';
import { memberNames } from './members.ts';
import { shorten } from './names.ts';
import type { Network } from './networks.ts';
import { readPolicy } from './policies.ts';
import type { NamedPolicy, NamedRule, NamedSubject } from './policy-rules.ts';
import { done, inField, refuse, type Refused, type Result } from './refusal.ts';

export type WantedSubject =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'group' | 'device'; readonly name: string }
  | { readonly kind: 'site'; readonly name: string; readonly prefixes: readonly Prefix[] };

export interface WantedRule extends Omit<NamedRule, 'source' | 'target'> {
  readonly source: WantedSubject;
  readonly target: WantedSubject;
}

export interface WantedPolicy extends Omit<NamedPolicy, 'rules'> {
  readonly rules: readonly WantedRule[];
}

/** A rule that stands already may name somebody who has been revoked since: it does no harm, and hinders no change of others. */
export async function findSubjects(
  db: D1Database,
  network: Network,
  wanted: WantedPolicy,
): Promise<Result<NamedPolicy>> {
  const known = await knownSubjects(db, network, wanted);
  const rules: NamedRule[] = [];
  for (const [i, rule] of wanted.rules.entries()) {
    const source = subjectIn(known, rule.source, network, `rules[${i}].source`);
    if (!source.ok) return source;
    const target = subjectIn(known, rule.target, network, `rules[${i}].target`);
    if (!target.ok) return target;
    rules.push({ ...rule, source: source.value, target: target.value });
  }
  return done({ ...wanted, rules });
}

/** With the names of today; those who are gone keep the last that they had. */
export async function withNames(db: D1Database, network: Network, policy: NamedPolicy): Promise<NamedPolicy> {
  const ids = policy.rules.flatMap(({ source, target }) =>
    [source, target].flatMap((each) => ('id' in each ? each.id : [])),
  );
  if (ids.length === 0) return policy;
  const names = new Map([
    ...(await memberNames(db, [...new Set(ids)])),
    ...(await listGroups(db, network)).map(({ id, name }) => [id, name] as const),
  ]);
  const named = (subject: NamedSubject): NamedSubject =>
    subject.kind === 'everyone' ? subject : { ...subject, name: names.get(subject.id) ?? subject.name };
  return {
    ...policy,
    rules: policy.rules.map((rule) => ({ ...rule, source: named(rule.source), target: named(rule.target) })),
  };
}

/** By kind and name. */
type Known = ReadonlyMap<string, { readonly id: string; readonly prefixes: readonly Prefix[] | null }>;

async function knownSubjects(db: D1Database, network: Network, wanted: WantedPolicy): Promise<Known> {
  const known = new Map<string, { id: string; prefixes: Prefix[] | null }>();
  const present = await withNames(db, network, await readPolicy(db, network));
  for (const { source, target } of present.rules) {
    for (const subject of [source, target]) {
      if (subject.kind !== 'everyone') known.set(`${subject.kind} ${subject.name}`, { id: subject.id, prefixes: null });
    }
  }
  for (const { id, name } of await listGroups(db, network)) known.set(`group ${name}`, { id, prefixes: null });
  const names = wanted.rules.flatMap(({ source, target }) =>
    [source, target].flatMap((each) => (each.kind === 'device' || each.kind === 'site' ? each.name : [])),
  );
  const query = db
    .prepare(
      `SELECT m.id, m.name, m.kind, (SELECT json_group_array(p.prefix) FROM site_prefixes p WHERE p.member_id = m.id) AS prefixes
       FROM members m WHERE m.network_id = ? AND m.revoked_at IS NULL AND m.name IN (SELECT value FROM json_each(?))`,
    )
    .bind(network.id, JSON.stringify([...new Set(names)]));
  for (const { id, name, kind, prefixes } of (await query.all<MemberRow>()).results) {
    const behind = (JSON.parse(prefixes) as string[]).map((text) => parsePrefix(text)!);
    known.set(`${kind} ${name}`, { id, prefixes: behind });
  }
  return known;
}

interface MemberRow {
  readonly id: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
  readonly prefixes: string;
}

function subjectIn(known: Known, wanted: WantedSubject, network: Network, field: string): Result<NamedSubject> {
  if (wanted.kind === 'everyone') return done(wanted);
  const found = known.get(`${wanted.kind} ${wanted.name}`);
  if (!found) return unknown(wanted.kind, wanted.name, network, field);
  if (wanted.kind !== 'site') return done({ kind: wanted.kind, id: found.id, name: wanted.name });
  const outside = wanted.prefixes.find((prefix) => found.prefixes?.every((behind) => !isWithin(prefix, behind)));
  if (outside && found.prefixes) return notBehind(outside, wanted.name, found.prefixes, field);
  return done({ ...wanted, id: found.id });
}

function unknown(kind: 'group' | 'device' | 'site', name: string, network: Network, field: string): Refused {
  return inField(
    refuse(
      `unknown-${kind}`,
      `The network '${network.name}' has no ${kind} '${shorten(name)}'.`,
      `List them with 'culvert ${kind} list', or take the rule out.`,
    ),
    field,
  );
}

function notBehind(prefix: Prefix, site: string, behind: readonly Prefix[], field: string): Refused {
  return inField(
    refuse(
      'bad-prefix',
      `${formatPrefix(prefix)} is not behind the site '${site}', which has ${behind.map(formatPrefix).join(', ')}.`,
      'Give a part of that, or no prefix for the whole site.',
    ),
    field,
  );
}

function isWithin(part: Prefix, whole: Prefix): boolean {
  return part.length >= whole.length && contains(whole, part.address);
}
