// Who answers for which addresses inside one tenant network: the longest prefix wins.

import { type Address, maskPrefix, type Prefix } from '../wire/prefix.ts';
import { PrefixTree } from './prefix-tree.ts';

export type RouteEntry =
  /** A device or a site; `route` is the number of its peer object, null while it is not connected. */
  { readonly kind: 'member'; readonly member: string; readonly route: number | null } | { readonly kind: 'gateway' };

/** What a table answers for one address, and for every other address of that prefix. */
export interface RouteAnswer {
  readonly prefix: Prefix;
  readonly entry: RouteEntry | null;
}

export class RouteTable {
  readonly #ipv4 = new PrefixTree<RouteEntry>();
  readonly #ipv6 = new PrefixTree<RouteEntry>();

  /** How many prefixes there are. */
  get size(): number {
    return this.#ipv4.size + this.#ipv6.size;
  }

  /** Replaces the entry of a prefix that is there already. */
  insert(prefix: Prefix, entry: RouteEntry): void {
    this.#treeOf(prefix.address).insert(prefix, entry);
  }

  /** @returns whether the prefix was there. */
  remove(prefix: Prefix): boolean {
    return this.#treeOf(prefix.address).remove(prefix);
  }

  /** @returns the entry of the longest prefix that holds the address, or null when none does. */
  lookup(address: Address): RouteEntry | null {
    return this.#treeOf(address).lookup(address);
  }

  /** The same, with the whole prefix around the address for which it holds: a copy of it may be kept. */
  answer(address: Address): RouteAnswer {
    const { value, length } = this.#treeOf(address).lookupAround(address);
    return { entry: value, prefix: maskPrefix(address, length) };
  }

  #treeOf(address: Address): PrefixTree<RouteEntry> {
    return address.length === 4 ? this.#ipv4 : this.#ipv6;
  }
}
