// Network namespaces as hosts, with veth links, bridges and routes between them. Everything carries the prefix of the run.

import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, type CommandOptions, type Result, run, Service } from './command.ts';

const OWN = /^cv(\d+)[a-z]?-/;
const FOLDER = /^cv(\d+)$/;

/** Folder of this run, for settings, keys, logs and captures. */
export const RUN_FOLDER = join(tmpdir(), `cv${process.pid}`);

const SETTINGS = [
  'net.ipv4.conf.all.rp_filter=0',
  'net.ipv4.conf.default.rp_filter=0',
  'net.ipv4.conf.all.send_redirects=0',
  'net.ipv4.conf.default.send_redirects=0',
  'net.ipv6.conf.all.accept_ra=0',
  'net.ipv6.conf.default.accept_ra=0',
  'net.ipv6.conf.default.dad_transmits=0',
];

/** One end of a link: its interface name (at most 15 characters) and, when it has one, its address as `a.b.c.d/n`. */
export interface End {
  readonly host: Host;
  readonly port: string;
  readonly address?: string;
}

export class Network {
  readonly prefix: string;
  /** Where logs and settings of this network's programs lie. */
  readonly directory: string;
  readonly #hosts = new Map<string, Host>();
  #making: Promise<unknown> = Promise.resolve();
  #removed = false;

  /** @param lane a letter, of which no two are in use at once. */
  constructor(directory: string, lane = '') {
    this.prefix = `cv${process.pid}${lane}-`;
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** A new host; a router forwards between its links. */
  async host(name: string, kind: 'host' | 'router' = 'host'): Promise<Host> {
    if (this.#removed) throw new Error('the network is gone');
    const host = new Host(this, name);
    this.#hosts.set(name, host);
    const making = run(['ip', 'netns', 'add', host.namespace]);
    this.#making = Promise.allSettled([this.#making, making]);
    await making;
    await host.run(['sysctl', '-qw', ...SETTINGS, `net.ipv4.ip_forward=${kind === 'router' ? 1 : 0}`]);
    await host.ip('link', 'set', 'lo', 'up');
    return host;
  }

  hosts(): Host[] {
    return [...this.#hosts.values()];
  }

  async link(a: End, b: End): Promise<void> {
    await run([
      ...['ip', 'link', 'add', a.port, 'netns', a.host.namespace],
      ...['type', 'veth', 'peer', 'name', b.port, 'netns', b.host.namespace],
    ]);
    for (const end of [a, b]) {
      if (end.address) await end.host.ip('address', 'add', end.address, 'dev', end.port);
      await end.host.ip('link', 'set', end.port, 'up');
    }
  }

  /** Ends what runs in the hosts, and removes them with their links. */
  async remove(): Promise<void> {
    this.#removed = true;
    await this.#making;
    await Promise.all(this.hosts().map((host) => host.stopAll()));
    for (const host of this.hosts()) await removeNamespace(host.namespace);
    this.#hosts.clear();
  }
}

export class Host {
  readonly name: string;
  readonly namespace: string;
  readonly directory: string;
  readonly #services: Service[] = [];
  #stopped = false;

  constructor(network: Network, name: string) {
    this.name = name;
    this.namespace = `${network.prefix}${name}`;
    this.directory = join(network.directory, name);
    mkdirSync(this.directory, { recursive: true });
  }

  run(command: readonly string[], options: CommandOptions = {}): Promise<Result> {
    return run(this.#inside(command), options);
  }

  attempt(command: readonly string[], options: CommandOptions = {}): Promise<Result> {
    return attempt(this.#inside(command), options);
  }

  /** Starts a program that stays until the host goes. */
  start(name: string, command: readonly string[], options: CommandOptions = {}): Service {
    if (this.#stopped) throw new Error(`${this.name} is gone`);
    const service = new Service(name, this.#inside(command), join(this.directory, `${name}.out`), options);
    this.#services.push(service);
    return service;
  }

  async ip(...args: string[]): Promise<void> {
    await run(['ip', '-n', this.namespace, ...args]);
  }

  /** A bridge in this host; links join it with `join`. */
  async bridge(name: string, address: string): Promise<void> {
    // Unless it is told its hardware address, it takes the lowest of its links', and is not heard for a while when that changes.
    const own = ['address', '02:00:00:00:00:01'];
    await this.ip('link', 'add', name, ...own, 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0');
    await this.ip('address', 'add', address, 'dev', name);
    await this.ip('link', 'set', name, 'up');
  }

  async join(bridge: string, port: string): Promise<void> {
    await this.ip('link', 'set', port, 'master', bridge);
  }

  async defaultRoute(via: string): Promise<void> {
    await this.ip('route', 'add', 'default', 'via', via);
  }

  /** What leaves by this port is cut into datagrams before: between namespaces a run of them would travel in one piece, as it does in no wire. */
  async cutsSegments(port: string): Promise<void> {
    await this.ip('link', 'set', port, 'gso_max_segs', '1');
  }

  /** An IPv6 address, and the default route by way of `via`. */
  async address6(port: string, address: string, via: string): Promise<void> {
    await this.ip('address', 'add', address, 'dev', port, 'nodad');
    await this.ip('-6', 'route', 'add', 'default', 'via', via);
  }

  async nft(rules: string): Promise<void> {
    appendFileSync(join(this.directory, 'nftables.log'), `${rules}\n`);
    await this.run(['nft', '-f', '-'], { input: rules });
  }

  async stopAll(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#services.map((service) => service.stop()));
  }

  #inside(command: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.namespace, ...command];
  }
}

/** Namespaces of runs that are over. */
export async function leftovers(): Promise<string[]> {
  const { stdout } = await run(['ip', 'netns', 'list']);
  return ofDeadRuns(
    stdout.split('\n').map((line) => line.split(' ')[0]!),
    alive,
  );
}

/** Of all namespaces those of the laboratory's whose run is over: nobody else's, and not those of a run that goes on. */
export function ofDeadRuns(names: readonly string[], goesOn: (pid: number) => boolean): string[] {
  return names.filter((name) => {
    const pid = OWN.exec(name)?.[1];
    return pid !== undefined && Number(pid) !== process.pid && !goesOn(Number(pid));
  });
}

/** Removes the namespaces and the folders of runs that are over; returns how many namespaces there were. */
export async function removeLeftovers(): Promise<number> {
  const left = await leftovers();
  for (const namespace of left) await removeNamespace(namespace);
  for (const folder of readdirSync(tmpdir())) {
    const pid = FOLDER.exec(folder)?.[1];
    if (pid !== undefined && !alive(Number(pid))) rmSync(join(tmpdir(), folder), { recursive: true, force: true });
  }
  return left.length;
}

async function removeNamespace(namespace: string): Promise<void> {
  const { stdout } = await attempt(['ip', 'netns', 'pids', namespace]);
  for (const pid of stdout.split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  await attempt(['ip', 'netns', 'delete', namespace]);
}

/** Whether a run of that process id goes on; the command line of a process that is over but not reaped is empty. */
function alive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node');
  } catch {
    return false;
  }
}
