// Rules in the order in which they are asked.

import type { PolicyView, RuleView, SubjectView } from '../../../api/json.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Status } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { linkTo, may, type Place } from '../../place.ts';

export function Rules({ place, policy }: { readonly place: Place; readonly policy: PolicyView }) {
  const other = policy.default === 'allow' ? 'deny' : 'allow';
  return (
    <Card title="Rules" flush>
      <Table
        caption="Rules, the first that fits decides"
        none="No rules yet."
        rows={policy.rules.map((rule, index) => ({ rule, position: index + 1 }))}
        columns={[
          { title: 'Rule', names: true, cell: ({ rule, position }) => <RuleWords rule={rule} position={position} /> },
          {
            title: '',
            end: true,
            cell: ({ rule, position }) =>
              may(place, 'policy:write') && (
                <form method="post" action={linkTo(place, 'access/try')}>
                  <input type="hidden" name="csrf" value={place.csrf} />
                  <input type="hidden" name="remove" value={rule.id} />
                  <button type="submit" class="button plain slim" aria-label={`Remove rule ${position}…`}>
                    Remove…
                  </button>
                </form>
              ),
          },
        ]}
      />
      <div class="pager">
        <span>Otherwise: {policy.default === 'allow' ? 'everybody reaches everybody' : 'nobody reaches anybody'}.</span>
        {may(place, 'policy:write') && (
          <form method="post" action={linkTo(place, 'access/try')}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <Button slim name="default" value={other}>
              {other === 'deny' ? 'Deny what no rule allows…' : 'Allow what no rule denies…'}
            </Button>
          </form>
        )}
      </div>
    </Card>
  );
}

function RuleWords({ rule, position }: { readonly rule: RuleView; readonly position: number }) {
  const { source, target, services, action } = rule;
  return (
    <span class="rule">
      <span class="number soft">{position}.</span>
      <Status tone={action === 'allow' ? 'good' : 'bad'} label={action === 'allow' ? 'Allows:' : 'Denies:'} />
      <b>{subjectWords(source)}</b> {action === 'allow' ? 'may reach' : 'may not reach'} <b>{subjectWords(target)}</b>
      <span class="soft">{services.includes('any') ? 'with anything' : `with ${services.join(', ')}`}</span>
    </span>
  );
}

function subjectWords({ kind, name, prefixes }: SubjectView): string {
  if (kind === 'everyone') return 'everyone';
  return `${kind} ${name ?? ''}${prefixes && prefixes.length > 0 ? ` (${prefixes.join(', ')})` : ''}`;
}
