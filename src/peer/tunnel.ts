// One child SA at work: the inbound and the outbound ESP SA, and whether we send on it (RFC 4301 section 4.4.2).

import type { Primitives } from '../crypto/primitives.ts';
import { InboundSa } from '../esp/inbound.ts';
import { OutboundSa } from '../esp/outbound.ts';
import { ReplayWindow } from '../esp/replay-window.ts';
import { SequenceBlock } from '../esp/sequence.ts';
import { innerMtu } from '../esp/shape.ts';
import type { ChildSa } from '../ike/state.ts';
import { compileSelectors, type Selectors } from '../route/selectors.ts';
import { InboundReserve } from './inbound-reserve.ts';

export const WINDOW = 1024;
/** What the way outside carries, octets: Ethernet, from end to end. */
export const OUTER_MTU = 1500;

export class Tunnel {
  readonly inbound: InboundSa;
  readonly outbound: OutboundSa;
  readonly window = new ReplayWindow(WINDOW);
  readonly sequence = new SequenceBlock(1, 0);
  readonly ahead = new InboundReserve();
  readonly selectors: Selectors;
  /** The longest inner packet whose ESP fits the outer MTU, by the outer family, octets. */
  readonly longest: { readonly 4: number; readonly 6: number };
  child: ChildSa;
  /** The peer has been heard on it, so it has the keys. */
  heard: boolean;

  constructor(primitives: Primitives, child: ChildSa) {
    const { suite } = child;
    this.child = child;
    this.heard = child.sendAtOnce;
    this.inbound = new InboundSa(primitives, { spi: child.spiIn, suite, keys: child.keysIn }, this.window);
    this.outbound = new OutboundSa(primitives, { spi: child.spiOut, suite, keys: child.keysOut }, this.sequence);
    this.longest = { 4: innerMtu(OUTER_MTU, 4, suite), 6: innerMtu(OUTER_MTU, 6, suite) };
    this.selectors = compileSelectors(child.ours, child.theirs);
  }
}
