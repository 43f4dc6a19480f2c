// Fragments of packets whose first fragment was let through: they carry no ports to decide by.

import { fragmentId } from '../wire/fragment-id.ts';
import type { IpView } from '../wire/ip.ts';

const CAPACITY = 256;
/** RFC 791 section 3.2 and RFC 8200 section 4.5 give up putting together after 15 and 60 s; what comes so late is of no use to anybody. */
const PATIENCE_MS = 30_000;

export class FragmentTable {
  readonly #allowed = new Map<string, number>();

  /** The first fragment: what it is decided to be, the others are. */
  first(packet: IpView, allow: boolean, now: number): void {
    const key = keyOf(packet);
    this.#allowed.delete(key);
    if (!allow) return;
    if (this.#allowed.size >= CAPACITY) this.#allowed.delete(this.#allowed.keys().next().value!);
    this.#allowed.set(key, now);
  }

  /** Of a later fragment: false also where the first has not come before. */
  follows(packet: IpView, now: number): boolean {
    const at = this.#allowed.get(keyOf(packet));
    return at !== undefined && now - at <= PATIENCE_MS;
  }

  clear(): void {
    this.#allowed.clear();
  }
}

/** Only IPv4 counts the protocol in. */
function keyOf(packet: IpView): string {
  return `${fragmentId(packet)} ${packet.family === 4 ? packet.protocol : ''} ${packet.source} ${packet.destination}`;
}
