// The far end of a child SA, with the child SA as IKE would have committed it.

import { ESP_HEADER_OCTETS } from '../../../src/wire/esp.ts';
import type { ChildSa } from '../../../src/ike/state.ts';
import type { EspSuite } from '../../../src/crypto/suite.ts';
import { InboundSa } from '../../../src/esp/inbound.ts';
import { OutboundSa } from '../../../src/esp/outbound.ts';
import { ReplayWindow } from '../../../src/esp/replay-window.ts';
import { SequenceBlock } from '../../../src/esp/sequence.ts';
import { EncrId, IntegId, KeId } from '../../../src/wire/ike-numbers.ts';
import type { Datagram, Path } from '../../../src/wire/path.ts';
import type { TrafficSelector } from '../../../src/wire/payload.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { address, everything } from '../../sim/initiator/identities.ts';

export const primitives = workerPrimitives();

export const GCM: EspSuite = {
  encr: EncrId.AES_GCM_16,
  encrKeyBits: 128,
  integ: IntegId.NONE,
  esn: false,
  ke: KeId.NONE,
};

export const ESN: EspSuite = { ...GCM, esn: true };

export interface ChildWish {
  readonly spiIn?: number;
  readonly spiOut?: number;
  readonly ours?: readonly TrafficSelector[];
  readonly theirs?: readonly TrafficSelector[];
  readonly suite?: EspSuite;
  readonly createdAt?: number;
  readonly sendAtOnce?: boolean;
  readonly deleting?: boolean;
}

export function childOf(wish: ChildWish = {}): ChildSa {
  const createdAt = wish.createdAt ?? 0;
  return {
    ike: 1n,
    spiIn: wish.spiIn ?? 0x0000_0a00,
    spiOut: wish.spiOut ?? 0x0000_b000,
    suite: wish.suite ?? GCM,
    keysIn: { encr: primitives.random(20), integ: new Uint8Array(0) },
    keysOut: { encr: primitives.random(20), integ: new Uint8Array(0) },
    ours: wish.ours ?? everything(),
    theirs: wish.theirs ?? everything(),
    createdAt,
    rekeyAt: createdAt + 1000,
    expiresAt: createdAt + 2000,
    sendAtOnce: wish.sendAtOnce ?? true,
    deleting: wish.deleting ?? false,
    replacedBy: null,
  };
}

/** Who sits at the other end of a child SA. */
export class FarEnd {
  readonly child: ChildSa;
  readonly outbound: OutboundSa;
  readonly inbound: InboundSa;

  constructor(child: ChildSa) {
    const { suite } = child;
    const sequence = new SequenceBlock(1, suite.esn ? Number.MAX_SAFE_INTEGER : 2 ** 32 - 1);
    this.child = child;
    this.outbound = new OutboundSa(primitives, { spi: child.spiIn, suite, keys: child.keysIn }, sequence);
    this.inbound = new InboundSa(primitives, { spi: child.spiOut, suite, keys: child.keysOut }, new ReplayWindow());
  }

  /** One datagram a packet. */
  async send(packets: readonly Uint8Array[], path: Path = PATH): Promise<Datagram[]> {
    const sealed = await this.outbound.seal(packets);
    return sealed.map((octets) => {
      if (typeof octets === 'string' || octets.length < ESP_HEADER_OCTETS) throw new Error('not sealed');
      return { path, octets: octets.slice() };
    });
  }

  async receive(datagrams: readonly Datagram[]): Promise<Uint8Array[]> {
    const opened = await this.inbound.open(datagrams.map(({ octets }) => octets));
    return opened.map((inner) => {
      if (typeof inner === 'string') throw new Error(inner);
      return inner.packet;
    });
  }
}

export const PATH: Path = {
  localAddress: address('192.0.2.1'),
  localPort: 4500,
  remoteAddress: address('198.51.100.7'),
  remotePort: 4500,
};

export function elsewhere(remotePort: number): Path {
  return { ...PATH, remotePort };
}
