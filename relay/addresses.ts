// Which local addresses the relay listens on: one socket each, because a socket bound to all of them cannot tell which one was
// spoken to, and would answer from another.

import { isIP } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

export type Interfaces = NodeJS.Dict<Pick<NetworkInterfaceInfo, 'address' | 'family'>[]>;

/** What `--listen` asks for. A wildcard stands for every address of its family. */
export interface Listening {
  readonly addresses: readonly string[];
  readonly every: readonly ('IPv4' | 'IPv6')[];
}

/** @param listen addresses as given; none means every address of both families. */
export function listening(listen: readonly string[]): Listening {
  const every: ('IPv4' | 'IPv6')[] = [];
  if (listen.length === 0 || listen.includes('0.0.0.0')) every.push('IPv4');
  if (listen.length === 0 || listen.includes('::')) every.push('IPv6');
  return { addresses: listen.filter((address) => address !== '0.0.0.0' && address !== '::'), every };
}

/** The addresses wanted at this moment, each once. Link-local ones are left out: they mean nothing without an interface. */
export function wantedAddresses(wanted: Listening, interfaces: Interfaces): string[] {
  const found = new Set(wanted.addresses);
  for (const list of Object.values(interfaces)) {
    for (const { address, family } of list ?? []) {
      if (wanted.every.includes(family) && !isLinkLocal(address)) found.add(address);
    }
  }
  return [...found];
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || /^127\./.test(address);
}

export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address) || (isIP(address) === 4 && address.startsWith('169.254.'));
}
