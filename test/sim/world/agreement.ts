// What each client and the gateway have agreed to carry: the traffic selectors of every child SA, as the client has them (RFC 7296 section 2.9).

import { compare } from '../../../src/bytes/octets.ts';
import type { TrafficSelector } from '../../../src/wire/payload.ts';
import type { IpView } from '../../../src/wire/ip.ts';

export interface Terms {
  /** The gateway's SPI. */
  readonly peerSpi: number;
  readonly near: readonly TrafficSelector[];
  readonly far: readonly TrafficSelector[];
}

export class Agreement {
  /** Also of child SAs that are gone: their last packets may be on their way still. */
  readonly #terms = new Map<string, Set<Terms>>();

  add(member: string, terms: Terms): void {
    const known = this.#terms.get(member) ?? new Set();
    this.#terms.set(member, known.add(terms));
  }

  /** Whether the client has the child SA of that SPI of the gateway's: the answer that makes it may be on its way. */
  knows(member: string, spi: number): boolean {
    return [...(this.#terms.get(member) ?? [])].some(({ peerSpi }) => peerSpi === spi);
  }

  /** Whether any child SA was for this packet. @param from the member that sent it, or that it is for. */
  holds(member: string, view: IpView, direction: 'from' | 'to'): boolean {
    return [...(this.#terms.get(member) ?? [])].some(({ near, far }) => {
      const [sources, destinations] = direction === 'from' ? [near, far] : [far, near];
      return covers(sources, destinations, view);
    });
  }
}

export function covers(
  sources: readonly TrafficSelector[],
  destinations: readonly TrafficSelector[],
  view: IpView,
): boolean {
  return (
    within(sources, view.source, view.protocol, view.ports?.source ?? null) &&
    within(destinations, view.destination, view.protocol, view.ports?.destination ?? null)
  );
}

function within(selectors: readonly TrafficSelector[], at: Uint8Array, protocol: number, port: number | null): boolean {
  return selectors.some(
    (one) =>
      one.startAddress.length === at.length &&
      compare(one.startAddress, at) <= 0 &&
      compare(at, one.endAddress) <= 0 &&
      (one.protocol === 0 || one.protocol === protocol) &&
      (port === null || (one.startPort <= port && port <= one.endPort)),
  );
}
