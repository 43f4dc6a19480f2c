// The groups that a member is in, which rules speak of.

import type { GroupView } from '../../../api/json.ts';
import { callApi, part } from '../../call.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Refused } from '../../parts/notice.tsx';
import { linkTo, may } from '../../place.ts';
import type { Shown } from './shown.ts';

export async function Groups({ c, place, placed: { record, network } }: Shown) {
  if (!may(place, 'policy:read')) return null;
  const base = `/networks/${part(network.name)}`;
  const [own, all] = await Promise.all([
    callApi<{ groups: GroupView[] }>(c, 'GET', `${base}/members/${part(record.name)}/groups`),
    callApi<{ groups: GroupView[] }>(c, 'GET', `${base}/groups`),
  ]);
  if (!own.ok) return <Refused refusal={own.refusal} />;
  const { groups } = own.value;
  const others = all.ok ? all.value.groups.filter(({ id }) => !groups.some((each) => each.id === id)) : [];
  const mayChange = may(place, 'policy:write');
  return (
    <Card title="Groups">
      {groups.length === 0 && <p class="soft">It is in no group.</p>}
      <ul class="tags">
        {groups.map(({ name }) => (
          <li>
            <a href={linkTo(place, `access/groups/${part(name)}`)}>{name}</a>
            {mayChange && (
              <form method="post" action={linkTo(place, `devices/${record.id}/groups/leave`)}>
                <input type="hidden" name="csrf" value={place.csrf} />
                <input type="hidden" name="group" value={name} />
                <button type="submit" class="button plain slim" aria-label={`Take out of ${name}`}>
                  Take out
                </button>
              </form>
            )}
          </li>
        ))}
      </ul>
      {mayChange && others.length > 0 && (
        <form class="filters" method="post" action={linkTo(place, `devices/${record.id}/groups/join`)}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <div class="field grows">
            <label for="join-group">Another group</label>
            <select class="input" id="join-group" name="group">
              {others.map(({ name }) => (
                <option value={name}>{name}</option>
              ))}
            </select>
          </div>
          <Button>Put it in</Button>
        </form>
      )}
    </Card>
  );
}
