// A peer object's copy of the answers it was given: who has which addresses, for a minute at most.

import { PrefixTree } from '../../src/route/prefix-tree.ts';
import type { RouteEntry } from '../../src/route/network.ts';
import type { Prefix } from '../../src/wire/prefix.ts';
import type { Resolved, Standing } from './standing.ts';

const FRESH_MS = 60_000;
/** Nobody there, or not connected: soon asked again. */
const ABSENT_MS = 1_000;
/** An answer in use is asked for anew so long before it ends. */
const RENEW_MS = 5_000;
/** With more prefixes than these a copy starts over. */
const ENTRIES = 4_096;

export interface Known {
  readonly prefix: Prefix;
  readonly entry: RouteEntry | null;
  readonly standing: Standing | null;
  readonly until: number;
}

export class Router {
  #ipv4 = new PrefixTree<Known>();
  #ipv6 = new PrefixTree<Known>();

  get size(): number {
    return this.#ipv4.size + this.#ipv6.size;
  }

  /** @returns what is known of the address at `now`, or null when that must be asked. */
  lookup(address: Uint8Array, now: number): Known | null {
    const tree = this.#treeOf(address);
    for (;;) {
      const known = tree.lookup(address);
      if (known === null || known.until > now) return known;
      tree.remove(known.prefix);
    }
  }

  /** True when the answer is about to end and nothing hints that it would be another. */
  isDue(known: Known, now: number): boolean {
    return isPresent(known.entry) && known.until - now < RENEW_MS;
  }

  learn(answer: Resolved, now: number): Known {
    if (this.size >= ENTRIES) this.clear();
    const known = { ...answer, until: now + (isPresent(answer.entry) ? FRESH_MS : ABSENT_MS) };
    this.#treeOf(answer.prefix.address).insert(answer.prefix, known);
    return known;
  }

  /** Asked again for the next packet, unless another answer has come since. */
  forget(known: Known): void {
    const tree = this.#treeOf(known.prefix.address);
    if (tree.lookup(known.prefix.address) === known) tree.remove(known.prefix);
  }

  clear(): void {
    this.#ipv4 = new PrefixTree<Known>();
    this.#ipv6 = new PrefixTree<Known>();
  }

  #treeOf(address: Uint8Array): PrefixTree<Known> {
    return address.length === 4 ? this.#ipv4 : this.#ipv6;
  }
}

function isPresent(entry: RouteEntry | null): boolean {
  return entry !== null && (entry.kind === 'gateway' || entry.route !== null);
}
