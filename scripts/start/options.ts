// What `npm start` is told: options, each with an environment variable.

import { isIP } from 'node:net';
import { parseArgs } from 'node:util';

export interface StartOptions {
  readonly data: string;
  readonly edgePort: number;
  readonly edgeListen: string;
  readonly portIke: number;
  readonly portNatT: number;
  /** Empty: every local address. */
  readonly listen: readonly string[];
  /** What clients connect to, a name or an address; null: the one kept in the data folder, or the first address of this machine. */
  readonly publicAddress: string | null;
  /** The name in the server certificate; null: the one kept, or the public address when it is a name, or `culvert.internal`. */
  readonly gatewayName: string | null;
  readonly metricsPort: number | null;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  readonly jsonLog: boolean;
  /** Where browsers see the console, such as behind a proxy; null: where their requests come to. */
  readonly consoleUrl: string | null;
  readonly signUp: 'open' | 'invited';
  /** False: edge only; relays are started by hand, here or elsewhere. */
  readonly relay: boolean;
}

export type ParsedStart =
  | { readonly kind: 'start'; readonly options: StartOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

export const HELP = `Usage: npm start -- [options]

Starts a Culvert gateway on this machine: the edge (Workers runtime) and a relay
(UDP), connected and supervised. Ctrl-C stops both.

  --data FOLDER          keys, certificates and state    CULVERT_DATA
                         (default .culvert)
  --gateway-name NAME    name in the server certificate  CULVERT_GATEWAY_NAME
  --public-address ADDR  what clients dial, a name or    CULVERT_PUBLIC_ADDRESS
                         an address; goes into profiles
  --listen ADDRESS       local address of the relay;     CULVERT_LISTEN
                         repeatable (default: all)       (comma-separated)
  --port-ike PORT        UDP, default 500                CULVERT_PORT_IKE
  --port-nat-t PORT      UDP, default 4500               CULVERT_PORT_NAT_T
  --edge-port PORT       HTTP of the edge, default 8787  CULVERT_EDGE_PORT
  --edge-listen ADDRESS  default 127.0.0.1               CULVERT_EDGE_LISTEN
  --metrics-port PORT    metrics of the relay, for       CULVERT_METRICS_PORT
                         Prometheus, on 127.0.0.1
  --console-url URL      where browsers see the console  CULVERT_CONSOLE_URL
  --sign-up WHO          open to all, or invited         CULVERT_SIGN_UP
                         (default)
  --no-relay             start the edge only             CULVERT_NO_RELAY=1
  --log-level LEVEL      error, warn, info or debug      CULVERT_LOG
  --json-log             one JSON object a line          CULVERT_JSON_LOG=1
  --help                 this text

A further relay, here or on another machine:
  CULVERT_RELAY_TOKEN=... npm run relay -- --edge http://HOST:8787 --id NAME
`;

class Wrong extends Error {}

const ARGUMENTS = {
  data: { type: 'string' },
  'gateway-name': { type: 'string' },
  'public-address': { type: 'string' },
  listen: { type: 'string', multiple: true },
  'port-ike': { type: 'string' },
  'port-nat-t': { type: 'string' },
  'edge-port': { type: 'string' },
  'edge-listen': { type: 'string' },
  'metrics-port': { type: 'string' },
  'console-url': { type: 'string' },
  'sign-up': { type: 'string' },
  'no-relay': { type: 'boolean' },
  'log-level': { type: 'string' },
  'json-log': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export function parseStart(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): ParsedStart {
  try {
    const given = readArguments(argv);
    if (given.help) return { kind: 'help' };
    const one = (value: string | undefined, name: string) => value ?? (env[name] || undefined);
    const listen = given.listen ?? env.CULVERT_LISTEN?.split(',').map((part) => part.trim()) ?? [];
    const metrics = one(given['metrics-port'], 'CULVERT_METRICS_PORT');
    const options: StartOptions = {
      data: one(given.data, 'CULVERT_DATA') ?? '.culvert',
      edgePort: port(one(given['edge-port'], 'CULVERT_EDGE_PORT') ?? '8787', '--edge-port'),
      edgeListen: address(one(given['edge-listen'], 'CULVERT_EDGE_LISTEN') ?? '127.0.0.1', '--edge-listen'),
      portIke: port(one(given['port-ike'], 'CULVERT_PORT_IKE') ?? '500', '--port-ike'),
      portNatT: port(one(given['port-nat-t'], 'CULVERT_PORT_NAT_T') ?? '4500', '--port-nat-t'),
      listen: listen.filter((each) => each !== '').map((each) => address(each, '--listen')),
      publicAddress: host(one(given['public-address'], 'CULVERT_PUBLIC_ADDRESS'), '--public-address'),
      gatewayName: name(one(given['gateway-name'], 'CULVERT_GATEWAY_NAME')),
      metricsPort: metrics === undefined ? null : port(metrics, '--metrics-port'),
      logLevel: level(one(given['log-level'], 'CULVERT_LOG') ?? 'info'),
      jsonLog: given['json-log'] ?? isOn(env.CULVERT_JSON_LOG),
      consoleUrl: origin(one(given['console-url'], 'CULVERT_CONSOLE_URL')),
      signUp: signUp(one(given['sign-up'], 'CULVERT_SIGN_UP') ?? 'invited'),
      relay: !(given['no-relay'] ?? isOn(env.CULVERT_NO_RELAY)),
    };
    if (options.portIke === options.portNatT)
      throw new Wrong('--port-ike and --port-nat-t must differ: IKE on the second carries a marker');
    return { kind: 'start', options };
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

function port(text: string, option: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value < 1 || value > 65_535)
    throw new Wrong(`${option}: '${text}' is not a port (1 to 65535)`);
  return value;
}

function address(text: string, option: string): string {
  if (isIP(text) === 0) throw new Wrong(`${option}: '${text}' is not an IP address`);
  return text;
}

function host(text: string | undefined, option: string): string | null {
  if (text === undefined) return null;
  if (isIP(text) !== 0 || isName(text)) return text;
  throw new Wrong(`${option}: '${text}' is neither an IP address nor a host name`);
}

function name(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (isName(text)) return text.toLowerCase();
  throw new Wrong(
    `--gateway-name: '${text}' is not a host name such as vpn.example.com (certificates need a name, not an address)`,
  );
}

export function isName(text: string): boolean {
  return (
    text.length <= 253 &&
    isIP(text) === 0 &&
    /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/.test(text)
  );
}

function origin(text: string | undefined): string | null {
  if (text === undefined) return null;
  // Scheme, host and port: nothing may follow.
  if (/^https?:\/\/[^/?#@\s]+\/?$/.test(text)) return text.replace(/\/$/, '');
  throw new Wrong(`--console-url: '${text}' is not a URL such as https://console.example.com`);
}

function signUp(text: string): StartOptions['signUp'] {
  if (text === 'open' || text === 'invited') return text;
  throw new Wrong(`--sign-up: '${text}' is neither open nor invited`);
}

function level(text: string): StartOptions['logLevel'] {
  if (text === 'error' || text === 'warn' || text === 'info' || text === 'debug') return text;
  throw new Wrong(`--log-level: '${text}' is none of error, warn, info, debug`);
}

function isOn(text: string | undefined): boolean {
  return text !== undefined && text !== '' && text !== '0' && text !== 'false';
}
