// Culvert as the gateway: edge and relay as `npm start` runs them, driven by the operator's API.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Service } from '../test/lab/command.ts';
import { eventually } from '../test/lab/expect.ts';
import type { Part } from './accounting.ts';
import type { Enrolled } from './client-protocol.ts';
import type { Gateway } from './gateway.ts';
import type { Ground } from './ground.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CALLS = fileURLToPath(new URL('calls.mjs', import.meta.url));
const NAME = 'gateway.bench.test';
const NETWORK = 'bench';
const PREFIX = '100.64.0.0/10';
/** Not the usual ones: those need root, or may be taken. */
const PORTS = { ike: 15_500, natT: 15_450, edge: 18_787, metrics: 19_469 } as const;
const EDGE = `http://127.0.0.1:${PORTS.edge}`;
const START_MS = 120_000;
const CALLS_MS = 300_000;

interface Call {
  readonly method: string;
  readonly url: string;
  readonly body?: object;
}

export class CulvertGateway implements Gateway {
  readonly name = 'culvert';
  readonly #ground: Ground;
  readonly setting;
  readonly #start: string;
  readonly #data: string;
  #service: Service | null = null;
  #enrolled = 0;

  /** @param checkout the folder whose code runs; this one's by default. */
  constructor(ground: Ground, address: string, checkout = ROOT) {
    this.#ground = ground;
    this.#start = join(checkout, 'scripts/start.ts');
    this.setting = { gateway: address, gatewayIdentity: NAME, port: PORTS.natT };
    this.#data = join(ground.directory, 'data');
  }

  async start(): Promise<void> {
    const args = [
      ...['--data', this.#data, '--listen', this.setting.gateway, '--public-address', this.setting.gateway],
      ...['--port-ike', String(PORTS.ike), '--port-nat-t', String(PORTS.natT), '--edge-port', String(PORTS.edge)],
      ...['--gateway-name', NAME, '--metrics-port', String(PORTS.metrics), '--json-log'],
    ];
    const command = [process.execPath, '--import', import.meta.resolve('tsx'), this.#start, ...args];
    const service = this.#ground.start('culvert', command);
    this.#service = service;
    await eventually(
      () => {
        if (!service.running) throw new Error(`Culvert ended at its start:\n${service.output().slice(-2_000)}`);
        return /\bready\b/.test(service.output());
      },
      `Culvert did not get ready, see ${service.log}`,
      START_MS,
    );
    await this.#call([{ method: 'POST', url: `${EDGE}/api/networks`, body: { name: NETWORK, ipv4: PREFIX } }]);
  }

  async enrol(count: number): Promise<readonly Enrolled[]> {
    const url = `${EDGE}/api/networks/${NETWORK}/devices`;
    const calls = Array.from({ length: count }, () => {
      const name = `peer-${++this.#enrolled}`;
      return { method: 'POST', url, body: { name, auth: 'psk' } };
    });
    const answers = await this.#call(calls);
    return answers.map((answer) => (JSON.parse(answer) as { device: Enrolled }).device);
  }

  async parts(): Promise<readonly Part[]> {
    const processes = await this.#ground.processes();
    const relay = processes.filter(({ command }) => command.includes('relay/main.ts'));
    const edge = processes.filter(({ command }) => /\bworkerd\b.*\bserve\b/.test(command));
    const others = processes.filter((process) => !relay.includes(process) && !edge.includes(process));
    const part = (name: string, of: typeof processes) => ({ name, pids: of.map(({ pid }) => pid) });
    return [part('relay', relay), part('edge', edge), part('supervision', others)];
  }

  /** The relay's page of metrics, summed over labels. */
  async metrics(): Promise<(name: string) => number> {
    const [page = ''] = await this.#call([{ method: 'GET', url: `http://127.0.0.1:${PORTS.metrics}/metrics` }]);
    return (name) =>
      [...page.matchAll(new RegExp(`^\\w*${name}(?:\\{.*\\})? (\\d+)`, 'gm'))].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      );
  }

  async stop(): Promise<void> {
    await this.#service?.stop('SIGTERM', 10_000);
  }

  async #call(calls: readonly Call[]): Promise<string[]> {
    const input = JSON.stringify({ token: this.#token(), calls });
    const { stdout } = await this.#ground.run([process.execPath, CALLS], { input, timeout: CALLS_MS });
    return JSON.parse(stdout) as string[];
  }

  #token(): string {
    return readFileSync(join(this.#data, 'operator-token'), 'utf8').trim();
  }
}
