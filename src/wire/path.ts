// A path: a relay's socket and the remote address that speaks to it. What the peer sees of NAT is a change of its remote half.

import { equal } from '../bytes/octets.ts';
import { formatAddress } from './prefix.ts';

export interface Path {
  /** 4 or 16 octets. */
  readonly localAddress: Uint8Array;
  readonly localPort: number;
  readonly remoteAddress: Uint8Array;
  readonly remotePort: number;
}

/** One outer UDP payload, with the non-ESP marker where the port asks for one. */
export interface Datagram {
  readonly path: Path;
  readonly octets: Uint8Array;
}

export function samePath(a: Path, b: Path): boolean {
  return (
    a === b ||
    (a.remotePort === b.remotePort &&
      a.localPort === b.localPort &&
      equal(a.remoteAddress, b.remoteAddress) &&
      equal(a.localAddress, b.localAddress))
  );
}

/** For people: `192.0.2.1:4500 - [2001:db8::7]:61234`, the relay's side first. */
export function formatPath(path: Path): string {
  return `${formatEndpoint(path.localAddress, path.localPort)} - ${formatEndpoint(path.remoteAddress, path.remotePort)}`;
}

/** `192.0.2.1:4500` or `[2001:db8::7]:4500`. */
export function formatEndpoint(address: Uint8Array, port: number): string {
  return address.length === 4 ? `${formatAddress(address)}:${port}` : `[${formatAddress(address)}]:${port}`;
}
