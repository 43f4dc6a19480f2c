// What a network object knows of access: the policy in force, and the groups of those who were asked about.

import { LIMITS, type Party } from '../../src/policy/policy.ts';
import { type AccessView, compile } from '../../src/policy/view.ts';
import { type AccessRecord, NO_EPOCH, type Standing } from './standing.ts';

export interface BookPorts {
  /** Asks the control plane. */
  load(members: readonly string[]): Promise<AccessRecord>;
  connected(): readonly string[];
  failed(thrown: unknown): void;
}

/** What is on record is read again after so long, when somebody asks: a change that was not told is found then. */
const FRESH_MS = 60_000;
/** The same where it could not be read. */
const RETRY_MS = 1_000;
/** Members that are remembered beside as many as are connected, until the next reading. */
const REMEMBERED = 4_096;

export class AccessBook {
  readonly #ports: BookPorts;
  #record: AccessRecord | null = null;
  #groups = new Map<string, readonly string[]>();
  #freshUntil = 0;
  /** One reading at a time; each sees what was written before it began. */
  #reading: Promise<void> = Promise.resolve();

  constructor(ports: BookPorts) {
    this.#ports = ports;
  }

  get epoch(): number {
    return this.#record?.epoch ?? NO_EPOCH;
  }

  /** True when it may be older than a minute. */
  isDue(now: number): boolean {
    return now >= this.#freshUntil;
  }

  /** @throws when the control plane does not answer and nothing is known from before. */
  async standing(member: string, now: number): Promise<Standing> {
    while (!this.#knows(member)) await this.#learn([member], now);
    return { epoch: this.epoch, party: this.#party(member) };
  }

  /** Likewise. */
  async view(member: string, now: number): Promise<AccessView> {
    // Nothing is awaited between the last look and the view: policy and groups are of one epoch.
    while (!this.#knows(member)) await this.#learn([member], now);
    return compile(this.#record!.policy, this.#party(member), this.epoch);
  }

  /** Learns of many by one question. Likewise. */
  know(members: readonly string[], now: number): Promise<void> {
    return this.#learn(members, now);
  }

  /** Reads the record again, for those who are remembered; the old one stays when that cannot be. @throws when there is none. */
  reload(now: number): Promise<void> {
    return this.#read(() => this.#all(now));
  }

  #knows(member: string): boolean {
    return this.#record !== null && this.#groups.has(member);
  }

  #party(member: string): Party {
    return { member, groups: this.#groups.get(member)! };
  }

  #learn(members: readonly string[], now: number): Promise<void> {
    return this.#read(() => this.#some(members, now));
  }

  #read(work: () => Promise<void>): Promise<void> {
    const next = this.#reading.then(work);
    this.#reading = next.catch(() => {});
    return next;
  }

  async #all(now: number): Promise<void> {
    const members = this.#ports.connected().filter((member) => this.#groups.has(member));
    this.#freshUntil = now + FRESH_MS;
    try {
      this.#take(await this.#ports.load(members), members);
    } catch (thrown) {
      this.#ports.failed(thrown);
      this.#freshUntil = now + RETRY_MS;
      // Without a policy nobody knows what is denied.
      if (this.#record === null) throw thrown;
    }
  }

  /** After each sleep the book is empty: who has not been asked about is not read. */
  async #some(members: readonly string[], now: number): Promise<void> {
    const missing = members.filter((member) => !this.#groups.has(member));
    if (missing.length === 0) return;
    const record = await this.#loadFirst(missing);
    const hasRoom = this.#groups.size + missing.length <= REMEMBERED + this.#ports.connected().length;
    if (this.#record !== null && record.epoch === this.epoch && hasRoom) {
      for (const member of missing) this.#groups.set(member, groupsIn(record, member));
      return;
    }
    this.#freshUntil = now + FRESH_MS;
    const remembered = this.#ports.connected().filter((member) => this.#groups.has(member));
    if (remembered.length === 0) return this.#take(record, missing);
    const all = [...remembered, ...missing];
    this.#take(await this.#ports.load(all), all);
  }

  async #loadFirst(members: readonly string[]): Promise<AccessRecord> {
    try {
      return await this.#ports.load(members);
    } catch (thrown) {
      if (this.#record === null) this.#ports.failed(thrown);
      throw thrown;
    }
  }

  #take(record: AccessRecord, members: readonly string[]): void {
    this.#record = record;
    this.#groups = new Map(members.map((member) => [member, groupsIn(record, member)]));
  }
}

function groupsIn(record: AccessRecord, member: string): readonly string[] {
  return (record.groups.get(member) ?? []).slice(0, LIMITS.groupsOfMember);
}
