// What the bench is told.

import { parseArgs } from 'node:util';

export interface Options {
  /** How many peers send, one stage after the other, ascending. */
  readonly peers: readonly number[];
  /** Lengths of inner packets, octets. */
  readonly octets: readonly number[];
  /** Rounds of each measurement with each gateway. */
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmMs: number;
  /** After so long no further round begins; each measurement has one at least. */
  readonly budgetMs: number;
  readonly burst: number;
  readonly bursts: number;
  readonly strongswan: boolean;
  readonly json: boolean;
  /** Whether the result goes into docs/benchmarks.md. */
  readonly record: boolean;
}

export type Parsed =
  | { readonly kind: 'bench'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

export const HELP = `Usage: npm run bench -- [options]

Measures Culvert (edge and relay on this machine) with IPsec clients that send through it, and, where root and
strongSwan are there, strongSwan's userland ESP as the gateway in the same run. docs/benchmarks.md explains the numbers.

  --quick            three minutes instead of twelve: fewer and shorter rounds, up to 100 peers
  --peers LIST       numbers of peers that send, default 1,10,100,1000
  --octets LIST      lengths of inner packets, default 1300,100
  --rounds N         rounds of each measurement, default 7
  --seconds N        length of a round, default 2
  --minutes N        after so many no further round begins, default 12
  --burst N          packets that a peer sends at once, default 32
  --bursts N         bursts under way at a time, default 4
  --no-strongswan    Culvert alone
  --record           writes the result into docs/benchmarks.md
  --json             the result as JSON on standard output, the rest on standard error
  --help             this text
`;

const DEFAULTS = {
  peers: '1,10,100,1000',
  octets: '1300,100',
  rounds: '7',
  seconds: '2',
  minutes: '12',
  warm: 20_000,
} as const;
const QUICK = { peers: '1,10,100', octets: '1300,100', rounds: '3', seconds: '1', minutes: '3', warm: 10_000 } as const;

/** An IPv4 and a UDP header, and a label in the payload. */
const OCTETS = { least: 36, most: 1_360 } as const;

class Wrong extends Error {}

const ARGUMENTS = {
  quick: { type: 'boolean' },
  peers: { type: 'string' },
  octets: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  burst: { type: 'string' },
  bursts: { type: 'string' },
  minutes: { type: 'string' },
  record: { type: 'boolean' },
  'no-strongswan': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export function parseOptions(argv: readonly string[]): Parsed {
  try {
    const given = readArguments(argv);
    if (given.help) return { kind: 'help' };
    const preset = given.quick ? QUICK : DEFAULTS;
    const peers = list(given.peers ?? preset.peers, '--peers', 1, 10_000).sort((a, b) => a - b);
    return {
      kind: 'bench',
      options: {
        peers: [...new Set(peers)],
        octets: list(given.octets ?? preset.octets, '--octets', OCTETS.least, OCTETS.most),
        rounds: whole(given.rounds ?? preset.rounds, '--rounds', 1, 100),
        roundMs: whole(given.seconds ?? preset.seconds, '--seconds', 1, 60) * 1000,
        warmMs: preset.warm,
        budgetMs: whole(given.minutes ?? preset.minutes, '--minutes', 1, 600) * 60_000,
        burst: whole(given.burst ?? '32', '--burst', 1, 64),
        bursts: whole(given.bursts ?? '4', '--bursts', 1, 64),
        strongswan: !given['no-strongswan'],
        json: given.json ?? false,
        record: given.record ?? false,
      },
    };
  } catch (error) {
    if (error instanceof Wrong) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: ARGUMENTS, allowPositionals: false }).values;
  } catch (error) {
    throw new Wrong(`${(error as Error).message.split('. ')[0]} (--help lists the options)`);
  }
}

function list(text: string, option: string, least: number, most: number): number[] {
  return text.split(',').map((part) => whole(part.trim(), option, least, most));
}

function whole(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Wrong(`${option}: '${text}' is not a whole number from ${least} to ${most}`);
}
