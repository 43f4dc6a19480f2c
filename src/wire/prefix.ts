// An IP prefix, RFC 4632 and RFC 4291 section 2.3.

import { equal } from '../bytes/octets.ts';
import { type Address, formatAddress, parseAddress } from './address.ts';

export { type Address, formatAddress, parseAddress } from './address.ts';

export interface Prefix {
  /** Host bits are zero. */
  readonly address: Address;
  readonly length: number;
}

/** Reads `10.1.0.0/16` or `2001:db8::/32`. @returns null for anything else, also where host bits are set. */
export function parsePrefix(text: string): Prefix | null {
  const match = /^([0-9a-fA-F:.]+)\/(0|[1-9][0-9]{0,2})$/.exec(text);
  const address = match === null ? null : parseAddress(match[1]!);
  if (match === null || address === null) return null;
  const length = Number(match[2]);
  if (length > address.length * 8) return null;
  const prefix = maskPrefix(address, length);
  return equal(prefix.address, address) ? prefix : null;
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`;
}

/** The prefix of that length in which the address lies. */
export function maskPrefix(address: Address, length: number): Prefix {
  return { address: address.map((octet, i) => octet & maskOctet(length, i)), length };
}

/** False also where the families differ. */
export function contains(prefix: Prefix, address: Address): boolean {
  if (prefix.address.length !== address.length) return false;
  const whole = prefix.length >> 3;
  for (let i = 0; i < whole; i++) if (prefix.address[i] !== address[i]) return false;
  return (
    (prefix.length & 7) === 0 || ((prefix.address[whole]! ^ address[whole]!) & maskOctet(prefix.length, whole)) === 0
  );
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? contains(a, b.address) : contains(b, a.address);
}

/** First and last address. */
export function prefixRange(prefix: Prefix): { start: Address; end: Address } {
  return {
    start: prefix.address,
    end: prefix.address.map((octet, i) => octet | (0xff & ~maskOctet(prefix.length, i))),
  };
}

/** Octet i of the network mask of that length. */
function maskOctet(length: number, i: number): number {
  const bits = Math.max(0, Math.min(8, length - 8 * i));
  return 0xff & (0xff << (8 - bits));
}
