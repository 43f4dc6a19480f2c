// What the relay is told at its start: options, each with an environment variable.

import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { LEVELS, type Level } from './log.ts';
import { UDP_WAYS, type UdpWay } from './udp-batches.ts';

export interface Options {
  /** Without a trailing slash. */
  readonly edge: string;
  readonly token: string;
  readonly id: string;
  /** Empty: every local address. */
  readonly listen: readonly string[];
  readonly portIke: number;
  readonly portNatT: number;
  readonly publicAddresses: readonly PublicAddress[];
  readonly metrics: { readonly address: string; readonly port: number } | null;
  readonly cookies: 'auto' | 'always';
  readonly udp: UdpWay;
  readonly level: Level;
}

/** A 1:1 NAT before the relay. `local` is null when only one address can be meant. */
export interface PublicAddress {
  readonly local: string | null;
  readonly address: string;
}

export type Parsed =
  | { readonly kind: 'options'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

export const HELP = `culvert-relay: carries IKE and ESP datagrams between UDP 500/4500 and a Culvert edge. It holds no keys.

Usage: culvert-relay --edge URL [options]

  --edge URL               the edge, for example https://vpn.example.com   (CULVERT_EDGE)
  --token-file FILE        file with the relay token                       (CULVERT_RELAY_TOKEN_FILE)
  --token TOKEN            the token itself; others on this host can read a command line,
                           so prefer the file or the variable              (CULVERT_RELAY_TOKEN)
  --id NAME                what the edge calls this relay; each needs its own. Default: the host's name
                                                                           (CULVERT_RELAY_ID)
  --listen ADDRESS         a local address; repeatable. Default: every local address, as they come and go;
                           0.0.0.0 means every IPv4 address, :: every IPv6 (CULVERT_LISTEN, comma-separated)
  --port-ike PORT          default 500                                     (CULVERT_PORT_IKE)
  --port-nat-t PORT        default 4500                                    (CULVERT_PORT_NAT_T)
  --public-address [LOCAL=]PUBLIC
                           the address that clients see, when a 1:1 NAT stands before this host; repeatable
                                                                           (CULVERT_PUBLIC_ADDRESS, comma-separated)
  --metrics ADDRESS:PORT   serve Prometheus metrics there, for example 127.0.0.1:9469
                                                                           (CULVERT_METRICS)
  --cookies auto|always    ask for a cookie only under load, or of every newcomer. Default: auto
                                                                           (CULVERT_COOKIES)
  --udp auto|batched|single
                           many datagrams to a system call, where the host can (Linux), or one. Default: auto
                                                                           (CULVERT_UDP)
  --log LEVEL              error, warn, info or debug. Default: info       (CULVERT_LOG)
  --help                   this text
`;

class Wrong extends Error {}

/** @param readFile throws what the file system throws. */
export function parseOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Parsed {
  try {
    const given = readArguments(argv);
    if (given.help) return { kind: 'help' };
    const one = (value: string | undefined, name: string) => value ?? (env[name] || undefined);
    const many = (value: readonly string[] | undefined, name: string) =>
      value ?? (env[name] ? env[name].split(',').map((part) => part.trim()) : []);
    return {
      kind: 'options',
      options: {
        edge: edgeUrl(one(given.edge, 'CULVERT_EDGE')),
        token: token(given, env, readFile),
        id: relayId(one(given.id, 'CULVERT_RELAY_ID') ?? hostname()),
        listen: many(given.listen, 'CULVERT_LISTEN').map(localAddress),
        portIke: port(one(given['port-ike'], 'CULVERT_PORT_IKE') ?? '500', '--port-ike'),
        portNatT: port(one(given['port-nat-t'], 'CULVERT_PORT_NAT_T') ?? '4500', '--port-nat-t'),
        publicAddresses: many(given['public-address'], 'CULVERT_PUBLIC_ADDRESS').map(publicAddress),
        metrics: metrics(one(given.metrics, 'CULVERT_METRICS')),
        cookies: oneOf(['auto', 'always'], one(given.cookies, 'CULVERT_COOKIES') ?? 'auto', '--cookies'),
        udp: oneOf(UDP_WAYS, one(given.udp, 'CULVERT_UDP') ?? 'auto', '--udp'),
        level: oneOf(LEVELS, one(given.log, 'CULVERT_LOG') ?? 'info', '--log'),
      },
    };
  } catch (error) {
    if (error instanceof Wrong) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

const ARGUMENTS = {
  edge: { type: 'string' },
  token: { type: 'string' },
  'token-file': { type: 'string' },
  id: { type: 'string' },
  listen: { type: 'string', multiple: true },
  'port-ike': { type: 'string' },
  'port-nat-t': { type: 'string' },
  'public-address': { type: 'string', multiple: true },
  metrics: { type: 'string' },
  cookies: { type: 'string' },
  udp: { type: 'string' },
  log: { type: 'string' },
  help: { type: 'boolean' },
} as const;

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: ARGUMENTS, allowPositionals: false }).values;
  } catch (error) {
    throw new Wrong(`${(error as Error).message} (--help lists the options)`);
  }
}

