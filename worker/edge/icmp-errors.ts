// What the gateway says in its own name to a peer: echo replies, and the errors that a router owes.

import type { Member } from '../../src/ike/pad.ts';
import type { IpView } from '../../src/wire/ip.ts';
import type { Undeliverable } from './forwarder.ts';

export class IcmpErrors {
  readonly #member: Member;
  constructor(member: Member) {
    this.#member = member;
  }
  answer(_view: IpView, _now: number): Uint8Array | null {
    void this.#member;
    return null;
  }
  refuse(_view: IpView, _why: Undeliverable, _now: number): Uint8Array | null {
    return null;
  }
}
