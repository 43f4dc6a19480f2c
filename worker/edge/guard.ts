// Access as one peer object enforces it: the view that its network object gave it, in both directions, and what it does about packets
// that are denied. What it holds is stored with the peer.

import { FlowTable } from '../../src/policy/flow-table.ts';
import { Gate } from '../../src/policy/gate.ts';
import type { Verdict } from '../../src/policy/policy.ts';
import type { AccessView } from '../../src/policy/view.ts';
import { ErrorReplies } from '../../src/route/errors.ts';
import { equal } from '../../src/bytes/octets.ts';
import { type IpView, parseIp } from '../../src/wire/ip.ts';
import type { Address } from '../../src/wire/prefix.ts';
import { NO_EPOCH, type Standing } from './standing.ts';

export interface GuardPorts {
  /** Asks the network object, on behalf of whom the object holds at present. */
  view(): Promise<AccessView>;
  standing(member: string): Promise<Standing>;
  store: GuardStore;
  drop(reason: string, count: number): void;
}

export interface GuardStore {
  access(): KeptAccess | null;
  /** Null while nothing is denied: then nothing needs to be kept. */
  saveAccess(kept: KeptAccess | null): void;
  flows(): Uint8Array | null;
  saveFlows(flows: Uint8Array): void;
}

export interface KeptAccess {
  readonly view: AccessView;
  /** Until when nothing was denied, ms. */
  readonly openUntil: number;
}

export interface Admitted {
  readonly packets: readonly Uint8Array[];
  /** What the senders of the others are told. */
  readonly replies: readonly Uint8Array[];
}

export const PROHIBITED = { kind: 'unreachable', why: 'prohibited' } as const;

/** New flows are noted so long after the first of them, all in one write. */
const NOTE_MS = 5_000;
/** Senders whose standing had to be asked for. */
const ASKED = 256;

export class Guard {
  readonly #ports: GuardPorts;
  #member: string | null = null;
  #gate: Gate | null = null;
  #wasOpen = false;
  #fetching: Promise<void> | null = null;
  #asked = new Map<string, Promise<Standing>>();
  #errors: { readonly gateway: readonly Address[]; readonly replies: ErrorReplies } | null = null;
  #noting = false;

  constructor(ports: GuardPorts) {
    this.#ports = ports;
  }

  /** Stands before this member from here on. @param woke it was there before: then nothing was denied where nothing is stored. */
  begin(member: string, woke: boolean): void {
    if (this.#member === member) return;
    this.forget();
    this.#member = member;
    this.#wasOpen = woke;
    const kept = woke ? this.#ports.store.access() : null;
    if (kept?.view.party.member !== member) return;
    const flows = new FlowTable();
    const noted = this.#ports.store.flows();
    if (noted) flows.restore(noted);
    this.#gate = new Gate(kept.view, flows, kept.openUntil);
  }

  /** Nothing is denied. False while nothing is known. */
  get open(): boolean {
    return this.#gate?.open ?? false;
  }

  get epoch(): number {
    return this.#gate?.view.epoch ?? NO_EPOCH;
  }

  get flows(): number {
    return this.#gate?.flows.size ?? 0;
  }

  /** What goes with packets to whom they are for. */
  get standing(): Standing {
    return { epoch: this.epoch, party: this.#gate?.view.party ?? { member: this.#member ?? '', groups: [] } };
  }

  /** Takes a view of the member, unless it has a later one. */
  adopt(view: AccessView, now: number): void {
    if (view.party.member !== this.#member || view.epoch <= this.epoch) return;
    if (this.#gate) this.#gate.replace(view, now);
    else this.#gate = new Gate(view, new FlowTable(), this.#wasOpen ? now : Number.NEGATIVE_INFINITY);
    this.#asked = new Map();
    this.#ports.store.saveAccess(this.open ? null : { view, openUntil: this.#gate.openUntil });
  }

  /** The peer is gone, and with it all that was kept. */
  forget(): void {
    this.#member = null;
    this.#gate = null;
    this.#asked = new Map();
  }

  /** Has a view of that epoch, or of a later one. @throws when the network object does not answer. */
  async atLeast(epoch: number): Promise<void> {
    if (this.#gate !== null && this.epoch >= epoch) return;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = null;
    });
    await this.#fetching;
  }

  /**
   * About a packet that the member sends. What the gateway says in its own name is nobody's to deny.
   * @param to as of this guard's epoch.
   */
  passes(packet: IpView, gateway: readonly Address[], to: Standing, now: number): boolean {
    return this.open || this.#decide(packet, 'out', gateway, to, now);
  }

  /**
   * About packets for the member.
   * @param from as the sender's object knows it. If that is behind, the network object is asked; if this one is, it takes the later view.
   */
  async admit(
    packets: readonly Uint8Array[],
    gateway: readonly Address[],
    from: Standing,
    now: number,
  ): Promise<Admitted> {
    const sender = await this.#abreast(from);
    const passed: Uint8Array[] = [];
    const replies: Uint8Array[] = [];
    for (const octets of packets) {
      const view = parseIp(octets);
      if (view === null) this.#ports.drop('not-ip', 1);
      else if (this.open || this.#decide(view, 'in', gateway, sender, now)) passed.push(octets);
      else this.#tell(view, gateway, replies, now);
    }
    return { packets: passed, replies };
  }

  #decide(packet: IpView, direction: 'in' | 'out', gateway: readonly Address[], other: Standing, now: number): boolean {
    if (gateway.some((address) => equal(address, packet.source))) return true;
    const gate = this.#gate!;
    const verdict = gate.pass(packet, direction, other.party, now);
    if (gate.flows.dirty) this.#note();
    if (!verdict.allow) this.#ports.drop(reasonOf(verdict), 1);
    return verdict.allow;
  }

  #tell(packet: IpView, gateway: readonly Address[], replies: Uint8Array[], now: number): void {
    if (this.#errors?.gateway !== gateway) this.#errors = { gateway, replies: new ErrorReplies(gateway) };
    const reply = this.#errors.replies.about(packet, PROHIBITED, now);
    if (reply) replies.push(reply);
  }

  /** Brings both to one epoch. */
  async #abreast(from: Standing): Promise<Standing> {
    await this.atLeast(from.epoch);
    if (this.open || from.epoch === this.epoch) return from;
    const { member } = from.party;
    let asked = this.#asked.get(member);
    if (!asked) {
      if (this.#asked.size >= ASKED) this.#asked.clear();
      asked = this.#ports.standing(member);
      this.#asked.set(member, asked);
      asked.catch(() => this.#asked.delete(member));
    }
    const standing = await asked;
    await this.atLeast(standing.epoch);
    return standing;
  }

  async #fetch(): Promise<void> {
    this.adopt(await this.#ports.view(), Date.now());
  }

  /** What wakes shall know the flows that are under way. */
  #note(): void {
    if (this.#noting) return;
    this.#noting = true;
    setTimeout(() => {
      this.#noting = false;
      const flows = this.#gate?.flows;
      if (flows?.dirty) this.#ports.store.saveFlows(flows.snapshot(Date.now()));
    }, NOTE_MS);
  }
}

function reasonOf({ rule }: Verdict): string {
  return `policy:${rule ?? 'default'}`;
}
