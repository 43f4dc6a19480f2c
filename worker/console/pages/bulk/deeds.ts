// What can be done to several devices at once, each by the API's own call for one.

import type { Scope } from '../../../account/principal.ts';
import type { Placed } from '../../../directory/member-search.ts';
import { type Answer, callApi, part } from '../../call.ts';
import type { Note } from '../../notes.ts';
import type { ConsoleContext } from '../../place.ts';

export interface Deed {
  readonly label: string;
  readonly scope: Scope;
  readonly note: Note;
  /** `3 devices are ...`, when some of them are. */
  readonly done: string;
  /** Asked before; null for what is undone as easily as it is done. */
  readonly question: { readonly title: string; readonly text: string; readonly yes: string } | null;
  /** Takes a group. */
  readonly group: boolean;
  act(c: ConsoleContext, placed: Placed, group: string): Promise<Answer<unknown>>;
}

export type DeedName = 'suspend' | 'resume' | 'join' | 'leave' | 'revoke';

export const DEEDS: Readonly<Record<DeedName, Deed>> = {
  suspend: {
    label: 'Suspend…',
    scope: 'members:write',
    note: 'devices-suspended',
    done: 'suspended',
    question: {
      title: 'Suspend',
      text: 'They are disconnected within a second and cannot connect until they are resumed. They keep their addresses and profiles.',
      yes: 'Suspend',
    },
    group: false,
    act: (c, placed) => callApi(c, 'PUT', `${pathOf(placed)}/suspension`),
  },
  resume: {
    label: 'Resume',
    scope: 'members:write',
    note: 'devices-resumed',
    done: 'resumed',
    question: null,
    group: false,
    act: (c, placed) => callApi(c, 'DELETE', `${pathOf(placed)}/suspension`),
  },
  join: {
    label: 'Put into the group',
    scope: 'policy:write',
    note: 'group-joined',
    done: 'put into the group',
    question: null,
    group: true,
    act: (c, { record, network }, group) =>
      callApi(c, 'POST', `/networks/${part(network.name)}/groups/${part(group)}/members`, { members: [record.name] }),
  },
  leave: {
    label: 'Take out of the group',
    scope: 'policy:write',
    note: 'group-left',
    done: 'taken out of the group',
    question: null,
    group: true,
    act: (c, { record, network }, group) =>
      callApi(c, 'DELETE', `/networks/${part(network.name)}/groups/${part(group)}/members/${part(record.name)}`),
  },
  revoke: {
    label: 'Revoke…',
    scope: 'members:write',
    note: 'devices-revoked',
    done: 'revoked',
    question: {
      title: 'Revoke',
      text: 'They are cut off within a second, and their profiles never work again. Other devices are not touched.',
      yes: 'Revoke',
    },
    group: false,
    act: (c, placed) => callApi(c, 'DELETE', pathOf(placed)),
  },
};

export function isDeed(name: string): name is DeedName {
  return Object.hasOwn(DEEDS, name);
}

function pathOf({ record, network }: Placed): string {
  return `/networks/${part(network.name)}/${record.kind}s/${part(record.name)}`;
}
