// The set of local sockets: opened at the start, and kept in step with the addresses of the host.

import { networkInterfaces } from 'node:os';
import { parseAddress } from '../src/wire/address.ts';
import { PORT } from '../src/wire/ike-numbers.ts';
import { equal } from '../src/bytes/octets.ts';
import type { Path } from '../src/wire/path.ts';
import { isLoopback, listening, wantedAddresses } from './addresses.ts';
import type { Log } from './log.ts';
import type { Counts } from './metrics.ts';
import type { Options } from './options.ts';
import { pathMtuWarning } from './path-mtu.ts';
import { BindFailed, closeSocket, type LocalSocket, openSocket, type Receive } from './udp.ts';
import { type Batches, chooseBatches } from './udp-batches.ts';

export type SocketOptions = Pick<Options, 'listen' | 'portIke' | 'portNatT' | 'publicAddresses' | 'udp'>;

/** The relay cannot start; the message is a sentence for whoever started it. */
export class StartFailed extends Error {}

export class Sockets {
  readonly #options: SocketOptions;
  readonly #receive: Receive;
  readonly #counts: Counts;
  readonly #log: Log;
  readonly #byAddress = new Map<string, readonly LocalSocket[]>();
  readonly #complained = new Set<string>();
  #busy = false;
  #batches: Batches | null = null;

  constructor(options: SocketOptions, receive: Receive, counts: Counts, log: Log) {
    this.#options = options;
    this.#receive = receive;
    this.#counts = counts;
    this.#log = log;
  }

  /** Opens what can be had now. @throws StartFailed */
  async open(): Promise<void> {
    const wanted = this.#wanted();
    this.#checkPublicAddresses(wanted);
    await this.#chooseWay();
    for (const address of wanted) {
      const failure = await this.#openAddress(address);
      if (failure !== null && (this.#options.listen.includes(address) || !isPassing(failure))) {
        throw new StartFailed(this.#explain(failure));
      }
    }
    const open = this.listening();
    if (open.length === 0) throw new StartFailed('there is no local address to listen on');
    for (const { address, port } of open) this.#log.info(`listens on ${address} port ${port}`);
    if (this.#options.listen.length === 0 && !open.some(({ address }) => address.includes(':'))) {
      this.#log.warn('this host has no IPv6 address: clients reach the relay by IPv4 only');
    }
  }

  /** Follows the host: closes what has gone, opens what has come. */
  async follow(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const wanted = this.#wanted();
    for (const [address, sockets] of this.#byAddress) {
      if (wanted.includes(address) || sockets.every(({ handle }) => handle === null)) continue;
      this.#log.info(`${address} has gone`);
      for (const socket of sockets) closeSocket(socket);
    }
    for (const address of wanted) {
      if (this.#byAddress.get(address)?.every(({ handle }) => handle !== null)) continue;
      const failure = await this.#openAddress(address);
      if (failure === null) this.#log.info(`listens on ${address}`);
      else if (!this.#complained.has(address)) this.#log.warn(this.#explain(failure));
      if (failure === null) this.#complained.delete(address);
      else this.#complained.add(address);
    }
    this.#busy = false;
  }

  /** The socket that stands at the near end of a path, as peers know it. */
  find(path: Path): LocalSocket | null {
    for (const sockets of this.#byAddress.values()) {
      for (const socket of sockets) {
        if (socket.publicPort === path.localPort && equal(socket.publicAddress, path.localAddress)) return socket;
      }
    }
    return null;
  }

  listening(): LocalSocket[] {
    return [...this.#byAddress.values()].flat().filter(({ handle }) => handle !== null);
  }

  /** Those that are open, by how datagrams go through them. */
  ways(): Record<'batched' | 'single', number> {
    const open = [...this.#byAddress.values()].flat().filter(({ handle }) => handle !== null);
    const batched = open.filter(({ sender }) => sender !== null).length;
    return { batched, single: open.length - batched };
  }

  close(): void {
    for (const sockets of this.#byAddress.values()) for (const socket of sockets) closeSocket(socket);
  }

  async #chooseWay(): Promise<void> {
    const { udp } = this.#options;
    const batches = await chooseBatches(udp);
    if (typeof batches !== 'string') {
      this.#batches = batches;
      this.#log.info('UDP goes in batches (recvmmsg, sendmmsg)');
      return;
    }
    if (udp === 'batched')
      throw new StartFailed(
        `--udp batched is not possible: ${batches}; docs/operations.md says what it needs, and without --udp the relay serves all the same`,
      );
    this.#log.info(`UDP goes one datagram to a call: ${batches}`);
    const warning = pathMtuWarning();
    if (warning !== null) this.#log.warn(warning);
  }

  #wanted(): string[] {
    return wantedAddresses(listening(this.#options.listen), networkInterfaces());
  }

  /** @returns why not, or null. */
  async #openAddress(address: string): Promise<BindFailed | null> {
    const sockets = this.#byAddress.get(address) ?? this.#pair(address);
    this.#byAddress.set(address, sockets);
    try {
      for (const socket of sockets)
        if (socket.handle === null) await openSocket(socket, this.#receive, this.#counts, this.#batches);
      return null;
    } catch (error) {
      for (const socket of sockets) closeSocket(socket);
      if (error instanceof BindFailed) return error;
      throw error;
    }
  }

  #pair(address: string): LocalSocket[] {
    const publicAddress = parseAddress(this.#publicAddress(address));
    if (publicAddress === null) throw new StartFailed(`'${address}' is no address that clients could use`);
    const { portIke, portNatT } = this.#options;
    return [
      { address, port: portIke, publicAddress, publicPort: PORT.IKE, handle: null, sender: null },
      { address, port: portNatT, publicAddress, publicPort: PORT.NAT_T, handle: null, sender: null },
    ];
  }

  #publicAddress(address: string): string {
    const { publicAddresses } = this.#options;
    const named = publicAddresses.find(({ local }) => local === address);
    const only = publicAddresses.find((given) => given.local === null && sameFamily(given.address, address));
    return named?.address ?? (only !== undefined && !isLoopback(address) ? only.address : address);
  }

  /** A public address without a local one says something only where a single local one can be meant. */
  #checkPublicAddresses(wanted: readonly string[]): void {
    for (const given of this.#options.publicAddresses) {
      const meant = wanted.filter((address) => sameFamily(given.address, address) && !isLoopback(address));
      if (given.local === null && meant.length > 1) {
        throw new StartFailed(
          `--public-address ${given.address} could stand for any of ${meant.join(', ')}: write LOCAL=${given.address}`,
        );
      }
    }
  }

  #explain({ code, address, port }: BindFailed): string {
    const option = port === this.#options.portIke ? '--port-ike' : '--port-nat-t';
    if (code === 'EADDRINUSE') {
      return `UDP port ${port} of ${address} is taken by another program (an IKE daemon, another relay?): stop that, or choose another ${option}`;
    }
    if (code === 'EACCES') {
      return `no right to bind UDP port ${port}: run as root, or 'setcap cap_net_bind_service=+ep $(command -v node)', or 'sysctl net.ipv4.ip_unprivileged_port_start=${port}'`;
    }
    if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this host`;
    if (code === 'EAFNOSUPPORT') return `this host does not speak the family of ${address}`;
    return `UDP port ${port} of ${address} cannot be bound (${code})`;
  }
}

/** An address that the host lists and cannot bind yet, or no longer, or a family that is switched off. */
function isPassing({ code }: BindFailed): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

function sameFamily(a: string, b: string): boolean {
  return a.includes(':') === b.includes(':');
}
