// struct sockaddr_in and sockaddr_in6 of Linux (ip(7), ipv6(7)).

import { formatAddress, parseAddress } from '../src/wire/address.ts';

/** Room for either. */
export const SOCKADDR_OCTETS = 28;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** @returns its length in octets; 0 for what is no address, or has a scope. */
export function writeSockaddr(into: Buffer, address: string, port: number): number {
  const octets = parseAddress(address);
  if (octets === null) return 0;
  const six = octets.length === 16;
  into.fill(0);
  into.writeUInt16LE(six ? AF_INET6 : AF_INET, 0);
  into.writeUInt16BE(port, 2);
  into.set(octets, six ? 8 : 4);
  return six ? SOCKADDR_OCTETS : 16;
}

/** The address, as Node writes it. */
export function addressIn(name: Buffer): string {
  if (name[0] === AF_INET) return `${name[4]}.${name[5]}.${name[6]}.${name[7]}`;
  return formatAddress(name.subarray(8, 24));
}

export function portIn(name: Buffer): number {
  return name.readUInt16BE(2);
}
