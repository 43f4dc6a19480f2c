// The bench's end of a client process.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClientSetting, Connected, ConnectOrder, Loaded, LoadOrder, Order, Report } from './client-protocol.ts';
import type { Ground } from './ground.ts';

const PROGRAM = fileURLToPath(new URL('client.ts', import.meta.url));

export class ClientProcess {
  readonly #child: ChildProcess;
  #take: (report: Report) => void = () => {};
  #fail: (error: Error) => void = () => {};

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (report: Report) => this.#take(report));
    child.once('exit', (code, signal) => this.#fail(new Error(`the client process ended (${signal ?? code})`)));
    child.once('error', (error) => this.#fail(error));
  }

  static async start(ground: Ground, setting: ClientSetting): Promise<ClientProcess> {
    const node = [process.execPath, '--import', import.meta.resolve('tsx'), PROGRAM, JSON.stringify(setting)];
    const [program, ...args] = ground.enter(node);
    const child = spawn(program!, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const client = new ClientProcess(child);
    await client.#next();
    return client;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  connect(order: Omit<ConnectOrder, 'kind'>): Promise<Connected> {
    return this.#ask({ kind: 'connect', ...order }) as Promise<Connected>;
  }

  load(order: Omit<LoadOrder, 'kind'>): Promise<Loaded> {
    return this.#ask({ kind: 'load', ...order }) as Promise<Loaded>;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 3_000);
    this.#child.send({ kind: 'close' }, () => {});
    await ended;
    clearTimeout(timer);
  }

  #ask(order: Order): Promise<Report> {
    const answer = this.#next();
    this.#child.send(order);
    return answer;
  }

  #next(): Promise<Report> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#take = (report) =>
        report.kind === 'failed' ? reject(new Error(`client: ${report.message}`)) : resolve(report);
    });
  }
}