function edgeUrl(text: string | undefined): string {
  if (text === undefined) throw new Wrong('--edge URL (or CULVERT_EDGE) is needed: where the edge is');
  if (!URL.canParse(text)) throw new Wrong(`--edge: '${text}' is not a URL`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new Wrong('--edge must begin with https:// or http://');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function token(
  given: { token?: string; 'token-file'?: string },
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): string {
  const file = given['token-file'] ?? (given.token ? undefined : env.CULVERT_RELAY_TOKEN_FILE || undefined);
  if (given.token === undefined && file !== undefined) return checkToken(tokenFromFile(file, readFile));
  const text = given.token ?? env.CULVERT_RELAY_TOKEN;
  if (!text) throw new Wrong('a relay token is needed: CULVERT_RELAY_TOKEN, or --token-file FILE');
  return checkToken(text.trim());
}

function tokenFromFile(file: string, readFile: (path: string) => string): string {
  try {
    return readFile(file).trim();
  } catch (error) {
    throw new Wrong(`--token-file: ${(error as Error).message}`);
  }
}

function checkToken(text: string): string {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Wrong('the relay token is empty or holds characters that no token has');
  return text;
}

function relayId(text: string): string {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(text)) {
    throw new Wrong(`--id: '${text}' is not a name of 1 to 64 letters, digits, dots, dashes and underscores`);
  }
  return text;
}

function localAddress(text: string): string {
  if (isIP(text) === 0) throw new Wrong(`--listen: '${text}' is not an IP address`);
  return new URL(`http://${isIP(text) === 6 ? `[${text}]` : text}`).hostname.replace(/[[\]]/g, '');
}

function publicAddress(text: string): PublicAddress {
  const [first = '', second] = text.split('=');
  const address = second ?? first;
  const local = second === undefined ? null : first;
  if (isIP(address) === 0 || (local !== null && isIP(local) !== isIP(address))) {
    throw new Wrong(`--public-address: '${text}' is not PUBLIC or LOCAL=PUBLIC with addresses of one family`);
  }
  return { local: local === null ? null : localAddress(local), address };
}

function metrics(text: string | undefined): Options['metrics'] {
  if (text === undefined) return null;
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([0-9.]+)):(\d+)$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '';
  if (match === null || isIP(address) === 0) throw new Wrong(`--metrics: '${text}' is not ADDRESS:PORT`);
  return { address, port: port(match[3]!, '--metrics') };
}

function port(text: string, name: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new Wrong(`${name}: '${text}' is not a port`);
  return value;
}

function oneOf<T extends string>(choices: readonly T[], text: string, name: string): T {
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw new Wrong(`${name}: '${text}' is none of ${choices.join(', ')}`);
  return choice;
}
