// One laboratory: an internet with a gateway, and the NATs, devices and sites that a scenario asks for.

import { join } from 'node:path';
import { Capture } from './capture.ts';
import type { Enrolment, Gateway, GatewayKind } from './gateway.ts';
import { ACCESS, ACCESS_6, buildInternet } from './internet.ts';
import { CulvertGateway } from './culvert-gateway.ts';
import { Device, Site } from './member.ts';
import { type NatKind, translate } from './nat.ts';
import type { Host, Network } from './namespace.ts';
import { type CharonSettings, StrongSwan } from './strongswan.ts';
import { firstSection, type Section, sectionAt } from './swanctl-conf.ts';
import { StrongSwanGateway } from './strongswan-gateway.ts';

/** The LAN behind a NAT. */
export interface Lan {
  readonly router: Host;
  readonly outside: string;
  readonly inside: string;
  hosts: number;
}

/** The LAN behind a site. */
export interface SiteLan {
  readonly host: Host;
  readonly address: string;
}

export interface DeviceOptions {
  readonly auth: 'cert' | 'eap';
  readonly behind: Lan;
  /** The network it belongs to, if not the usual one. */
  readonly network?: string;
  readonly settings?: CharonSettings;
}

export interface SiteOptions {
  readonly auth: 'cert' | 'psk';
  readonly behind: Lan;
  /** The first three octets of the LAN of the site. */
  readonly lan: string;
  /** Further LANs, each with a host of its own. */
  readonly moreLans?: readonly string[];
  readonly network?: string;
}

/** A host with the credentials of a device, and no daemon. */
export interface BareDevice {
  readonly name: string;
  readonly host: Host;
  /** Folder of swanctl.conf, x509/, private/ and so on. */
  readonly folder: string;
}

export class Lab {
  readonly network: Network;
  readonly internet: Host;
  readonly gatewayHost: Host;
  /** The NAT before the gateway, or the gateway itself. */
  readonly front: Host;
  readonly gateway: Gateway;
  readonly #captures = new Map<string, Capture>();
  #nats = 0;

  private constructor(network: Network, internet: Host, gatewayHost: Host, front: Host, gateway: Gateway) {
    this.network = network;
    this.internet = internet;
    this.gatewayHost = gatewayHost;
    this.front = front;
    this.gateway = gateway;
  }

  /** Builds the internet and starts the gateway in it. */
  static async build(network: Network, kind: GatewayKind, behindNat: boolean, ipv6 = false): Promise<Lab> {
    const { router, gatewayHost, front, address } = await buildInternet(network, behindNat, ipv6);
    const gateway =
      kind === 'culvert' ? new CulvertGateway(gatewayHost, address, ipv6) : new StrongSwanGateway(gatewayHost, address);
    const lab = new Lab(network, router, gatewayHost, front, gateway);
    await lab.#capture('to-gateway');
    await gateway.start();
    return lab;
  }

  /** A NAT with a LAN behind it: 192.168.N.0/24 for the Nth, or the first three octets given. */
  async nat(name: string, kind: NatKind = 'masquerade', inside?: string): Promise<Lan> {
    const lan = await this.#router(name, inside);
    await translate(lan.router, 'outside', kind, lan.outside);
    return lan;
  }

  /** A NAT in the LAN of another one. */
  async natBehind(outer: Lan, name: string, kind: NatKind = 'masquerade'): Promise<Lan> {
    const number = ++this.#nats;
    const router = await this.#place(name, outer, 'router');
    const lan: Lan = { router, outside: addressIn(outer, outer.hosts - 1), inside: `192.168.${number}`, hosts: 0 };
    await router.bridge('inside', `${lan.inside}.1/24`);
    await translate(router, 'uplink', kind, lan.outside);
    return lan;
  }

  /** A LAN with addresses of the internet: no NAT. */
  async open(name: string, inside = '192.0.2'): Promise<Lan> {
    const lan = await this.#router(name, inside);
    await this.internet.ip('route', 'add', `${inside}.0/24`, 'via', lan.outside);
    return lan;
  }

  /** A host in a LAN, without a daemon and unknown to the gateway. */
  stranger(name: string, behind: Lan): Promise<Host> {
    return this.#place(name, behind, 'host');
  }

  /** Links a host into another LAN too, at its port of that name; it has no route by way of it. */
  async reach(host: Host, lan: Lan, port: string): Promise<void> {
    await this.network.link(
      { host: lan.router, port: `to-${host.name}` },
      { host, port, address: `${addressIn(lan, lan.hosts++)}/24` },
    );
    await lan.router.join('inside', `to-${host.name}`);
  }

  /** A device that is enrolled, for a client of one's own. */
  async bareDevice(name: string, { auth, behind, network }: DeviceOptions): Promise<BareDevice> {
    const host = await this.#place(name, behind, 'host');
    const folder = join(host.directory, 'profile');
    await this.gateway.enrol({ name, auth, ...(network ? { network } : {}) }, folder);
    return { name, host, folder };
  }

