// A TCP transfer between two hosts, with its checksum and its longest pause.

import { fileURLToPath } from 'node:url';
import type { Service } from './command.ts';
import { eventually, expect } from './expect.ts';
import type { Host } from './namespace.ts';

const PROGRAM = fileURLToPath(new URL('tcp-end.mjs', import.meta.url));

export interface TransferPlan {
  readonly octets: number;
  /** Octets per second; 0 is as fast as it goes. */
  readonly rate: number;
  /** Seconds until the transfer counts as failed. */
  readonly limit: number;
}

export interface Received {
  readonly octets: number;
  readonly sha256: string;
  readonly milliseconds: number;
  /** The longest time between two reads, and when it began, in ms. */
  readonly longestGap: number;
  readonly gapAt: number;
}

interface Line {
  readonly listening?: number;
  readonly progress?: number;
  readonly error?: string;
  readonly received?: Received;
  readonly sent?: { readonly octets: number; readonly sha256: string };
}

let nextPort = 7_000;

export class Transfer {
  readonly #plan: TransferPlan;
  readonly #sender: Service;
  readonly #receiver: Service;

  private constructor(plan: TransferPlan, sender: Service, receiver: Service) {
    this.#plan = plan;
    this.#sender = sender;
    this.#receiver = receiver;
  }

  static async start(from: Host, to: Host, address: string, plan: TransferPlan): Promise<Transfer> {
    const port = String(nextPort++);
    const node = [process.execPath, PROGRAM];
    const receiver = to.start(`tcp-receive-${port}`, [...node, 'receive', address, port]);
    await eventually(
      () => lines(receiver).some((line) => line.listening),
      `no TCP listener on ${address} in ${to.name}`,
    );
    const args = ['send', address, port, String(plan.octets), String(plan.rate)];
    const sender = from.start(`tcp-send-${port}`, [...node, ...args]);
    return new Transfer(plan, sender, receiver);
  }

  /** Octets that have arrived, a tenth of a second ago at most. */
  arrived(): number {
    return lines(this.#receiver).findLast((line) => line.progress !== undefined)?.progress ?? 0;
  }

  /** Waits until a part (0 to 1) of the octets has arrived, and no more than that: the rest is still to come. */
  async reaches(part: number): Promise<void> {
    await eventually(
      () => this.arrived() >= this.#plan.octets * part,
      `the transfer did not reach ${Math.round(part * 100)} %`,
      this.#plan.limit * 1000,
    );
    expect(this.arrived() < this.#plan.octets, 'the transfer was over before the event that it should outlive');
  }

  /** Waits for the end; every octet must have arrived unchanged. */
  async finish(): Promise<Received> {
    const end = await eventually(
      () => {
        const failed = [this.#sender, this.#receiver].flatMap(lines).find((line) => line.error);
        expect(!failed, `the TCP connection broke: ${failed?.error}`);
        return lines(this.#receiver).find((line) => line.received);
      },
      `the transfer did not end, ${this.arrived()} of ${this.#plan.octets} octets arrived`,
      this.#plan.limit * 1000,
    );
    const sent = await eventually(() => lines(this.#sender).find((line) => line.sent)?.sent, 'the sender did not end');
    const received = end.received!;
    expect(received.octets === this.#plan.octets, `${received.octets} of ${this.#plan.octets} octets arrived`);
    expect(received.sha256 === sent.sha256, `the octets that arrived differ: ${received.sha256}, sent ${sent.sha256}`);
    return received;
  }
}

/** A transfer from its start to its end. */
export async function transfer(from: Host, to: Host, address: string, plan: TransferPlan): Promise<Received> {
  return (await Transfer.start(from, to, address, plan)).finish();
}

function lines(service: Service): Line[] {
  return service
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Line);
}
