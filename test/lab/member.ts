// A member of the network as a scenario sees it: a device or a site with its strongSwan.

import type { Result } from './command.ts';
import { eventually, expect } from './expect.ts';
import type { Gateway } from './gateway.ts';
import type { SiteLan } from './lab.ts';
import type { Host } from './namespace.ts';
import type { StrongSwan } from './strongswan.ts';
import { firstSection, type Section, sectionAt } from './swanctl-conf.ts';
import type { IkeSa } from './swanctl-sas.ts';

export class Device {
  readonly name: string;
  readonly host: Host;
  readonly daemon: StrongSwan;
  readonly #gateway: Gateway;

  constructor(name: string, host: Host, daemon: StrongSwan, gateway: Gateway) {
    this.name = name;
    this.host = host;
    this.daemon = daemon;
    this.#gateway = gateway;
  }

  /** Connects; fails with what charon said when that does not work. */
  async connect(): Promise<void> {
    const result = await this.tryConnect();
    expect(result.status === 0, `${this.name} could not connect:\n${lastLines(result.stdout + result.stderr)}`);
    await eventually(
      async () => (await this.#gateway.connected()).includes(this.name),
      `the gateway does not list ${this.name} as connected`,
    );
  }

  tryConnect(seconds = 30): Promise<Result> {
    return this.daemon.initiate(this.child, seconds);
  }

  async disconnect(): Promise<void> {
    await this.daemon.terminate(this.ike);
  }

  /** Its only established IKE SA. */
  async sa(): Promise<IkeSa> {
    const sas = (await this.daemon.sas()).filter((sa) => sa.state === 'ESTABLISHED');
    expect(sas.length === 1, `${this.name} has ${sas.length} established IKE SAs, not one`);
    return sas[0]!;
  }

  /** The address that the gateway gave it. */
  async virtualAddress(): Promise<string> {
    const [address] = (await this.sa()).virtualAddresses;
    expect(address, `${this.name} got no virtual address`);
    return address;
  }

  async virtualAddress6(): Promise<string> {
    const address = (await this.sa()).virtualAddresses.find((text) => text.includes(':'));
    expect(address, `${this.name} got no IPv6 virtual address`);
    return address;
  }

  /** Changes its connection and child in swanctl.conf, and loads it. */
  async configure(change: (connection: Section, child: Section, conf: Section) => void): Promise<void> {
    this.daemon.changeConf((conf) => {
      const connection = sectionAt(conf, 'connections', this.ike);
      change(connection, sectionAt(connection, 'children', this.child), conf);
    });
    await this.daemon.load();
  }

  get ike(): string {
    return firstSection(sectionAt(this.daemon.readConf(), 'connections'));
  }

  get child(): string {
    return firstSection(sectionAt(this.daemon.readConf(), 'connections', this.ike, 'children'));
  }
}

export class Site extends Device {
  readonly lanHost: Host;
  readonly lanAddress: string;
  /** Its other LANs. */
  readonly more: readonly SiteLan[];

  constructor(
    name: string,
    router: Host,
    daemon: StrongSwan,
    gateway: Gateway,
    lanHost: Host,
    lanAddress: string,
    more: readonly SiteLan[] = [],
  ) {
    super(name, router, daemon, gateway);
    this.more = more;
    this.lanHost = lanHost;
    this.lanAddress = lanAddress;
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-12).join('\n');
}
