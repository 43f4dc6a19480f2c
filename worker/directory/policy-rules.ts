// Rules of a policy as they are stored: subjects by id, with the name that they had, so that the history tells whom a rule was about.

import type { Access, Policy, Rule, Service, Subject } from '../../src/policy/policy.ts';
import { formatPrefix, parsePrefix, type Prefix } from '../../src/wire/prefix.ts';

export type NamedSubject =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'group' | 'device'; readonly id: string; readonly name: string }
  | { readonly kind: 'site'; readonly id: string; readonly name: string; readonly prefixes: readonly Prefix[] };

export interface NamedRule {
  readonly id: string;
  readonly source: NamedSubject;
  readonly target: NamedSubject;
  readonly services: readonly Service[];
  readonly allow: boolean;
}

export interface NamedPolicy {
  readonly version: number;
  readonly default: Access;
  readonly rules: readonly NamedRule[];
}

/** What decides: without names. */
export function policyOf({ version, default: standard, rules }: NamedPolicy): Policy {
  return { version, default: standard, rules: rules.map(ruleOf) };
}

export function writeRules(rules: readonly NamedRule[]): string {
  return JSON.stringify(
    rules.map((rule) => ({ ...rule, source: writeSubject(rule.source), target: writeSubject(rule.target) })),
  );
}

/** Of what writeRules wrote. */
export function readRules(text: string): NamedRule[] {
  const rules = JSON.parse(text) as (Omit<NamedRule, 'source' | 'target'> &
    Record<'source' | 'target', WrittenSubject>)[];
  return rules.map((rule) => ({ ...rule, source: readSubject(rule.source), target: readSubject(rule.target) }));
}

type WrittenSubject =
  | Exclude<NamedSubject, { kind: 'site' }>
  | { readonly kind: 'site'; readonly id: string; readonly name: string; readonly prefixes: readonly string[] };

function writeSubject(subject: NamedSubject): WrittenSubject {
  return subject.kind === 'site' ? { ...subject, prefixes: subject.prefixes.map(formatPrefix) } : subject;
}

function readSubject(subject: WrittenSubject): NamedSubject {
  if (subject.kind !== 'site') return subject;
  return { ...subject, prefixes: subject.prefixes.map((text) => parsePrefix(text)!) };
}

function ruleOf({ id, source, target, services, allow }: NamedRule): Rule {
  return { id, source: subjectOf(source), target: subjectOf(target), services, allow };
}

function subjectOf(subject: NamedSubject): Subject {
  switch (subject.kind) {
    case 'everyone':
      return subject;
    case 'group':
      return { kind: 'group', id: subject.id };
    case 'device':
      return { kind: 'member', id: subject.id };
    case 'site':
      return { kind: 'site', id: subject.id, prefixes: subject.prefixes.length === 0 ? null : subject.prefixes };
  }
}
