// A gateway with its clients, ready to be measured.

import { type Part, cpuOf, memoryOf } from './accounting.ts';
import { ClientProcess } from './client-process.ts';
import type { LoadOrder } from './client-protocol.ts';
import type { Gateway } from './gateway.ts';
import type { Stage } from './stage.ts';

export interface Round {
  readonly sent: number;
  readonly received: number;
  readonly packetsPerSecond: number;
  readonly bitsPerSecond: number;
  /** Microseconds of CPU per packet forwarded, by part of the gateway. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Of all parts. */
  readonly gatewayCpu: number;
  readonly clientCpu: number;
}

export interface Handshakes {
  readonly count: number;
  readonly perSecond: number;
  /** Milliseconds of the gateway's CPU. */
  readonly cpuEach: number;
}

const HANDSHAKES_AT_ONCE = 8;
/** Each waits a second for its packets. */
const WAKINGS = 30;
const CLIENT = 'client';

export class Site {
  readonly gateway: Gateway;
  readonly #client: ClientProcess;
  readonly #parts: readonly Part[];
  #connected = 0;

  private constructor(gateway: Gateway, client: ClientProcess, parts: readonly Part[]) {
    this.gateway = gateway;
    this.#client = client;
    this.#parts = parts;
  }

  static async open(stage: Stage, gateway: Gateway): Promise<Site> {
    await gateway.start();
    const setting = { ...gateway.setting, addresses: stage.clientAddresses };
    const client = await ClientProcess.start(stage.clients, setting);
    const parts = await gateway.parts();
    return new Site(gateway, client, [...parts, { name: CLIENT, pids: [client.pid] }]);
  }

  get connected(): number {
    return this.#connected;
  }

  /** Enrols and connects until so many peers are connected; null when they are already. */
  async connect(total: number): Promise<Handshakes | null> {
    const count = total - this.#connected;
    if (count <= 0) return null;
    const peers = await this.gateway.enrol(count);
    const before = this.#cpu();
    const { connected, milliseconds, failures } = await this.#client.connect({ peers, atOnce: HANDSHAKES_AT_ONCE });
    if (connected < count) {
      throw new Error(`${this.gateway.name}: ${count - connected} of ${count} peers did not connect: ${failures[0]}`);
    }
    this.#connected = total;
    const used = minus(this.#cpu(), before);
    return { count, perSecond: (count / milliseconds) * 1000, cpuEach: (gatewaySum(used) / count) * 1000 };
  }

  /** Lets each sender send once, and again until packets come through: objects that have slept are woken first, and their network's. */
  async wake(order: Omit<LoadOrder, 'kind'>): Promise<void> {
    for (let i = 0; i < WAKINGS; i++) if ((await this.#client.load(order)).received > 0) return;
    throw new Error(`${this.gateway.name}: after ${WAKINGS} attempts to wake its peers no packet came through`);
  }

  async round(order: Omit<LoadOrder, 'kind'>): Promise<Round> {
    const before = this.#cpu();
    const { sent, received, octets, milliseconds, wrong } = await this.#client.load(order);
    const used = minus(this.#cpu(), before);
    if (wrong > 0) throw new Error(`${this.gateway.name}: ${wrong} packets came out changed`);
    if (received === 0) throw new Error(`${this.gateway.name}: no packet came through`);
    const each = Object.fromEntries(Object.entries(used).map(([name, seconds]) => [name, (seconds / received) * 1e6]));
    const { [CLIENT]: clientCpu = 0, ...cpu } = each;
    return {
      sent,
      received,
      packetsPerSecond: (received / milliseconds) * 1000,
      bitsPerSecond: ((octets * 8) / milliseconds) * 1000,
      cpu,
      gatewayCpu: (gatewaySum(used) / received) * 1e6,
      clientCpu,
    };
  }

  /** Octets, by part of the gateway. */
  memory(): Record<string, number> {
    return memoryOf(this.#parts.filter(({ name }) => name !== CLIENT));
  }

  async close(): Promise<void> {
    await this.#client.stop();
    await this.gateway.stop();
  }

  #cpu(): Record<string, number> {
    return cpuOf(this.#parts);
  }
}

function minus(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}

function gatewaySum(used: Record<string, number>): number {
  return Object.entries(used).reduce((sum, [name, value]) => sum + (name === CLIENT ? 0 : value), 0);
}
