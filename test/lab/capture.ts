// A packet capture of each outer link, taken at the router that stands for the internet.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CapturedDatagram, readCapture } from '../capture-file.ts';
import type { Service } from './command.ts';
import { eventually } from './expect.ts';
import type { Host } from './namespace.ts';

/** All hosts of a link: nobody answers to that (net.ipv4.icmp_echo_ignore_broadcasts). */
const ALL_HOSTS = '224.0.0.1';
const MARK_OCTETS = 16;

export class Capture {
  readonly file: string;
  readonly #service: Service;
  readonly #host: Host;
  readonly #port: string;

  private constructor(host: Host, port: string, service: Service, file: string) {
    this.#host = host;
    this.#port = port;
    this.#service = service;
    this.file = file;
  }

  /** Returns when the capture runs. */
  static async start(host: Host, port: string): Promise<Capture> {
    const file = join(host.directory, `${port}.pcap`);
    const service = host.start(`tcpdump-${port}`, [
      ...['tcpdump', '-i', port, '-n', '-U', '--immediate-mode', '-Z', 'root', '-w', file],
      // Sixteen megabytes, then from the start of a second file: a long transfer does not fill the disk.
      ...['-C', '16', '-W', '2', 'ip or (ip6 and (udp or ip6 proto 44))'],
    ]);
    await eventually(() => /listening on/.test(service.output()), `tcpdump on ${port} did not start`);
    return new Capture(host, port, service, file);
  }

  /** The packets so far that a filter of tcpdump matches, fragments not put together, one line each. */
  async matching(filter: string): Promise<string[]> {
    await this.#settled();
    const lines: string[] = [];
    for (const file of this.#files()) {
      const { stdout } = await this.#host.attempt(['tcpdump', '-n', '-r', file, filter]);
      lines.push(...stdout.split('\n').filter((line) => /^\d\d:/.test(line)));
    }
    return lines;
  }

  async count(filter: string): Promise<number> {
    return (await this.matching(filter)).length;
  }

  /** How many packets hold these octets. @param hex of them. */
  async holding(hex: string): Promise<number> {
    return (await this.datagrams()).filter(({ payload }) => Buffer.from(payload).toString('hex').includes(hex)).length;
  }

  /** UDP datagrams, the oldest first. */
  async datagrams(): Promise<CapturedDatagram[]> {
    await this.#settled();
    return this.#files().flatMap((file) => readCapture(whole(readFileSync(file))));
  }

  /** What has passed is in the file: a mark that was sent behind it is. */
  async #settled(): Promise<void> {
    const mark = randomBytes(MARK_OCTETS);
    const ping = ['ping', '-c', '1', '-W', '0.1', '-I', this.#port, '-p', mark.toString('hex'), ALL_HOSTS];
    const { stderr } = await this.#host.attempt(ping);
    const isThere = () => this.#files().some((file) => readFileSync(file).includes(mark));
    await eventually(isThere, `tcpdump on ${this.#port} writes nothing; ping said '${stderr.trim()}'`, 15_000, 20);
  }

  /** tcpdump numbers its files. */
  #files(): string[] {
    return [`${this.file}0`, `${this.file}1`].filter((file) => existsSync(file));
  }

  async stop(): Promise<void> {
    await this.#service.stop('SIGINT');
  }
}

/** Without a record at the end that is still being written. */
function whole(file: Buffer): Uint8Array {
  let at = 24;
  while (at + 16 <= file.length && at + 16 + file.readUInt32LE(at + 8) <= file.length)
    at += 16 + file.readUInt32LE(at + 8);
  return new Uint8Array(file.subarray(0, at));
}
