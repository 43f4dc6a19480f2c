// Below the table of devices: what to do with those that are picked.

import { listGroups } from '../../../directory/groups.ts';
import type { Network } from '../../../directory/networks.ts';
import { Button } from '../../parts/button.tsx';
import { type ConsoleContext, linkTo, may, type Place } from '../../place.ts';
import { DEEDS } from './deeds.ts';
import { Kept } from './kept.tsx';
import { viewOf } from './view.ts';

export async function groupNames(c: ConsoleContext, network: Network): Promise<string[]> {
  if (!may(c.var.place, 'policy:write')) return [];
  return (await listGroups(c.env.DB, network)).map(({ name }) => name);
}

export function Bulk({ place, groups }: { readonly place: Place; readonly groups: readonly string[] }) {
  const deeds = Object.entries(DEEDS).filter(
    ([, { scope, group }]) => may(place, scope) && (!group || groups.length > 0),
  );
  return (
    <form id="bulk" class="filters" method="post" action={linkTo(place, 'devices/bulk')}>
      <input type="hidden" name="csrf" value={place.csrf} />
      <Kept view={viewOf((name) => place.query.get(name))} />
      <div class="field">
        <label for="bulk-do">With the picked</label>
        <select class="input" id="bulk-do" name="do">
          {deeds.map(([name, { label }]) => (
            <option value={name}>{label}</option>
          ))}
        </select>
      </div>
      {groups.length > 0 && (
        <div class="field">
          <label for="bulk-group">Group</label>
          <select class="input" id="bulk-group" name="group">
            {groups.map((name) => (
              <option value={name}>{name}</option>
            ))}
          </select>
        </div>
      )}
      <Button>Go on</Button>
    </form>
  );
}
