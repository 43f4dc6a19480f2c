// Traffic selectors as sets: narrowing what the peer proposes to what it may have (RFC 7296 section 2.9).

import { compare, equal } from '../bytes/octets.ts';
import type { TrafficSelector } from '../wire/payload.ts';
import { type Address, type Prefix, prefixRange } from '../wire/prefix.ts';
import { SELECTORS } from './limits.ts';

/** @returns the intersection of the two unions, without selectors that another one covers. Empty when they have nothing in common. */
export function narrow(proposed: readonly TrafficSelector[], allowed: readonly TrafficSelector[]): TrafficSelector[] {
  const result: TrafficSelector[] = [];
  for (const a of proposed) {
    for (const b of allowed) {
      const both = intersect(a, b);
      if (both === null || result.some((other) => covers(other, both))) continue;
      for (let i = result.length - 1; i >= 0; i--) if (covers(both, result[i]!)) result.splice(i, 1);
      result.push(ownCopy(both));
      if (result.length > SELECTORS) return result.slice(0, SELECTORS);
    }
  }
  return result;
}

/** Whether every selector of `inner` lies within one of `outer`. */
export function coversAll(outer: readonly TrafficSelector[], inner: readonly TrafficSelector[]): boolean {
  return inner.every((selector) => outer.some((other) => covers(other, selector)));
}

/** All protocols and ports of these addresses and prefixes. */
export function selectorsOf(addresses: readonly Address[], prefixes: readonly Prefix[]): TrafficSelector[] {
  const whole = (startAddress: Address, endAddress: Address): TrafficSelector => ({
    protocol: 0,
    startPort: 0,
    endPort: 65535,
    startAddress,
    endAddress,
  });
  return [
    ...addresses.map((address) => whole(address, address)),
    ...prefixes.map((prefix) => {
      const { start, end } = prefixRange(prefix);
      return whole(start, end);
    }),
  ];
}

/** What is kept of a message must not keep the message. */
export function ownCopy(selector: TrafficSelector): TrafficSelector {
  const { startAddress, endAddress } = selector;
  return { ...selector, startAddress: startAddress.slice(), endAddress: endAddress.slice() };
}

function intersect(a: TrafficSelector, b: TrafficSelector): TrafficSelector | null {
  if (a.startAddress.length !== b.startAddress.length) return null;
  if (a.protocol !== b.protocol && a.protocol !== 0 && b.protocol !== 0) return null;
  const startPort = Math.max(a.startPort, b.startPort);
  const endPort = Math.min(a.endPort, b.endPort);
  const startAddress = compare(a.startAddress, b.startAddress) >= 0 ? a.startAddress : b.startAddress;
  const endAddress = compare(a.endAddress, b.endAddress) <= 0 ? a.endAddress : b.endAddress;
  if (startPort > endPort || compare(startAddress, endAddress) > 0) return null;
  return { protocol: a.protocol || b.protocol, startPort, endPort, startAddress, endAddress };
}

function covers(outer: TrafficSelector, inner: TrafficSelector): boolean {
  const both = intersect(outer, inner);
  return (
    both !== null &&
    both.protocol === inner.protocol &&
    both.startPort === inner.startPort &&
    both.endPort === inner.endPort &&
    equal(both.startAddress, inner.startAddress) &&
    equal(both.endAddress, inner.endAddress)
  );
}
