// A packet capture of each outer link, taken at the router that stands for the internet.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, type Service } from './command.ts';
import { eventually } from './expect.ts';
import type { Host } from './namespace.ts';

export class Capture {
  readonly file: string;
  readonly #service: Service;

  private constructor(service: Service, file: string) {
    this.#service = service;
    this.file = file;
  }

  /** Returns when the capture runs. */
  static async start(host: Host, port: string): Promise<Capture> {
    const file = join(host.directory, `${port}.pcap`);
    const service = host.start(`tcpdump-${port}`, [
      ...['tcpdump', '-i', port, '-n', '-U', '-Z', 'root', '-w', file],
      // Sixteen megabytes, then from the start of a second file: a long transfer does not fill the disk.
      ...['-C', '16', '-W', '2', 'ip or (ip6 and (udp or ip6 proto 44))'],
    ]);
    await eventually(() => /listening on/.test(service.output()), `tcpdump on ${port} did not start`);
    return new Capture(service, file);
  }

  /** The packets so far that a filter of tcpdump matches, one line each. */
  async matching(filter: string): Promise<string[]> {
    const lines: string[] = [];
    for (const file of [`${this.file}0`, `${this.file}1`].filter((path) => existsSync(path))) {
      const { stdout } = await run(['tcpdump', '-n', '-r', file, filter]);
      lines.push(...stdout.split('\n').filter(Boolean));
    }
    return lines;
  }

  async stop(): Promise<void> {
    await this.#service.stop('SIGINT');
  }
}
