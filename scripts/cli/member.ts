// culvert device add | list | suspend | resume | revoke, and the same of sites

import type { MemberView } from '../../worker/api/json.ts';
import { type Call, type Command, text, texts } from './command.ts';
import { type Edge, segment } from './edge.ts';
import { usage } from './failure.ts';
import { networkFor, networkPath, networksFor } from './network.ts';
import { day, pairs, table } from './table.ts';

type Kind = 'device' | 'site';

export const NETWORK_OPTION = { network: { type: 'string' } } as const;
export const NETWORK_HELP = ['--network N', 'the network; needed when there are several'] as const;

export const deviceAdd: Command = {
  words: 'device add',
  summary: 'Enrol a device',
  synopsis: 'NAME [--network N] [--auth cert|eap|psk]',
  help: [
    NETWORK_HELP,
    ['--auth METHOD', 'what it proves itself with: cert, eap (user name and password) or psk (default cert)'],
  ],
  options: { ...NETWORK_OPTION, auth: { type: 'string' } },
  takes: ['NAME'],
  run: (call) => add(call, 'device', {}),
};

export const siteAdd: Command = {
  words: 'site add',
  summary: 'Enrol a site with the networks behind it',
  synopsis: 'NAME --prefix P [--prefix P]... [--network N] [--auth cert|psk]',
  help: [
    ['--prefix P', 'what stands behind the site, such as 10.1.0.0/16; repeatable'],
    NETWORK_HELP,
    ['--auth METHOD', 'what it proves itself with: cert or psk (default cert)'],
  ],
  options: { ...NETWORK_OPTION, auth: { type: 'string' }, prefix: { type: 'string', multiple: true } },
  takes: ['NAME'],
  run: addSite,
};

export const deviceList = listCommand('device', 'List the devices');
export const siteList = listCommand('site', 'List the sites');
export const deviceRevoke = revokeCommand('device', 'Take access from a device, at once and for good');
export const siteRevoke = revokeCommand('site', 'Take access from a site, at once and for good');

export const deviceSuspend = suspendCommand('device', true);
export const deviceResume = suspendCommand('device', false);
export const siteSuspend = suspendCommand('site', true);
export const siteResume = suspendCommand('site', false);

function listCommand(kind: Kind, summary: string): Command {
  const help = ['--network N', 'of this network only'] as const;
  return {
    words: `${kind} list`,
    summary,
    synopsis: '[--network N]',
    help: [help],
    options: NETWORK_OPTION,
    takes: [],
    run: (call) => list(call, kind),
  };
}

function revokeCommand(kind: Kind, summary: string): Command {
  const rest = { synopsis: 'NAME [--network N]', help: [NETWORK_HELP], options: NETWORK_OPTION, takes: ['NAME'] };
  return { words: `${kind} revoke`, summary, ...rest, run: (call) => revoke(call, kind) };
}

function suspendCommand(kind: Kind, suspended: boolean): Command {
  const rest = { synopsis: 'NAME [--network N]', help: [NETWORK_HELP], options: NETWORK_OPTION, takes: ['NAME'] };
  const [words, summary] = suspended
    ? ([`${kind} suspend`, `Disconnect a ${kind} and keep it out until it is resumed`] as const)
    : ([`${kind} resume`, `Let a suspended ${kind} connect again`] as const);
  return { words, summary, ...rest, run: (call) => suspend(call, kind, suspended) };
}

async function addSite(call: Call): Promise<void> {
  const prefixes = texts(call.values.prefix);
  if (prefixes.length === 0) throw usage('culvert site add: give at least one --prefix, such as --prefix 10.1.0.0/16.');
  return add(call, 'site', { prefixes });
}

async function add(call: Call, kind: Kind, more: object): Promise<void> {
  const { edge, names, values, json, say } = call;
  const network = await networkFor(call);
  const body = { name: names[0], auth: text(values.auth), ...more };
  const answer = await edge.post<Partial<Record<Kind, MemberView>>>(`${networkPath(network)}/${kind}s`, body);
  if (json) return say(JSON.stringify(answer));
  const member = answer[kind]!;
  say(`${kind === 'device' ? 'Device' : 'Site'} ${member.name} added to ${network}.\n`);
  say(pairs([['Identity', member.identity], ['Proof', proofOf(member)], placeOf(member)]));
  say(`\nNext: culvert profile ${member.name} --network ${network} --format swanctl --out ${member.name}`);
}

async function list(call: Call, kind: Kind): Promise<void> {
  const { edge, json, say } = call;
  const members: MemberView[] = [];
  for (const network of await networksFor(call)) members.push(...(await all(edge, network, kind)));
  if (json) return say(JSON.stringify({ [`${kind}s`]: members }));
  if (members.length === 0) return say(`There is no ${kind} yet: add one with 'culvert ${kind} add NAME'.`);
  const rows = members.map((member) => [
    member.name,
    member.network,
    member.identity,
    placeOf(member)[1],
    member.suspendedAt === null ? proofOf(member) : `suspended, ${proofOf(member)}`,
    day(member.createdAt),
  ]);
  say(table(['NAME', 'NETWORK', 'IDENTITY', kind === 'device' ? 'ADDRESSES' : 'PREFIXES', 'PROOF', 'ADDED'], rows));
}

/** All pages. */
async function all(edge: Edge, network: string, kind: Kind): Promise<MemberView[]> {
  const members: MemberView[] = [];
  let next: string | null = '';
  while (next !== null) {
    const path = `${networkPath(network)}/${kind}s${next && `?after=${encodeURIComponent(next)}`}`;
    const page: Record<string, MemberView[]> & { next: string | null } = await edge.get(path);
    members.push(...(page[`${kind}s`] ?? []));
    next = page.next;
  }
  return members;
}

async function revoke(call: Call, kind: Kind): Promise<void> {
  const network = await networkFor(call);
  const name = call.names[0]!;
  const answer = await call.edge.delete<object>(`${networkPath(network)}/${kind}s/${segment(name)}`);
  if (call.json) return call.say(JSON.stringify(answer));
  call.say(
    `${kind === 'device' ? 'Device' : 'Site'} ${name} of ${network} is revoked: its connection has ended, its profile is worthless.`,
  );
}

async function suspend(call: Call, kind: Kind, suspended: boolean): Promise<void> {
  const network = await networkFor(call);
  const name = call.names[0]!;
  const path = `${networkPath(network)}/${kind}s/${segment(name)}/suspension`;
  const answer = await (suspended ? call.edge.put<object>(path, {}) : call.edge.delete<object>(path));
  if (call.json) return call.say(JSON.stringify(answer));
  const state = suspended
    ? `is suspended: it cannot connect until 'culvert ${kind} resume ${name}'.`
    : 'is resumed: it may connect again.';
  call.say(`${kind === 'device' ? 'Device' : 'Site'} ${name} of ${network} ${state}`);
}

function proofOf({ auth, certificate }: MemberView): string {
  if (auth === 'cert') return `certificate until ${certificate ? day(certificate.notAfter) : '?'}`;
  return auth === 'eap' ? 'password (in its profile)' : 'pre-shared key (in its profile)';
}

function placeOf({ kind, addresses, prefixes }: MemberView): [string, string] {
  return kind === 'device' ? ['Addresses', addresses.join(', ')] : ['Prefixes', prefixes.join(', ')];
}
