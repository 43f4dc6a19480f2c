// culvert group add | list | member

import type { GroupView } from '../../worker/api/json.ts';
import { type Call, type Command, texts } from './command.ts';
import { segment } from './edge.ts';
import { NETWORK_HELP, NETWORK_OPTION } from './member.ts';
import { networkFor, networkPath } from './network.ts';
import { day, table } from './table.ts';

export const groupAdd: Command = {
  words: 'group add',
  summary: 'Add a group, which rules of access name in place of its members',
  synopsis: 'NAME [--network N]',
  help: [NETWORK_HELP],
  options: NETWORK_OPTION,
  takes: ['NAME'],
  run: add,
};

export const groupList: Command = {
  words: 'group list',
  summary: 'List the groups',
  synopsis: '[--network N]',
  help: [NETWORK_HELP],
  options: NETWORK_OPTION,
  takes: [],
  run: list,
};

export const groupMember: Command = {
  words: 'group member',
  summary: 'Show who is in a group, put members in it, or take them out',
  synopsis: 'GROUP [--add MEMBER]... [--remove MEMBER]... [--network N]',
  help: [
    ['--add MEMBER', 'a device or site to put in it; repeatable'],
    ['--remove MEMBER', 'one to take out; repeatable'],
    NETWORK_HELP,
  ],
  options: { ...NETWORK_OPTION, add: { type: 'string', multiple: true }, remove: { type: 'string', multiple: true } },
  takes: ['GROUP'],
  run: change,
};

interface Members {
  readonly group: GroupView;
  readonly members: readonly { readonly name: string; readonly kind: string }[];
  readonly next: string | null;
}

async function add(call: Call): Promise<void> {
  const network = await networkFor(call);
  const answer = await call.edge.post<{ group: GroupView }>(`${networkPath(network)}/groups`, { name: call.names[0] });
  if (call.json) return call.say(JSON.stringify(answer));
  const { name } = answer.group;
  call.say(
    `Group ${name} added to ${network}.\n\nNext: culvert group member ${name} --add MEMBER --network ${network}`,
  );
}

async function list(call: Call): Promise<void> {
  const network = await networkFor(call);
  const answer = await call.edge.get<{ groups: GroupView[] }>(`${networkPath(network)}/groups`);
  if (call.json) return call.say(JSON.stringify(answer));
  if (answer.groups.length === 0) return call.say("There is no group yet: add one with 'culvert group add NAME'.");
  const rows = answer.groups.map(({ name, members, createdAt }) => [name, String(members), day(createdAt)]);
  call.say(table(['NAME', 'MEMBERS', 'ADDED'], rows));
}

async function change(call: Call): Promise<void> {
  const { edge, names, values, json, say } = call;
  const path = `${networkPath(await networkFor(call))}/groups/${segment(names[0]!)}`;
  const added = texts(values.add);
  if (added.length > 0) await edge.post(`${path}/members`, { members: added });
  for (const member of texts(values.remove)) await edge.delete(`${path}/members/${segment(member)}`);
  const members: Members['members'][number][] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page: Members = await edge.get(`${path}${next && `?after=${encodeURIComponent(next)}`}`);
    members.push(...page.members);
    next = page.next;
  }
  if (json) return say(JSON.stringify({ group: names[0], members }));
  if (members.length === 0) return say(`Nobody is in the group ${names[0]}.`);
  say(
    table(
      ['NAME', 'KIND'],
      members.map(({ name, kind }) => [name, kind]),
    ),
  );
}
