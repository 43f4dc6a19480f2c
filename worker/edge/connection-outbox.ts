// Comings and goings that are still to be told to the control plane: kept by the object, handed over many at a time.

import { wakeBy } from './alarm.ts';
import type { ConnectionEvent } from './rpc.ts';

export interface OutboxPorts {
  readonly storage: DurableObjectStorage;
  /** Takes all of them or throws; one that comes twice is taken once. */
  send(events: readonly ConnectionEvent[]): Promise<void>;
  failed(thrown: unknown, waiting: number): void;
}

/** Handed over by one write. */
const AT_ONCE = 100;
/** Kept while the control plane does not answer; the oldest are let go. */
const KEPT = 1_000;
/** After a failure they are handed over again after 5, 10, 20 ... seconds, ten minutes at most. */
const AGAIN_MS = 5_000;
const AGAIN_MOST_MS = 600_000;
const FAILURES = 'outbox-failures';

export class ConnectionOutbox {
  readonly #ports: OutboxPorts;
  #sending: Promise<void> | null = null;

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
    ports.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)',
    );
  }

  add(event: ConnectionEvent): void {
    this.#ports.storage.sql.exec('INSERT INTO outbox (event) VALUES (?)', JSON.stringify(event));
    this.#ports.storage.sql.exec('DELETE FROM outbox WHERE id <= (SELECT max(id) FROM outbox) - ?', KEPT);
  }

  /** What comes while one write is under way goes with the next. After a failure the rest waits for the next call, or for an alarm. */
  flush(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #send(): Promise<void> {
    const { kv } = this.#ports.storage;
    for (let rows = this.#waiting(); rows.length > 0; rows = this.#waiting()) {
      try {
        await this.#ports.send(rows.map(({ event }) => JSON.parse(event) as ConnectionEvent));
      } catch (thrown) {
        this.#ports.failed(thrown, rows.length);
        await this.#later();
        return;
      }
      if (kv.get(FAILURES) !== undefined) kv.delete(FAILURES);
      this.#ports.storage.sql.exec('DELETE FROM outbox WHERE id <= ?', rows.at(-1)!.id);
    }
  }

  async #later(): Promise<void> {
    const { storage } = this.#ports;
    const failures = storage.kv.get<number>(FAILURES) ?? 0;
    storage.kv.put(FAILURES, failures + 1);
    await wakeBy(storage, Date.now() + Math.min(AGAIN_MS * 2 ** failures, AGAIN_MOST_MS));
  }

  #waiting(): { id: number; event: string }[] {
    return this.#ports.storage.sql
      .exec<{ id: number; event: string }>('SELECT id, event FROM outbox ORDER BY id LIMIT ?', AT_ONCE)
      .toArray();
  }
}
