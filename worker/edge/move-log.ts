// Which moves of a peer's endpoint have not been told of yet (RFC 3947 section 8: "SHOULD AUDIT").

import type { Mapping, Move } from '../../src/peer/mapping.ts';

export class MoveLog {
  #told: number;

  /** @param mapping as it was stored; its moves have been told of. */
  constructor(mapping: Mapping | undefined) {
    this.#told = mapping?.moved ?? 0;
  }

  /** Those since the last time, the oldest first, as far as the mapping remembers them. */
  fresh(mapping: Mapping | undefined): readonly Move[] {
    if (mapping === undefined || mapping.moved <= this.#told) return [];
    const fresh = mapping.moves.slice(-(mapping.moved - this.#told));
    this.#told = mapping.moved;
    return fresh;
  }
}
