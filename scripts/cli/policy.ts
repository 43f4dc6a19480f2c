// culvert policy show | set | ask

import { readFileSync } from 'node:fs';
import type {
  AccessAnswerView,
  ChangesView,
  CohortView,
  PolicyView,
  RuleView,
  SubjectView,
} from '../../worker/api/json.ts';
import type { Call, Command } from './command.ts';
import { usage } from './failure.ts';
import { NETWORK_HELP, NETWORK_OPTION } from './member.ts';
import { networkFor, networkPath } from './network.ts';
import { table } from './table.ts';

export const policyShow: Command = {
  words: 'policy show',
  summary: 'Show who may reach what',
  synopsis: '[--network N]',
  help: [NETWORK_HELP],
  options: NETWORK_OPTION,
  takes: [],
  run: show,
};

export const policySet: Command = {
  words: 'policy set',
  summary: 'Replace the policy by one from a file, in the form that policy show --json prints',
  synopsis: 'FILE [--dry-run] [--network N]',
  help: [['--dry-run', 'tell who would lose or gain what, and change nothing'], NETWORK_HELP],
  options: { ...NETWORK_OPTION, 'dry-run': { type: 'boolean' } },
  takes: ['FILE'],
  run: set,
};

export const policyAsk: Command = {
  words: 'policy ask',
  summary: 'Ask whether one may reach another, and what decides',
  synopsis: 'FROM TO SERVICE [--network N]',
  help: [
    ['FROM, TO', 'names of devices or sites, or addresses of theirs'],
    ['SERVICE', 'tcp/443, udp/53, icmp, or the number of a protocol'],
    NETWORK_HELP,
  ],
  options: NETWORK_OPTION,
  takes: ['FROM', 'TO', 'SERVICE'],
  run: ask,
};

async function show(call: Call): Promise<void> {
  const { edge, json, say } = call;
  const network = await networkFor(call);
  const { policy } = await edge.get<{ policy: PolicyView }>(`${networkPath(network)}/policy`);
  if (json) return say(JSON.stringify(policy));
  say(`Version ${policy.version} of the policy of ${network}; the first rule that matches decides.\n`);
  if (policy.rules.length > 0) {
    const rows = policy.rules.map((rule, i) => [String(i + 1), ...cellsOf(rule), rule.id]);
    say(`${table(['', 'FROM', 'TO', 'SERVICES', 'ACTION', 'ID'], rows)}\n`);
  }
  say(`Everything else: ${policy.default}`);
}

async function set(call: Call): Promise<void> {
  const { edge, names, values, json, say } = call;
  const policy = readPolicy(names[0]!);
  const path = `${networkPath(await networkFor(call))}/policy`;
  if (values['dry-run'] === true) {
    const found = await edge.post<ChangesView>(`${path}/dry-run`, policy);
    return say(json ? JSON.stringify(found) : describe(found));
  }
  const answer = await edge.put<{ policy: PolicyView }>(path, policy);
  if (json) return say(JSON.stringify(answer.policy));
  say(`Version ${answer.policy.version} of the policy is in force.`);
}

async function ask(call: Call): Promise<void> {
  const [from, to, service] = call.names as [string, string, string];
  const match = /^([a-z]+|\d+)(?:\/(\d{1,5}))?$/.exec(service);
  if (match === null)
    throw usage(`'${service}' is no service: give tcp/443, udp/53, icmp or the number of a protocol.`);
  const question = { from, to, protocol: match[1], ...(match[2] === undefined ? {} : { port: Number(match[2]) }) };
  const path = `${networkPath(await networkFor(call))}/policy/ask`;
  const { answer } = await call.edge.post<{ answer: AccessAnswerView }>(path, question);
  if (call.json) return call.say(JSON.stringify(answer));
  const why =
    answer.rule === null
      ? `no rule matches, and the default is ${answer.default}`
      : `rule ${answer.position} (${cellsOf(answer.rule).join(' ')}) decides`;
  const ends = `${answer.from.name} (${answer.from.address}) ${answer.allowed ? 'reaches' : 'does not reach'} ${answer.to.name} (${answer.to.address})`;
  call.say(`${ends} by ${service}: ${why}.`);
}

function readPolicy(file: string): object {
  let contents: string;
  try {
    contents = readFileSync(file, 'utf8');
  } catch {
    throw usage(`The file ${file} cannot be read.`);
  }
  try {
    return JSON.parse(contents) as object;
  } catch {
    throw usage(`${file} is not JSON: 'culvert policy show --json' prints what a policy looks like.`);
  }
}

function cellsOf({ source, target, services, action }: RuleView): string[] {
  return [nameOf(source), nameOf(target), services.join(' '), action];
}

function nameOf({ kind, name, prefixes }: SubjectView): string {
  return [kind, ...(name === undefined ? [] : [name]), ...(prefixes ?? [])].join(' ');
}

function describe({ changes, losing, gaining, complete }: ChangesView): string {
  if (changes.length === 0) return 'Nobody would lose or gain anything.';
  const rows = changes.map(({ from, to, lost, gained }) => [
    cohortOf(from),
    cohortOf(to),
    lost.join(' ') || '-',
    gained.join(' ') || '-',
  ]);
  const more = complete ? '' : '\nThere is more than this list holds.';
  return `${losing} members would lose something, ${gaining} would gain something.\n\n${table(['FROM', 'TO', 'LOST', 'GAINED'], rows)}${more}`;
}

function cohortOf({ name, members, prefix }: CohortView): string {
  return [name, ...(prefix === null ? [] : [prefix]), ...(members === 1 ? [] : [`(${members})`])].join(' ');
}
