// npm run lab: scenarios with real strongSwan clients behind real NATs, in network namespaces.

import { parseArgs } from 'node:util';
import { GATEWAY_KINDS, type GatewayKind } from './gateway.ts';
import { inLanes, MOST_LANES } from './lanes.ts';
import { leftovers, removeLeftovers } from './namespace.ts';
import { obstacle, remains, withSystemFolders } from './requirements.ts';
import { record } from './results.ts';
import { abort, finish, loadScenario, type Outcome, runScenario, scenarioNames } from './runner.ts';

const USAGE = `npm run lab -- [NAME...] [--core] [--gateway culvert|strongswan] [--list] [--record | --document] [--keep] [--clean]

  NAME       scenarios to run; all when none is named
  --core     of those only the ones that \`npm test\` runs: one at least of each row of docs/rfc3715.md
  --gateway  what stands in the middle: culvert (unless told) or strongswan, the baseline
  --list     name and describe the scenarios
  --record   write what became of them into test/lab/results.json, and docs/rfc3715.md anew
  --document write docs/rfc3715.md anew from what is on record, and run nothing
  --lanes    how many scenarios run at a time, 2 unless told
  --keep     let each network stand after its scenario, to look around, until Enter or Ctrl-C
  --clean    remove what an aborted run left behind
  --check    say only whether this machine can run them`;

const OPTIONS = {
  gateway: { type: 'string', default: 'culvert' },
  list: { type: 'boolean', default: false },
  core: { type: 'boolean', default: false },
  record: { type: 'boolean', default: false },
  document: { type: 'boolean', default: false },
  lanes: { type: 'string', default: '2' },
  keep: { type: 'boolean', default: false },
  clean: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main(): Promise<number> {
  process.env.PATH = withSystemFolders(process.env.PATH);
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help) return say(USAGE);
  const known = scenarioNames();
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown) return refuse(`there is no scenario '${unknown}'; npm run lab -- --list names them all.`);
  if (!isGatewayKind(values.gateway))
    return refuse(`--gateway is ${GATEWAY_KINDS.join(' or ')}, not '${values.gateway}'.`);
  const lanes = Number(values.lanes);
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > MOST_LANES)
    return refuse(`--lanes is a number from 1 to ${MOST_LANES}, not '${values.lanes}'.`);
  const asked = positionals.length > 0 ? positionals : known;
  const names = values.core ? await coreOf(asked) : asked;
  if (values.list) return list(names);
  if (values.document) {
    record(new Map(), known);
    return 0;
  }
  const missing = await obstacle();
  if (missing) return refuse(missing);
  if (values.clean) return say(`${await removeLeftovers()} namespaces removed`);
  const left = remains(await leftovers());
  if (left) return refuse(left);
  if (values.check) return 0;
  if (values.record && values.gateway !== 'culvert')
    return refuse('--record is about culvert, not about the baseline.');
  cleanUpOnSignals();
  const note = (outcomes: Outcomes): void => {
    if (values.record) record(outcomes, known);
  };
  const plan = { gateway: values.gateway, lanes: values.keep ? 1 : lanes, keep: values.keep, note };
  const outcomes = await runAll(names, plan);
  return [...outcomes.values()].includes('fail') ? 1 : 0;
}

async function coreOf(names: readonly string[]): Promise<readonly string[]> {
  const scenarios = await Promise.all(names.map(loadScenario));
  return names.filter((_, index) => scenarios[index]!.core);
}

type Outcomes = Map<string, 'pass' | 'fail'>;

interface Plan {
  readonly gateway: GatewayKind;
  readonly lanes: number;
  readonly keep: boolean;
  /** Told of all that is over, each time that one more is. */
  readonly note: (outcomes: Outcomes) => void;
}

async function runAll(names: readonly string[], { gateway, lanes, keep, note }: Plan): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const started = performance.now();
  await inLanes(lanes, names, async (name, lane) => {
    const scenario = await loadScenario(name);
    if (!scenario.gateways.includes(gateway)) {
      say(`skip  ${name} (only with ${scenario.gateways.join(', ')})`);
      return;
    }
    const inspect = keep ? (hosts: readonly string[]) => lookAround(name, hosts) : null;
    const outcome = await runScenario(name, scenario, { gateway, lane, inspect });
    say(describeOutcome(name, outcome));
    outcomes.set(name, outcome.failure === null ? 'pass' : 'fail');
    note(outcomes);
  });
  finish();
  const failed = [...outcomes].filter(([, outcome]) => outcome === 'fail').map(([name]) => name);
  const seconds = (performance.now() - started) / 1000;
  const which = failed.length === 0 ? '' : ` (${failed.join(', ')})`;
  const sum = `${outcomes.size - failed.length} passed, ${failed.length} failed${which}`;
  say(`${sum} in ${seconds.toFixed(0)} s, ${lanes} at a time`);
  return outcomes;
}

function describeOutcome(name: string, { failure, notes, seconds, evidence }: Outcome): string {
  const head = `${failure === null ? 'pass' : 'FAIL'}  ${name} (${seconds.toFixed(1)} s)`;
  const what = failure === null ? [] : [failure.replaceAll('\n', '\n      '), `captures and logs: ${evidence}`];
  return [head, ...notes, ...what].join('\n      ');
}

async function list(names: readonly string[]): Promise<number> {
  for (const name of names) {
    const { description, topology, sees, gateways } = await loadScenario(name);
    say(
      `${name}${gateways.includes('strongswan') ? '' : ' (culvert only)'}\n  ${description}\n  topology: ${topology}`,
    );
    for (const sight of sees) say(`  sees: ${sight}`);
  }
  return 0;
}

/** Lets a network stand until Enter. */
async function lookAround(name: string, hosts: readonly string[]): Promise<void> {
  say(
    `${name} is over; look around with: ip netns exec HOST bash\n  hosts: ${hosts.join(' ')}\n  Enter or Ctrl-C removes them.`,
  );
  const alive = setInterval(() => {}, 60_000);
  await new Promise((resolve) => process.stdin.once('data', resolve));
  clearInterval(alive);
  process.stdin.pause();
}

function cleanUpOnSignals(): void {
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    await abort();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());
}

function isGatewayKind(text: string): text is GatewayKind {
  return (GATEWAY_KINDS as readonly string[]).includes(text);
}

function say(text: string): 0 {
  process.stdout.write(`${text}\n`);
  return 0;
}

function refuse(sentence: string): 2 {
  process.stderr.write(`lab: ${sentence}\n`);
  return 2;
}

// A reader that went away (| head) is no reason to stop without cleaning up.
process.stdout.on('error', () => {});
process.exitCode = await main().catch((error: unknown) =>
  refuse(error instanceof Error ? error.message : String(error)),
);
