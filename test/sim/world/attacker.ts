// Somebody who sees every datagram that reaches a relay, has no keys, and sends what he likes from where he likes (RFC 3715 section 5).

import { Malformed } from '../../../src/bytes/malformed.ts';
import { concat, toHex } from '../../../src/bytes/octets.ts';
import { classify, addMarker, stripMarker } from '../../../src/wire/encap.ts';
import { espSpi } from '../../../src/wire/esp.ts';
import { parseIkeHeader } from '../../../src/wire/ike-header.ts';
import { emitIkeMessage } from '../../../src/wire/ike-message.ts';
import { ExchangeType, Notify, PORT, Protocol } from '../../../src/wire/ike-numbers.ts';
import type { Payload } from '../../../src/wire/payload.ts';
import { notify, u32 } from '../initiator/notify.ts';
import type { Endpoint, Internet, UdpPacket } from './internet.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';

const ATTACKER = '203.0.113.66';
const KEPT = 500;
/** Further ahead than any client has come. */
const AHEAD = 1_000_000;

export class Attacker {
  /** Datagrams as relays have seen them, the oldest first. */
  readonly overheard: UdpPacket[] = [];
  readonly #internet: Internet;
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #own = new Set<string>();

  constructor(internet: Internet, random: Random, ledger: Ledger) {
    this.#internet = internet;
    this.#random = random;
    this.#ledger = ledger;
    internet.attach(ATTACKER, { accept: (packet) => this.#receives(packet) });
  }

  overhears(packet: UdpPacket): void {
    if (this.#own.delete(endsOf(packet))) return;
    this.overheard.push(packet);
    if (this.overheard.length > KEPT) this.overheard.splice(0, KEPT / 5);
  }

  /** Anything at all: played again, altered or made up, from his own address or in the victim's name. */
  strike(): void {
    this.#random.pick([() => this.replay(), () => this.alter(), () => this.forgeEsp(), () => this.forgeIke()])();
  }

  /** Once more, from elsewhere. */
  replay(): void {
    this.#with(
      () => true,
      (packet) => packet.octets,
    );
  }

  /** One bit of it is another. */
  alter(): void {
    this.#with(isProtected, ({ octets }) => {
      const at = this.#random.below(octets.length);
      return octets.with(at, octets[at]! ^ (1 << this.#random.below(8)));
    });
  }

  /** The SPI is right, the sequence number is newer than any, and the rest is noise. */
  forgeEsp(): void {
    this.#with(
      ({ destination, octets }) => classify(destination.port, octets) === 'esp',
      ({ octets }) => concat(u32(espSpi(octets)), u32(AHEAD + this.#random.below(AHEAD)), this.#random.octets(64)),
    );
  }

  /** Unprotected Deletes, errors, addresses and NAT detection for an IKE SA that there is (RFC 7296 section 2.21.4). */
  forgeIke(): void {
    this.#with(isIkeOfAnSa, ({ destination, octets }) => {
      const { SPIi, SPIr, initiator, messageId } = parseIkeHeader(stripMarker(octets));
      const response = this.#random.chance(0.5);
      const head = { SPIi, SPIr, initiator, response, messageId: messageId + this.#random.below(3) };
      const exchange = this.#random.pick([
        ExchangeType.INFORMATIONAL,
        ExchangeType.IKE_AUTH,
        ExchangeType.CREATE_CHILD_SA,
      ]);
      const forged = emitIkeMessage({ ...head, exchange }, [this.#random.pick(FORGERIES)]);
      return destination.port === PORT.NAT_T ? addMarker(forged) : forged;
    });
  }

  /** "Fragmentation needed", as if a router had met ESP that was too long; it can only come as a datagram of UDP. */
  forgeIcmp(): void {
    this.#with(
      ({ destination, octets }) => classify(destination.port, octets) === 'esp',
      ({ octets }) => concat(Uint8Array.of(3, 4, 0, 0, 0, 0, 0, 68), octets.subarray(0, 8)),
    );
  }

  #with(wanted: (packet: UdpPacket) => boolean, make: (packet: UdpPacket) => Uint8Array): void {
    const found = this.overheard.filter(wanted);
    if (found.length === 0) return;
    const packet = this.#random.pick(found);
    const struck = { ...packet, source: this.#source(packet), octets: make(packet) };
    this.#own.add(endsOf(struck));
    this.#internet.send(struck);
  }

  /** Replies to a false source go to the victim's NAT. */
  #source({ source }: UdpPacket): Endpoint {
    const address = this.#random.chance(0.5) ? ATTACKER : source.address;
    return { address, port: this.#random.between(1024, 31_000) };
  }

  /** Whoever replays may get an IKE answer again that he has seen anyway; never a packet, and never a request. */
  #receives({ source, octets }: UdpPacket): void {
    const kind = classify(source.port, octets);
    if (kind === 'esp') this.#ledger.violate('ESP was sent to an address that only replayed');
    if (kind === 'keepalive') this.#ledger.violate('a keepalive was sent to an address that only replayed');
    if (kind === 'ike' && !parseIkeHeader(stripMarker(octets)).response)
      this.#ledger.violate('a request was sent to an address that only replayed');
  }
}

const FORGERIES: readonly Payload[] = [
  { type: 'D', protocol: Protocol.IKE, spis: [] },
  notify(Notify.INVALID_IKE_SPI),
  notify(Notify.AUTHENTICATION_FAILED),
  notify(Notify.UPDATE_SA_ADDRESSES),
  notify(Notify.NAT_DETECTION_SOURCE_IP, new Uint8Array(20)),
  notify(Notify.INITIAL_CONTACT),
];

/** First messages need no keys: an altered one may well begin a handshake of its own. What was altered is overheard, too. */
function isIkeOfAnSa({ destination, octets }: UdpPacket): boolean {
  if (classify(destination.port, octets) !== 'ike') return false;
  try {
    return parseIkeHeader(stripMarker(octets)).SPIr !== 0n;
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}

function isProtected(packet: UdpPacket): boolean {
  return classify(packet.destination.port, packet.octets) === 'esp' || isIkeOfAnSa(packet);
}

function endsOf({ source, octets }: UdpPacket): string {
  return `${source.address}#${source.port}/${octets.length}/${toHex(octets.subarray(-16))}`;
}
