// A change of access on its way to all who are connected: the newest one only, to many at a time, and to nobody twice.

import type { AccessView } from '../../src/policy/view.ts';
import type { AccessBook } from './access-book.ts';
import type { Log } from './log.ts';
import { reasonOf } from './log.ts';
import type { Registry } from './registry.ts';

export interface AccessPorts {
  readonly storage: DurableObjectStorage;
  readonly registry: Registry;
  readonly book: AccessBook;
  readonly log: Log;
  /** Gives the view to the peer object of that route. */
  adopt(route: number, member: string, view: AccessView): Promise<unknown>;
}

/** The epoch of the policy that all who are connected were told last. */
const TOLD = 'told-epoch';
/** Peer objects that are told at the same time. */
const AT_ONCE = 64;

export class AccessRounds {
  readonly #ports: AccessPorts;
  /** Whoever asks meanwhile does not begin the same round again. */
  #telling: number | null = null;

  constructor(ports: AccessPorts) {
    this.#ports = ports;
  }

  /** Reads what is on record about access, and tells whoever is connected when it has changed. */
  async renew(): Promise<void> {
    const { storage, registry, book } = this.#ports;
    if (registry.network === '') return;
    try {
      await book.reload(Date.now());
    } catch {
      // Said by the book; whoever asks next reads again.
      return;
    }
    const { epoch } = book;
    // Kept, because the book is empty after each sleep: nobody is to be woken for what everybody was told before it.
    if (epoch === this.#telling || epoch === storage.kv.get<number>(TOLD)) return;
    this.#telling = epoch;
    await this.#round(epoch);
    if (book.epoch === epoch) storage.kv.put(TOLD, epoch);
  }

  /** Nothing where the member is not connected. */
  async tell(member: string): Promise<void> {
    const { registry, book, log, adopt } = this.#ports;
    const live = registry.of(member);
    if (!live) return;
    try {
      await adopt(live.route, member, await book.view(member, Date.now()));
    } catch (thrown) {
      log.warn('access-not-told', { route: live.route, reason: reasonOf(thrown) });
    }
  }

  /** Gives everybody the view of this epoch, unless there is a later one. Who is not reached finds out by an answer or a packet. */
  async #round(epoch: number): Promise<void> {
    const { registry, book } = this.#ports;
    const waiting = [...registry.members];
    // Where this fails, each is asked about as it is told, and that is said.
    await book.know(waiting, Date.now()).catch(() => {});
    const next = async () => {
      for (let member = waiting.pop(); member !== undefined && book.epoch === epoch; member = waiting.pop())
        await this.tell(member);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }
}
