import type { PolicyView, RuleView, SubjectView } from '../../../api/json.ts';
import type { Typed } from '../../form.ts';

export type Wanted = Omit<PolicyView, 'rules'> & {
  readonly rules: readonly (Omit<RuleView, 'id'> & { readonly id?: string })[];
};

export function changed(policy: PolicyView, form: Typed): Wanted {
  const { version, rules } = policy;
  if (form.has('remove')) return { ...policy, rules: rules.filter(({ id }) => id !== form.value('remove')) };
  if (form.has('default')) return { version, rules, default: form.value('default') === 'allow' ? 'allow' : 'deny' };
  const services = form
    .value('services', 'any')
    .split(/\s+/)
    .filter((each) => each !== '');
  const action = form.value('action') === 'deny' ? 'deny' : 'allow';
  const rule = {
    source: subjectIn(form.value('source')),
    target: subjectIn(form.value('target')),
    services,
    action,
  } as const;
  return { ...policy, rules: [...rules, rule] };
}

function subjectIn(text: string): SubjectView {
  const [kind, name = ''] = text.split('/');
  return kind === 'group' || kind === 'site' || kind === 'device' ? { kind, name } : { kind: 'everyone' };
}

/** What our own page has sent along. */
export function readWanted(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
