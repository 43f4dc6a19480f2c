// A path-compressed binary tree of prefixes of one address family: the longest that holds an address, in one walk.

import type { Address, Prefix } from '../wire/prefix.ts';

interface Node<T> {
  readonly prefix: Prefix;
  /** Null in a fork, which only joins its two branches. */
  value: T | null;
  /** What continues the prefix with a 0 bit, and with a 1 bit. */
  readonly branches: [Node<T> | null, Node<T> | null];
}

export class PrefixTree<T extends object> {
  #root: Node<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns the value of the longest prefix that holds the address. */
  lookup(address: Address): T | null {
    let best: T | null = null;
    for (let node = this.#root; node !== null; ) {
      const { address: bits, length } = node.prefix;
      if (commonBits(bits, address, length) < length) break;
      if (node.value !== null) best = node.value;
      if (length === address.length * 8) break;
      node = node.branches[bitAt(address, length)];
    }
    return best;
  }

  /**
   * The same, with the length of the shortest prefix around the address in which every address has this answer: what may be kept
   * of it in a cache.
   */
  lookupAround(address: Address): { readonly value: T | null; readonly length: number } {
    let value: T | null = null;
    let parent: Node<T> | null = null;
    for (let node = this.#root; node !== null; ) {
      const { address: bits, length } = node.prefix;
      const common = commonBits(bits, address, length);
      if (common < length) return { value, length: common + 1 };
      if (node.value !== null) value = node.value;
      parent = node;
      if (length === address.length * 8) break;
      node = node.branches[bitAt(address, length)];
    }
    if (parent === null) return { value, length: 0 };
    const alone = parent.branches[0] === null && parent.branches[1] === null;
    return { value, length: parent.prefix.length + (alone ? 0 : 1) };
  }

  /** Replaces the value of a prefix that is there already. */
  insert(prefix: Prefix, value: T): void {
    const leaf: Node<T> = { prefix, value, branches: [null, null] };
    this.#root = this.#grafted(this.#root, leaf);
  }

  /** @returns whether the prefix was there. */
  remove(prefix: Prefix): boolean {
    const before = this.#size;
    this.#root = this.#pruned(this.#root, prefix);
    return this.#size < before;
  }

  #grafted(node: Node<T> | null, leaf: Node<T>): Node<T> {
    if (node === null) {
      this.#size++;
      return leaf;
    }
    const shared = sharedBits(node.prefix, leaf.prefix);
    if (shared === node.prefix.length && shared === leaf.prefix.length) {
      if (node.value === null) this.#size++;
      node.value = leaf.value;
      return node;
    }
    if (shared === node.prefix.length) {
      const side = bitAt(leaf.prefix.address, shared);
      node.branches[side] = this.#grafted(node.branches[side], leaf);
      return node;
    }
    this.#size++;
    if (shared === leaf.prefix.length) {
      leaf.branches[bitAt(node.prefix.address, shared)] = node;
      return leaf;
    }
    const fork: Node<T> = {
      prefix: { address: leaf.prefix.address, length: shared },
      value: null,
      branches: [null, null],
    };
    fork.branches[bitAt(node.prefix.address, shared)] = node;
    fork.branches[bitAt(leaf.prefix.address, shared)] = leaf;
    return fork;
  }

  #pruned(node: Node<T> | null, prefix: Prefix): Node<T> | null {
    if (node === null) return null;
    const { length } = node.prefix;
    if (sharedBits(node.prefix, prefix) < length) return node;
    if (length === prefix.length) {
      if (node.value !== null) this.#size--;
      node.value = null;
    } else {
      const side = bitAt(prefix.address, length);
      node.branches[side] = this.#pruned(node.branches[side], prefix);
    }
    if (node.value !== null) return node;
    const [zero, one] = node.branches;
    return zero !== null && one !== null ? node : (zero ?? one);
  }
}

function sharedBits(a: Prefix, b: Prefix): number {
  return commonBits(a.address, b.address, Math.min(a.length, b.length));
}

/** How many leading bits two addresses share, counted up to `limit`. */
function commonBits(a: Address, b: Address, limit: number): number {
  for (let octet = 0; octet * 8 < limit; octet++) {
    const difference = a[octet]! ^ b[octet]!;
    // clz32 counts from bit 31, an octet ends at bit 7.
    if (difference !== 0) return Math.min(limit, octet * 8 + Math.clz32(difference) - 24);
  }
  return limit;
}

const OCTET_BIT = [0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01];

function bitAt(address: Address, index: number): 0 | 1 {
  return (address[index >>> 3]! & OCTET_BIT[index & 7]!) === 0 ? 0 : 1;
}
