// What a peer object keeps in its storage. Everything here is synchronous, so that a commit and its writes share one turn;
// the runtime holds whatever leaves the object until the writes of that turn are safe.

import { createHash } from 'node:crypto';
import type { Path } from '../../src/wire/path.ts';
import type { CoreCheckpoint, CoreMarks } from './peer-core.ts';
import { openAtRest, sealAtRest } from './at-rest.ts';
import type { KeptAccess } from './guard.ts';
import { writePlain } from './plain.ts';

/** What must survive everything, sealed: it holds keys. */
export interface Kept {
  readonly route: number;
  readonly checkpoint: CoreCheckpoint;
  /** The relay that was heard last. */
  readonly relay: string;
  /** The NAT keepalive that the relay was asked for. */
  readonly keepalive: { readonly path: Path; readonly seconds: number } | null;
}

const KEPT = 'kept';
const MARKS = 'marks';
const WINDOWS = 'windows';
const ACCESS = 'access';
const FLOWS = 'flows';

export class PeerStore {
  readonly #storage: DurableObjectStorage;
  readonly #key: Uint8Array;
  readonly #place: string;
  #lastKept = '';
  /** Undefined: not known to this instance. */
  #alarm: number | null | undefined;

  /** @param place names the object; what is sealed for another place does not open here. */
  constructor(storage: DurableObjectStorage, key: Uint8Array, place: string) {
    this.#storage = storage;
    this.#key = key;
    this.#place = place;
  }

  /** @returns undefined when nothing is kept, null when what is kept was sealed under another deployment key. */
  load(): Kept | null | undefined {
    const sealed = this.#storage.kv.get<Uint8Array>(KEPT);
    return sealed && (openAtRest(this.#key, this.#place, sealed) as Kept | null);
  }

  /** Writes only what has changed. */
  save(kept: Kept): void {
    const digest = createHash('sha256').update(writePlain(kept)).digest('base64');
    if (digest === this.#lastKept) return;
    this.#storage.kv.put(KEPT, sealAtRest(this.#key, this.#place, kept));
    this.#lastKept = digest;
  }

  /** Sequence numbers up to these marks may have been used. */
  marks(): CoreMarks {
    return this.#storage.kv.get<NonNullable<CoreMarks>>(MARKS) ?? null;
  }

  saveMarks(marks: NonNullable<CoreMarks>): void {
    this.#storage.kv.put(MARKS, marks);
  }

  /** Holds nothing back that leaves the object meanwhile. Settles when the write is safe. */
  async saveMarksBehind(marks: NonNullable<CoreMarks>): Promise<void> {
    await this.#storage.put(MARKS, marks, { allowUnconfirmed: true });
    await this.#storage.sync();
  }

  /** The windows of a peer that has no socket to hold them. */
  windows(): Uint8Array | null {
    return this.#storage.kv.get<Uint8Array>(WINDOWS) ?? null;
  }

  /** Null when a socket holds them from here on: what is stored would be old soon, and old windows let replays in. */
  saveWindows(windows: Uint8Array | null): void {
    if (windows) this.#storage.kv.put(WINDOWS, windows);
    else this.#storage.kv.delete(WINDOWS);
  }

  /** What the peer may reach, and who may reach it, where anything is denied. No secret. */
  access(): KeptAccess | null {
    return this.#storage.kv.get<KeptAccess>(ACCESS) ?? null;
  }

  saveAccess(kept: KeptAccess | null): void {
    if (kept) this.#storage.kv.put(ACCESS, kept);
    else this.#storage.kv.delete(ACCESS);
  }

  /** Flows that were let through, so that their answers are after waking, too. */
  flows(): Uint8Array | null {
    return this.#storage.kv.get<Uint8Array>(FLOWS) ?? null;
  }

  saveFlows(flows: Uint8Array): void {
    this.#storage.kv.put(FLOWS, flows);
  }

  /** Sets the alarm, or takes it away; a row is written only when it moves. */
  wakeAt(time: number | null): void {
    if (time === this.#alarm) return;
    this.#alarm = time;
    // Takes effect in this turn; the promise only tells that the write is safe, which the runtime waits for anyway.
    void (time === null ? this.#storage.deleteAlarm() : this.#storage.setAlarm(time));
  }

  /** The alarm has fired. */
  alarmFired(): void {
    this.#alarm = null;
  }

  forget(): void {
    this.#lastKept = '';
    this.#alarm = null;
    void this.#storage.deleteAlarm();
    void this.#storage.deleteAll();
  }
}
