// Culvert as the gateway: the edge and the relay in one host, started and driven as an operator does it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Service } from './command.ts';
import { eventually, expect } from './expect.ts';
import {
  type AccessPolicy,
  type Ending,
  type Enrolment,
  GATEWAY_ADDRESS,
  GATEWAY_ADDRESS_6,
  GATEWAY_NAME,
  NETWORK_NAME,
  NETWORK_PREFIX,
  type NetworkSettings,
  type PeerRow,
  SECOND_ADDRESS,
  type SplitGateway,
} from './gateway.ts';
import type { Host } from './namespace.ts';
import { childProcesses, killGroup } from './processes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const API_CALL = fileURLToPath(new URL('api-call.mjs', import.meta.url));
const CULVERT = fileURLToPath(new URL('../../scripts/culvert.mjs', import.meta.url));
const EDGE_PORT = '8787';
const EDGE = `http://127.0.0.1:${EDGE_PORT}`;

/** Compiling the Worker takes its time on a busy machine. */
const START_LIMIT = 90_000;

/** Time for an orderly stop, which is itself bounded. */
const STOP_LIMIT = 15_000;

interface Status {
  readonly peers: readonly PeerRow[];
}

interface NetworkState {
  readonly network: { readonly gateway: readonly string[] };
}

interface Profile {
  readonly files: readonly { readonly path: string; readonly mode: number; readonly content: string }[];
}

export class CulvertGateway implements SplitGateway {
  readonly kind = 'culvert';
  readonly virtualAddress = '100.64.0.1';
  readonly #host: Host;
  readonly #address: string;
  readonly #data: string;
  readonly #ipv6: boolean;
  readonly #members = new Map<string, Enrolment>();
  readonly #networks = new Set<string>();
  #service: Service | null = null;
  #second: Service | null = null;
  #starts = 1;

  /**
   * @param address where the relay listens, which is not the public address when the gateway is behind a NAT.
   * @param ipv6 whether it listens on GATEWAY_ADDRESS_6 too, and clients are told to dial that.
   */
  constructor(host: Host, address: string, ipv6 = false) {
    this.#host = host;
    this.#ipv6 = ipv6;
    this.#address = address;
    this.#data = join(host.directory, 'data');
  }

  async start(): Promise<void> {
    await this.#run('culvert', program('scripts/start.ts'));
    await this.#addNetwork(NETWORK_NAME);
  }

  async stop(): Promise<void> {
    await this.#second?.stop();
    await this.#service?.stop('SIGTERM', 10_000);
  }

