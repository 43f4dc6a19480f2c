// Comings and goings that are still to be told to the control plane: kept by the object, handed over many at a time.

import type { ConnectionEvent } from './rpc.ts';

export interface OutboxPorts {
  readonly sql: SqlStorage;
  /** Takes all of them or throws; one that comes twice is taken once. */
  send(events: readonly ConnectionEvent[]): Promise<void>;
  failed(thrown: unknown, waiting: number): void;
}

/** Handed over by one write. */
const AT_ONCE = 100;
/** Kept while the control plane does not answer; the oldest are let go. */
const KEPT = 1_000;

export class ConnectionOutbox {
  readonly #ports: OutboxPorts;
  #sending: Promise<void> | null = null;

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
    ports.sql.exec('CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)');
  }

  add(event: ConnectionEvent): void {
    this.#ports.sql.exec('INSERT INTO outbox (event) VALUES (?)', JSON.stringify(event));
    this.#ports.sql.exec('DELETE FROM outbox WHERE id <= (SELECT max(id) FROM outbox) - ?', KEPT);
  }

  /** What comes while one write is under way goes with the next. After a failure, the rest waits for the next call. */
  flush(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #send(): Promise<void> {
    for (let rows = this.#waiting(); rows.length > 0; rows = this.#waiting()) {
      try {
        await this.#ports.send(rows.map(({ event }) => JSON.parse(event) as ConnectionEvent));
      } catch (thrown) {
        this.#ports.failed(thrown, rows.length);
        return;
      }
      this.#ports.sql.exec('DELETE FROM outbox WHERE id <= ?', rows.at(-1)!.id);
    }
  }

  #waiting(): { id: number; event: string }[] {
    return this.#ports.sql
      .exec<{ id: number; event: string }>('SELECT id, event FROM outbox ORDER BY id LIMIT ?', AT_ONCE)
      .toArray();
  }
}
