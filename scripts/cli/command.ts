// What a command of the line is: its words, its options, its help, and what it does.

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Edge, findToken, readEdgeUrl } from './edge.ts';
import { usage } from './failure.ts';

export type Options = NonNullable<ParseArgsConfig['options']>;
export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface Command {
  /** As typed: `network add`. */
  readonly words: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the words in the usage line. */
  readonly synopsis: string;
  /** Option and explanation, for its help. */
  readonly help: readonly (readonly [option: string, explanation: string])[];
  readonly options: Options;
  /** Names of the positional arguments; all are required. */
  readonly takes: readonly string[];
  run(call: Call): Promise<void>;
}

/** Where a command writes. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly isScreen: boolean;
}

/** One invocation. */
export interface Call {
  readonly edge: Edge;
  readonly names: readonly string[];
  readonly values: Values;
  readonly json: boolean;
  /** Somebody looks at what is written. */
  readonly isScreen: boolean;
  /** Writes a line to standard output. */
  say(line: string): void;
}

export const COMMON_HELP: Command['help'] = [
  ['--edge URL', 'the edge to talk to (CULVERT_EDGE; default http://127.0.0.1:8787)'],
  [
    '--data FOLDER',
    'where the gateway keeps its operator token (CULVERT_DATA; default .culvert); CULVERT_TOKEN goes before',
  ],
  ['--json', 'the answer as JSON'],
  ['--help', 'this text'],
];

const COMMON: Options = {
  edge: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

/** @returns null when help is asked for. Throws Failure for what the command does not take. */
export function readCall(
  command: Command,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Call | null {
  const { values, positionals } = parse(command, argv);
  if (values.help) return null;
  const missing = command.takes[positionals.length];
  const extra = positionals[command.takes.length];
  if (missing || extra !== undefined) {
    const what = missing ? `${missing} is missing` : `'${extra}' is one argument too many`;
    throw usage(`culvert ${command.words}: ${what}; 'culvert ${command.words} --help' explains.`);
  }
  const url = readEdgeUrl(text(values.edge) ?? (env.CULVERT_EDGE || 'http://127.0.0.1:8787'));
  const token = findToken(env, text(values.data) ?? (env.CULVERT_DATA || '.culvert'));
  const { isScreen } = terminal;
  const say = (line: string) => terminal.out(`${line}\n`);
  return { edge: new Edge(url, token), names: positionals, values, json: values.json === true, isScreen, say };
}

export function text(value: Values[string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function texts(value: Values[string]): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** @throws Failure when the option is given and is no whole number. */
export function wholeNumber(values: Values, option: string): number | undefined {
  const given = text(values[option]);
  if (given === undefined) return undefined;
  if (!/^\d{1,9}$/.test(given)) throw usage(`--${option}: '${given}' is not a whole number.`);
  return Number(given);
}

function parse(command: Command, argv: readonly string[]): { values: Values; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...command.options, ...COMMON },
      allowPositionals: true,
      strict: true,
    });
    return { values, positionals };
  } catch (thrown) {
    const reason = (thrown as Error).message.split('. ')[0];
    throw usage(`culvert ${command.words}: ${reason}; 'culvert ${command.words} --help' lists the options.`);
  }
}
