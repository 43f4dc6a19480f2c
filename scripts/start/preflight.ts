// What can be known to fail before anything is started: one sentence for each, with what to do about it.

import { createSocket } from 'node:dgram';
import { isIP, createServer } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { listening, wantedAddresses } from '../../relay/addresses.ts';
import { loadLibc } from '../../relay/libc.ts';
import { pathMtuWarning } from '../../relay/path-mtu.ts';
import type { StartOptions } from './options.ts';

export interface Preflight {
  /** Addresses that the relay will listen on. */
  readonly addresses: readonly string[];
  readonly problems: readonly string[];
  /** Worth saying, and no reason to stop. */
  readonly notices: readonly string[];
}

type Interfaces = NodeJS.Dict<Pick<NetworkInterfaceInfo, 'address' | 'family'>[]>;

/** Binds everything once and lets it go again. */
export async function preflight(
  options: StartOptions,
  interfaces: Interfaces = networkInterfaces(),
  pathMtu: () => Promise<string | null> = hostMayCut,
): Promise<Preflight> {
  const problems: string[] = [];
  const notices: string[] = [];
  const edge = await tryTcp(options.edgeListen, options.edgePort);
  if (edge) problems.push(tcpProblem(edge, options));
  const addresses = options.relay ? wantedAddresses(listening(options.listen), interfaces) : [];
  if (options.relay) {
    if (addresses.length === 0) problems.push(nowhere(options));
    else if (options.listen.length === 0 && !addresses.some((each) => isIP(each) === 6 && each !== '::1')) {
      notices.push('This machine has no IPv6 address: clients reach it over IPv4 only.');
    }
    const cut = await pathMtu();
    if (cut !== null) notices.push(`${cut}.`);
    for (const port of [options.portIke, options.portNatT]) {
      const failed = await firstFailure(addresses, port);
      if (failed) problems.push(udpProblem(failed, port));
    }
  }
  return { addresses, problems: [...new Set(problems)], notices };
}

/** Sockets that the relay makes itself do not listen to ICMP. */
async function hostMayCut(): Promise<string | null> {
  return typeof (await loadLibc()) === 'string' ? pathMtuWarning() : null;
}

interface Failure {
  readonly address: string;
  readonly code: string;
}

async function firstFailure(addresses: readonly string[], port: number): Promise<Failure | null> {
  for (const address of addresses) {
    const failure = await tryUdp(address, port);
    if (failure) return failure;
  }
  return null;
}

function tryUdp(address: string, port: number): Promise<Failure | null> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: isIP(address) === 6 ? 'udp6' : 'udp4', ipv6Only: isIP(address) === 6 });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve({ address, code: error.code ?? error.message });
    });
    socket.bind(port, address, () => socket.close(() => resolve(null)));
  });
}

function tryTcp(address: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, address, () => server.close(() => resolve(null)));
  });
}

function tcpProblem(code: string, { edgeListen, edgePort }: StartOptions): string {
  switch (code) {
    case 'EADDRINUSE':
      return `TCP port ${edgePort} on ${edgeListen} is taken by another program: give the edge another with --edge-port.`;
    case 'EACCES':
      return `No right to bind TCP port ${edgePort}: choose one above 1023 with --edge-port.`;
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return `${edgeListen} is no address of this machine${isIP(edgeListen) === 6 ? ' (or it has no IPv6)' : ''}: choose another with --edge-listen.`;
    default:
      return `The edge cannot listen on ${edgeListen} port ${edgePort}: ${code}.`;
  }
}

/** The program that needs the right to bind below 1024. */
const NODE = process.execPath;

export function udpProblem({ address, code }: Failure, port: number): string {
  const option = '--port-ike and --port-nat-t';
  switch (code) {
    case 'EADDRINUSE':
      return `UDP port ${port} on ${address} is taken by another program (an IKE daemon? 'ss -lunp' names it): stop it, or choose other ports with ${option}.`;
    case 'EACCES':
      return (
        `No right to bind UDP port ${port}, which is below 1024: run as root, or give node the right once with\n` +
        `  sudo setcap cap_net_bind_service=+ep ${NODE}\n` +
        `or choose ports above 1023 with ${option} (Windows, iOS and macOS clients only know 500 and 4500).`
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return isIP(address) === 6
        ? `This machine has no IPv6, or not the address ${address}: name another with --listen, or leave --listen out.`
        : `${address} is no address of this machine: name another with --listen, or leave --listen out.`;
    default:
      return `The relay cannot bind UDP port ${port} on ${address}: ${code}.`;
  }
}

function nowhere({ listen }: StartOptions): string {
  if (listen.length > 0 && listen.every((each) => isIP(each) === 6)) {
    return 'This machine has no IPv6 address to listen on: leave --listen out, or name an IPv4 address.';
  }
  return 'This machine has no address to listen on: bring a network interface up, or name an address with --listen.';
}
