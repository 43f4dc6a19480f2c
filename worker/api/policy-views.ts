// What the API shows of policies and groups.

import type { Change, ChangedService } from '../../src/policy/changes.ts';
import { formatPrefix } from '../../src/wire/prefix.ts';
import type { NamedPolicy, NamedRule, NamedSubject } from '../directory/policy-rules.ts';
import type { ChangeView, PolicyView, RuleView, SubjectView } from './json.ts';

export function viewPolicy({ version, default: standard, rules }: NamedPolicy): PolicyView {
  return { version, default: standard, rules: rules.map(viewRule) };
}

export function viewRule({ id, source, target, services, allow }: NamedRule): RuleView {
  return {
    id,
    source: viewSubject(source),
    target: viewSubject(target),
    services: services.map(viewService),
    action: allow ? 'allow' : 'deny',
  };
}

export function viewChange({ from, to, prefix, fromPrefix, lost, gained }: Change): ChangeView {
  return {
    from: { name: from.name, members: from.members, prefix: fromPrefix && formatPrefix(fromPrefix) },
    to: { name: to.name, members: to.members, prefix: prefix && formatPrefix(prefix) },
    lost: lost.map(viewService),
    gained: gained.map(viewService),
  };
}

/** As readService reads it; `other` is what is neither TCP, UDP nor ICMP. */
function viewService(service: ChangedService): string {
  if (service.kind !== 'tcp' && service.kind !== 'udp') return service.kind;
  const ports = service.ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return `${service.kind}/${ports.join(',')}`;
}

function viewSubject(subject: NamedSubject): SubjectView {
  if (subject.kind === 'everyone') return { kind: 'everyone' };
  const { kind, name } = subject;
  return kind === 'site' && subject.prefixes.length > 0
    ? { kind, name, prefixes: subject.prefixes.map(formatPrefix) }
    : { kind, name };
}
