// One child SA pair as the client holds it: RFC 7296 section 2.17 for its keys, RFC 4303 for its packets.

import type { Primitives } from '../../../src/crypto/primitives.ts';
import type { EspKeys, EspSuite } from '../../../src/crypto/suite.ts';
import { InboundSa } from '../../../src/esp/inbound.ts';
import { OutboundSa } from '../../../src/esp/outbound.ts';
import { ReplayWindow } from '../../../src/esp/replay-window.ts';
import { SequenceBlock } from '../../../src/esp/sequence.ts';
import type { TrafficSelector } from '../../../src/wire/payload.ts';

/** What one CREATE_CHILD_SA or IKE_AUTH agreed about a child SA. */
export interface ChildTerms {
  readonly ownSpi: number;
  readonly peerSpi: number;
  readonly suite: EspSuite;
  readonly inboundKeys: EspKeys;
  readonly outboundKeys: EspKeys;
  /** Of this client's side and of the far side, whoever began the exchange. */
  readonly near: readonly TrafficSelector[];
  readonly far: readonly TrafficSelector[];
  readonly born: number;
}

const EVERY_NUMBER = 2 ** 32;

export class ChildSa {
  readonly terms: ChildTerms;
  readonly inbound: InboundSa;
  readonly outbound: OutboundSa;
  /** A newer child carries the traffic; this one still receives until it is deleted. */
  replaced = false;
  /** A Delete for it is on its way. */
  deleting = false;
  /** False while the gateway may not have had the answer that made it. */
  confirmed = true;
  /** Ni of this client's rekeying of it that is under way. */
  rekeying: Uint8Array | null = null;
  /** The lower nonce of the gateway's rekeying of it, and the child that came of that. */
  rekeyedByPeer: Uint8Array | null = null;
  replacement: ChildSa | null = null;

  constructor(primitives: Primitives, terms: ChildTerms) {
    this.terms = terms;
    const inbound = { spi: terms.ownSpi, suite: terms.suite, keys: terms.inboundKeys };
    const outbound = { spi: terms.peerSpi, suite: terms.suite, keys: terms.outboundKeys };
    this.inbound = new InboundSa(primitives, inbound, new ReplayWindow());
    this.outbound = new OutboundSa(primitives, outbound, new SequenceBlock(1, EVERY_NUMBER));
  }
}
