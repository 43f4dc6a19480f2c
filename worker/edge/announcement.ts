// What a network reaches, announced to the objects of its connected members: some at a time, from an alarm, so that no request waits for it
// and a restart loses nothing. Sites come and go seldom, so waking who sleeps is no harm here.

import { wakeBy } from './alarm.ts';
import { formatPrefix, parsePrefix } from '../../src/wire/prefix.ts';
import type { Prefix } from '../../src/wire/prefix.ts';
import type { LiveMember } from './registry.ts';

export interface AnnouncementPorts {
  readonly storage: DurableObjectStorage;
  /** Connected members by id. */
  page(after: string, limit: number): readonly LiveMember[];
  tell(member: LiveMember, reachable: readonly Prefix[]): Promise<unknown>;
  failed(member: LiveMember, thrown: unknown): void;
}

interface Pending {
  readonly prefixes: readonly string[];
  /** The last member that was told. */
  readonly after: string;
}

const KEY = 'announcement';
/** Several sites that are enrolled one after the other make one announcement. */
const DELAY_MS = 500;
/** Of one alarm, and of those at a time. */
const MEMBERS = 128;
const AT_ONCE = 16;

export class Announcement {
  readonly #ports: AnnouncementPorts;

  constructor(ports: AnnouncementPorts) {
    this.#ports = ports;
  }

  /** Begins anew, with all that the network reaches. */
  begin(prefixes: readonly string[], now: number): Promise<void> {
    this.#ports.storage.kv.put(KEY, { prefixes, after: '' } satisfies Pending);
    return wakeBy(this.#ports.storage, now + DELAY_MS);
  }

  /** Tells the next members. */
  async goOn(now: number): Promise<void> {
    const { storage, page } = this.#ports;
    const pending = storage.kv.get<Pending>(KEY);
    if (!pending) return;
    const members = page(pending.after, MEMBERS);
    for (let at = 0; at < members.length; at += AT_ONCE) {
      await Promise.all(members.slice(at, at + AT_ONCE).map((member) => this.#tell(member, pending.prefixes)));
    }
    // Another one may have begun meanwhile.
    const current = storage.kv.get<Pending>(KEY);
    if (current?.prefixes.join() !== pending.prefixes.join() || current.after !== pending.after) return;
    if (members.length < MEMBERS) {
      storage.kv.delete(KEY);
      return;
    }
    storage.kv.put(KEY, { ...pending, after: members.at(-1)!.member } satisfies Pending);
    await wakeBy(storage, now);
  }

  /** A site is not told of its own prefixes. */
  async #tell(member: LiveMember, prefixes: readonly string[]): Promise<void> {
    const own = new Set(member.prefixes.map(formatPrefix));
    const others = prefixes.filter((prefix) => !own.has(prefix)).map(parsePrefix);
    try {
      await this.#ports.tell(
        member,
        others.filter((prefix) => prefix !== null),
      );
    } catch (thrown) {
      this.#ports.failed(member, thrown);
    }
  }
}