  async enrol(member: Enrolment, folder: string): Promise<void> {
    const { network, ...request } = member;
    if (network) await this.#addNetwork(network);
    const kind = member.prefixes ? 'sites' : 'devices';
    await this.#api('POST', `${networkOf(member)}/${kind}`, request);
    this.#members.set(member.name, member);
    const profile = `${networkOf(member)}/members/${member.name}/profile?format=swanctl`;
    const { files } = (await this.#api('GET', profile)) as Profile;
    for (const { path, mode, content } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), Buffer.from(content, 'base64'), { mode });
    }
  }

  async revoke(member: string): Promise<void> {
    const known = this.#members.get(member);
    await this.#api('DELETE', `${networkOf(known)}/${known?.prefixes ? 'sites' : 'devices'}/${member}`);
  }

  async rekey(kind: 'ike' | 'child', member: string): Promise<void> {
    await this.#api('POST', `${networkOf(this.#members.get(member))}/members/${member}/rekey-${kind}`);
  }

  async connected(): Promise<string[]> {
    return (await this.peers()).filter(({ state }) => state === 'connected').map(({ name }) => name);
  }

  async peers(): Promise<readonly PeerRow[]> {
    const rows: PeerRow[] = [];
    for (const network of this.#networks)
      rows.push(...((await this.#api('GET', `/api/status?network=${network}&live=1`)) as Status).peers);
    return rows;
  }

  async virtualAddress6(): Promise<string> {
    const { network } = (await this.#api('GET', networkOf(undefined))) as NetworkState;
    const address = network.gateway.find((text) => text.includes(':'));
    expect(address, 'the gateway has no IPv6 address in the network');
    return address;
  }

  async command(...words: string[]): Promise<string> {
    const environment = { CULVERT_EDGE: EDGE, CULVERT_TOKEN: this.#token() };
    const { stdout } = await this.#host.run([process.execPath, CULVERT, ...words], { environment });
    return stdout;
  }

  async configure(settings: NetworkSettings): Promise<void> {
    await this.#api('PATCH', networkOf(undefined), settings);
  }

  async setPolicy(policy: AccessPolicy): Promise<void> {
    const { policy: before } = (await this.#api('GET', `${networkOf(undefined)}/policy`)) as {
      policy: { version: number };
    };
    await this.#api('PUT', `${networkOf(undefined)}/policy`, { ...policy, version: before.version });
  }

  async firstAccount(): Promise<string> {
    return ((await this.#api('GET', '/api/first-account')) as { link: string }).link;
  }

  async addressesIn(network: string): Promise<readonly string[]> {
    return ((await this.#api('GET', `/api/networks/${network}`)) as NetworkState).network.gateway;
  }

  async interrupt(): Promise<Ending> {
    const service = this.#service!;
    const began = performance.now();
    process.kill(-service.pid, 'SIGINT');
    await eventually(() => !service.running, 'Culvert did not stop', STOP_LIMIT, 20);
    return { ...service.ending, milliseconds: Math.round(performance.now() - began), output: service.output() };
  }

  async startAgain(): Promise<void> {
    await this.#run(`culvert-${++this.#starts}`, ['npm', 'start', '--']);
  }

  async peer(member: string): Promise<PeerRow> {
    const row = (await this.peers()).find(({ name }) => name === member);
    expect(row, `the status of the gateway does not show ${member}`);
    return row;
  }

  async killEdge(): Promise<void> {
    this.#kill('/scripts/start/edge.ts');
  }

  async killRelay(): Promise<void> {
    this.#kill('/relay/main.ts');
  }

  async startSecondRelay(): Promise<void> {
    await this.#host.ip('address', 'add', `${SECOND_ADDRESS}/24`, 'dev', 'outside');
    this.#second = this.#host.start('second-relay', [
      ...program('relay/main.ts'),
      ...[
        '--edge',
        EDGE,
        '--id',
        'second',
        '--token-file',
        join(this.#data, 'relay-token'),
        '--listen',
        SECOND_ADDRESS,
      ],
    ]);
    await this.#says(this.#second, /\bserves\b/, 'the second relay');
  }

  /** Started as from a terminal: all its processes are one group, which a Ctrl-C reaches. */
  async #run(name: string, command: readonly string[]): Promise<void> {
    const listen = [this.#address, ...(this.#ipv6 ? [GATEWAY_ADDRESS_6] : [])];
    const service = this.#host.start(
      name,
      [
        ...['setsid', ...command, '--data', this.#data, '--edge-port', EDGE_PORT],
        ...listen.flatMap((address) => ['--listen', address]),
        ...['--public-address', this.#ipv6 ? GATEWAY_ADDRESS_6 : GATEWAY_ADDRESS, '--gateway-name', GATEWAY_NAME],
        ...['--log-level', 'debug', '--json-log'],
      ],
      { directory: ROOT },
    );
    this.#service = service;
    await this.#says(service, /Culvert is ready/, 'Culvert');
  }

  async #addNetwork(name: string): Promise<void> {
    if (this.#networks.has(name)) return;
    this.#networks.add(name);
    await this.#api('POST', '/api/networks', { name, ipv4: NETWORK_PREFIX });
  }

  async #says(service: Service, ready: RegExp, what: string): Promise<void> {
    await eventually(
      () => {
        expect(service.running, `${what} ended at its start:\n${service.output().slice(-2_000)}`);
        return ready.test(service.output());
      },
      `${what} did not get ready`,
      START_LIMIT,
    );
  }

  /** Ends one of the two processes that `npm start` watches over, with all that it started. */
  #kill(file: string): void {
    const children = childProcesses(this.#service!.pid).filter(({ command }) => command.includes(file));
    expect(children.length === 1, `${children.length} processes run ${file}, not one`);
    killGroup(children[0]!.pid);
  }

  async #api(method: string, path: string, body: object | null = null): Promise<unknown> {
    const environment = { CULVERT_TOKEN: this.#token() };
    const args = [method, `${EDGE}${path}`, ...(body ? [JSON.stringify(body)] : [])];
    const { stdout } = await this.#host.run([process.execPath, API_CALL, ...args], { environment });
    return stdout === '' ? null : JSON.parse(stdout);
  }

  #token(): string {
    return readFileSync(join(this.#data, 'operator-token'), 'utf8').trim();
  }
}

function networkOf(member: Enrolment | undefined): string {
  return `/api/networks/${member?.network ?? NETWORK_NAME}`;
}

function program(file: string): string[] {
  return [process.execPath, '--import', import.meta.resolve('tsx'), join(ROOT, file)];
}
