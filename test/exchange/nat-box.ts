// One NAT before the client, one before the gateway: just enough of each to move mappings and let them expire. RFC 4787 sections 4.1, 4.3, 5.

import type { Path } from '../../src/wire/path.ts';
import { address } from '../sim/initiator/identities.ts';
import type { Translator } from './pair.ts';

interface Mapping {
  readonly inside: { readonly address: Uint8Array; readonly port: number };
  readonly outside: number;
  usedAt: number;
}

/** Endpoint-independent mapping; only what a live mapping stands for comes in. */
export class NatBox implements Translator {
  /** As the gateway sees it. */
  address: Uint8Array;
  /** ms without anything from inside after which a mapping is forgotten. */
  lifetime: number;
  #next: number;
  #mappings: Mapping[] = [];

  constructor(outside: string, { lifetime = Number.POSITIVE_INFINITY, firstPort = 32_768 } = {}) {
    this.address = address(outside);
    this.lifetime = lifetime;
    this.#next = firstPort;
  }

  /** Forgets every mapping, as when it is switched off and on. */
  reboot(): void {
    this.#mappings = [];
  }

  out(path: Path, now: number): Path {
    const inside = { address: path.remoteAddress, port: path.remotePort };
    this.#expire(now);
    let mapping = this.#mappings.find((each) => sameEnd(each.inside, inside));
    if (mapping === undefined) {
      mapping = { inside, outside: this.#next++, usedAt: now };
      this.#mappings.push(mapping);
    }
    mapping.usedAt = now;
    return { ...path, remoteAddress: this.address, remotePort: mapping.outside };
  }

  in(path: Path, now: number): Path | null {
    this.#expire(now);
    const mapping = this.#mappings.find(({ outside }) => outside === path.remotePort);
    if (mapping === undefined || String(path.remoteAddress) !== String(this.address)) return null;
    return { ...path, remoteAddress: mapping.inside.address, remotePort: mapping.inside.port };
  }

  #expire(now: number): void {
    this.#mappings = this.#mappings.filter(({ usedAt }) => now - usedAt < this.lifetime);
  }
}

/** A 1:1 NAT before the gateway: clients dial one address, the gateway has another. */
export class GatewayNat implements Translator {
  readonly #own: Uint8Array;
  #dialled: Uint8Array | null = null;

  constructor(own = '10.99.0.2') {
    this.#own = address(own);
  }

  out(path: Path): Path {
    this.#dialled = path.localAddress;
    return { ...path, localAddress: this.#own };
  }

  in(path: Path): Path | null {
    return this.#dialled && { ...path, localAddress: this.#dialled };
  }
}

/** Both, the client's first. */
export function chain(first: Translator, second: Translator): Translator {
  const through = (path: Path | null, now: number, step: (path: Path, now: number) => Path | null) =>
    path && step(path, now);
  return {
    out: (path, now) => through(first.out(path, now), now, (p, at) => second.out(p, at)),
    in: (path, now) => through(second.in(path, now), now, (p, at) => first.in(p, at)),
  };
}

function sameEnd(a: Mapping['inside'], b: Mapping['inside']): boolean {
  return a.port === b.port && String(a.address) === String(b.address);
}