  /** A road warrior: enrolled, its strongSwan running and configured, not yet connected. */
  async device(name: string, options: DeviceOptions): Promise<Device> {
    const host = await this.#place(name, options.behind, 'host');
    const network = options.network ? { network: options.network } : {};
    const daemon = await this.#enrol({ name, auth: options.auth, ...network }, host, options.settings);
    return new Device(name, host, daemon, this.gateway);
  }

  /** A site: its gateway behind a NAT, and a host in its LAN. Not yet connected. */
  async site(name: string, options: SiteOptions): Promise<Site> {
    const router = await this.#place(name, options.behind, 'router');
    const { host } = await this.#siteLan(router, `${name}-lan`, 'lan', options.lan);
    const more: SiteLan[] = [];
    for (const [index, lan] of (options.moreLans ?? []).entries())
      more.push(await this.#siteLan(router, `${name}-lan${index + 2}`, `lan${index + 2}`, lan));
    const prefixes = [options.lan, ...(options.moreLans ?? [])].map((lan) => `${lan}.0/24`);
    const network = options.network ? { network: options.network } : {};
    const daemon = await this.#enrol({ name, auth: options.auth, prefixes, ...network }, router);
    return new Site(name, router, daemon, this.gateway, host, `${options.lan}.10`, more);
  }

  /** What has passed so far at a port of the internet: `to-gateway`, `to-` and the name of a NAT. */
  capture(port: string): Capture {
    const capture = this.#captures.get(port);
    if (!capture) throw new Error(`nothing is captured at ${port}`);
    return capture;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#captures.values()].map((capture) => capture.stop()));
    await this.gateway.stop();
  }

  async #router(name: string, inside?: string): Promise<Lan> {
    const number = ++this.#nats;
    const lan: Lan = {
      router: await this.network.host(name, 'router'),
      outside: `198.51.100.${10 + number}`,
      inside: inside ?? `192.168.${number}`,
      hosts: 0,
    };
    await this.network.link(
      { host: this.internet, port: `to-${name}` },
      { host: lan.router, port: 'outside', address: `${lan.outside}/24` },
    );
    await this.internet.join('access', `to-${name}`);
    await lan.router.defaultRoute(ACCESS);
    await lan.router.bridge('inside', `${lan.inside}.1/24`);
    await this.#capture(`to-${name}`);
    return lan;
  }

  /** A device's host right in the internet, with an IPv4 and an IPv6 address and no NAT. */
  async outsideHost(
    name: string,
  ): Promise<{ readonly host: Host; readonly address: string; readonly address6: string }> {
    const number = 100 + ++this.#nats;
    const [address, address6] = [`198.51.100.${number}`, `2001:db8:0:198::${number}`];
    const host = await this.network.host(name);
    await this.network.link(
      { host: this.internet, port: `to-${name}` },
      { host, port: 'uplink', address: `${address}/24` },
    );
    await this.internet.join('access', `to-${name}`);
    await host.defaultRoute(ACCESS);
    await host.address6('uplink', `${address6}/64`, ACCESS_6);
    await this.#capture(`to-${name}`);
    return { host, address, address6 };
  }

  /** A road warrior in a host that is there already. */
  async deviceIn(host: Host, name: string, auth: 'cert' | 'eap'): Promise<Device> {
    return new Device(name, host, await this.#enrol({ name, auth }, host), this.gateway);
  }

  /** What of all outer links a filter of tcpdump matches, one line each. */
  async captured(filter: string): Promise<string[]> {
    return (await Promise.all([...this.#captures.values()].map((capture) => capture.matching(filter)))).flat();
  }

  async #siteLan(router: Host, name: string, port: string, lan: string): Promise<SiteLan> {
    const host = await this.network.host(name);
    await this.network.link(
      { host: router, port, address: `${lan}.1/24` },
      { host, port: 'lan', address: `${lan}.10/24` },
    );
    await host.defaultRoute(`${lan}.1`);
    return { host, address: `${lan}.10` };
  }

  async #place(name: string, lan: Lan, kind: 'host' | 'router'): Promise<Host> {
    const host = await this.network.host(name, kind);
    const address = addressIn(lan, lan.hosts++);
    await this.network.link(
      { host: lan.router, port: `to-${name}` },
      { host, port: 'uplink', address: `${address}/24` },
    );
    await lan.router.join('inside', `to-${name}`);
    await host.defaultRoute(`${lan.inside}.1`);
    return host;
  }

  async #enrol(enrolment: Enrolment, host: Host, settings?: CharonSettings): Promise<StrongSwan> {
    const daemon = new StrongSwan(host, settings);
    await this.gateway.enrol(enrolment, daemon.configuration);
    daemon.changeConf(connectOnDemand);
    await daemon.start();
    await daemon.load();
    return daemon;
  }

  async #capture(port: string): Promise<void> {
    this.#captures.set(port, await Capture.start(this.internet, port));
  }
}

function addressIn(lan: Lan, index: number): string {
  return `${lan.inside}.${10 + index}`;
}

/** A profile may say that it connects by itself, as sites do: here the scenario says when. */
function connectOnDemand(conf: Section): void {
  const connection = sectionAt(conf, 'connections', firstSection(sectionAt(conf, 'connections')));
  const child = sectionAt(connection, 'children', firstSection(sectionAt(connection, 'children')));
  delete child.start_action;
  delete child.close_action;
}
