// Finds the command that the arguments name, runs it, and says how it ended.

import { COMMON_HELP, type Command, readCall, type Terminal } from './command.ts';
import { Exit, type ExitCode, Failure, usage } from './failure.ts';
import { attempts } from './attempts.ts';
import { explain } from './explain.ts';
import { firstAccount } from './first-account.ts';
import {
  deviceAdd,
  deviceList,
  deviceResume,
  deviceRevoke,
  deviceSuspend,
  siteAdd,
  siteList,
  siteResume,
  siteRevoke,
  siteSuspend,
} from './member.ts';
import { groupAdd, groupList, groupMember } from './group.ts';
import { link } from './link.ts';
import { networkAdd, networkList } from './network.ts';
import { policyAsk, policySet, policyShow } from './policy.ts';
import { profile } from './profile.ts';
import { disconnect, rekey } from './session.ts';
import { status } from './status.ts';
import { pairs, printable } from './table.ts';
import { tokenAdd, tokenList, tokenRevoke } from './token.ts';

const COMMANDS: readonly Command[] = [
  networkAdd,
  networkList,
  deviceAdd,
  deviceList,
  deviceSuspend,
  deviceResume,
  deviceRevoke,
  siteAdd,
  siteList,
  siteSuspend,
  siteResume,
  siteRevoke,
  groupAdd,
  groupList,
  groupMember,
  policyShow,
  policySet,
  policyAsk,
  profile,
  link,
  tokenAdd,
  tokenList,
  tokenRevoke,
  status,
  attempts,
  explain,
  firstAccount,
  rekey,
  disconnect,
];

export async function run(argv: readonly string[], env: NodeJS.ProcessEnv, terminal: Terminal): Promise<ExitCode> {
  try {
    const command = find(argv);
    if (!command) return help(terminal);
    const call = readCall(command, argv.slice(command.words.split(' ').length), env, terminal);
    if (!call) return helpFor(command, terminal);
    await command.run(call);
    return Exit.OK;
  } catch (thrown) {
    const failure = thrown instanceof Failure ? thrown : unforeseen(thrown as Error);
    const code = failure.code;
    const message = printable(failure.message);
    terminal.err(`${argv.includes('--json') ? JSON.stringify({ error: { code, message } }) : message}\n`);
    return failure.exit;
  }
}

/** @returns null when the list of all is asked for. */
function find(argv: readonly string[]): Command | null {
  const [first] = argv;
  if (first === undefined || ['help', '--help', '-h'].includes(first)) return null;
  if (first.startsWith('-'))
    throw usage("The command comes first, options after it; 'culvert --help' lists the commands.");
  const command = COMMANDS.find(({ words }) => words.split(' ').every((word, i) => argv[i] === word));
  if (command) return command;
  const family = COMMANDS.filter(({ words }) => words.startsWith(`${first} `));
  if (family.length === 0) throw usage(`There is no command '${first}'; 'culvert --help' lists the commands.`);
  if (argv.includes('--help') || argv.includes('-h')) return null;
  const rest = family.map(({ words }) => words.split(' ')[1]).join(', ');
  throw usage(`'culvert ${first}' goes on with one of: ${rest}.`);
}

function unforeseen({ message }: Error): Failure {
  return new Failure(
    Exit.REFUSED,
    'internal',
    `This should not have happened (${message}): please report it with the command that you gave.`,
  );
}

function help({ out }: Terminal): ExitCode {
  const commands = pairs(COMMANDS.map(({ words, summary }) => [words, summary]));
  out(`Usage: culvert COMMAND [options]\n\n${commands}\n\nFor all of them:\n\n${pairs(COMMON_HELP)}\n\n`);
  out(
    "'culvert COMMAND --help' explains one. Exit codes: 0 done, 1 refused by the edge, 2 wrong usage, 3 edge not reached.\n",
  );
  return Exit.OK;
}

function helpFor({ words, summary, synopsis, help: options }: Command, { out }: Terminal): ExitCode {
  out(
    `Usage: culvert ${words}${synopsis && ` ${synopsis}`}\n\n${summary}.\n\n${pairs([...options, ...COMMON_HELP])}\n`,
  );
  return Exit.OK;
}
