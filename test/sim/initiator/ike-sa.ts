// One IKE SA as the client holds it: keys, message IDs, one request in flight, the cached response, fragments. RFC 7296 sections 2.1-2.3, RFC 7383.

import { concat } from '../../../src/bytes/octets.ts';
import { encrAlgorithm } from '../../../src/crypto/algorithms.ts';
import type { IkeKeys } from '../../../src/crypto/keymat.ts';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import { openSk, sealSk, skBodyLength } from '../../../src/crypto/sk.ts';
import type { IkeSuite } from '../../../src/crypto/suite.ts';
import { emitProtectedShell, type IkeMessage } from '../../../src/wire/ike-message.ts';
import type { Payload } from '../../../src/wire/payload.ts';
import { emitPayloads, parsePayloads } from '../../../src/wire/payloads.ts';

const IKE_HEADER = 28;
const SKF_HEADER = 8;

/** A request that waits for its response, with all that is needed to send it again. */
export interface Flight {
  readonly messageId: number;
  readonly messages: readonly Uint8Array[];
  readonly conclude: (payloads: readonly Payload[], now: number) => Promise<void>;
  nextAt: number;
  waitMs: number;
  tries: number;
}

/** A request that waits for its turn: the window is one. */
export interface Request {
  readonly exchange: number;
  /** Asked for when its turn has come; null when it is no longer wanted. */
  readonly payloads: (now: number) => Promise<readonly Payload[] | null>;
  /** `sa` is the IKE SA that it went out on: a queue moves on when its SA is rekeyed. */
  readonly conclude: (payloads: readonly Payload[], now: number, sa: IkeSa) => Promise<void>;
}

export interface Opened {
  readonly payloads: readonly Payload[];
  /** 0 for a message in one piece. */
  readonly fragments: number;
}

interface Partial {
  readonly total: number;
  readonly pieces: Map<number, Uint8Array>;
  first: number;
}

export class IkeSa {
  readonly SPIi: bigint;
  readonly SPIr: bigint;
  readonly suite: IkeSuite;
  readonly keys: IkeKeys;
  /** This client began the SA, so it is `i` in SPIi, SK_ai, SK_ei. */
  readonly original: boolean;
  readonly born: number;
  nextRequest: number;
  expectedRequest = 0;
  flight: Flight | null = null;
  readonly queue: Request[] = [];
  answered: { readonly messageId: number; readonly messages: readonly Uint8Array[] } | null = null;
  /** Both sides announced RFC 7383; then the largest message in octets. */
  fragmentOctets: number | null;
  /** Replaced by a newer IKE SA: its children have moved, it only waits for its deletion. */
  replacedAt: number | null = null;
  /** A Delete for it is on its way. */
  deleting = false;
  /** Ni of this client's rekeying of it that is under way. */
  rekeying: Uint8Array | null = null;
  /** The lower nonce of the gateway's rekeying of it, and the SA that came of that. */
  rekeyedByPeer: Uint8Array | null = null;
  replacement: IkeSa | null = null;
  readonly #primitives: Primitives;
  readonly #partial = new Map<string, Partial>();
  #sealed = 0n;

  constructor(
    primitives: Primitives,
    spis: { readonly SPIi: bigint; readonly SPIr: bigint },
    suite: IkeSuite,
    keys: IkeKeys,
    how: {
      readonly original: boolean;
      readonly fragmentOctets: number | null;
      readonly born: number;
      readonly nextRequest: number;
    },
  ) {
    this.#primitives = primitives;
    this.SPIi = spis.SPIi;
    this.SPIr = spis.SPIr;
    this.suite = suite;
    this.keys = keys;
    this.original = how.original;
    this.fragmentOctets = how.fragmentOctets;
    this.born = how.born;
    this.nextRequest = how.nextRequest;
  }

  get replaced(): boolean {
    return this.replacedAt !== null;
  }

  get ownSpi(): bigint {
    return this.original ? this.SPIi : this.SPIr;
  }

  /** @returns the message, or its fragments when it would be too large. */
  async seal(
    exchange: number,
    messageId: number,
    response: boolean,
    payloads: readonly Payload[],
  ): Promise<Uint8Array[]> {
    const { first, octets } = emitPayloads(payloads);
    const whole = IKE_HEADER + 4 + skBodyLength(this.suite, octets.length);
    if (this.fragmentOctets === null || whole <= this.fragmentOctets)
      return [await this.#sealOne(exchange, messageId, response, first, octets, null)];
    const room = this.#fragmentRoom(this.fragmentOctets);
    const total = Math.ceil(octets.length / room);
    const messages: Uint8Array[] = [];
    for (let number = 1; number <= total; number++) {
      const piece = octets.subarray((number - 1) * room, number * room);
      const inner = number === 1 ? first : 0;
      messages.push(await this.#sealOne(exchange, messageId, response, inner, piece, { number, total }));
    }
    return messages;
  }

  /** @returns null for what is not authentic, or when fragments are still missing. */
  async open(message: IkeMessage): Promise<Opened | null> {
    if (message.protected === null) return null;
    const plaintext = await openSk(this.#primitives, this.suite, this.#keys(!this.original), message);
    if (plaintext === null) return null;
    const { fragment, first } = message.protected;
    if (fragment === null) return { payloads: parsePayloads(first, plaintext), fragments: 0 };
    return this.#collect(message, fragment, first, plaintext);
  }

  async #sealOne(
    exchange: number,
    messageId: number,
    response: boolean,
    first: number,
    plaintext: Uint8Array,
    fragment: { readonly number: number; readonly total: number } | null,
  ): Promise<Uint8Array> {
    const header = { SPIi: this.SPIi, SPIr: this.SPIr, exchange, initiator: this.original, response, messageId };
    const part = { kind: fragment === null ? ('SK' as const) : ('SKF' as const), first, fragment };
    const shell = emitProtectedShell(header, part, skBodyLength(this.suite, plaintext.length));
    const { aead, ivOctets } = encrAlgorithm(this.suite.encr);
    const iv = aead ? this.#sealed++ : this.#primitives.random(ivOctets);
    return sealSk(this.#primitives, this.suite, this.#keys(this.original), shell, plaintext, iv);
  }

  #keys(ofInitiator: boolean) {
    const { SK_ei, SK_er, SK_ai, SK_ar } = this.keys;
    return ofInitiator ? { encr: SK_ei, integ: SK_ai } : { encr: SK_er, integ: SK_ar };
  }

  #fragmentRoom(limit: number): number {
    let room = limit - IKE_HEADER - SKF_HEADER;
    while (IKE_HEADER + SKF_HEADER + skBodyLength(this.suite, room) > limit) room--;
    return room;
  }

  /** RFC 7383 section 2.6: a larger total starts afresh, a smaller one is stale. */
  #collect(
    message: IkeMessage,
    fragment: { number: number; total: number },
    first: number,
    piece: Uint8Array,
  ): Opened | null {
    const key = `${message.header.messageId}/${message.header.response}`;
    let partial = this.#partial.get(key);
    if (partial === undefined || partial.total < fragment.total) {
      partial = { total: fragment.total, pieces: new Map(), first: 0 };
      this.#partial.set(key, partial);
    }
    if (fragment.total < partial.total) return null;
    if (fragment.number === 1) partial.first = first;
    partial.pieces.set(fragment.number, piece.slice());
    if (partial.pieces.size < partial.total) return null;
    this.#partial.delete(key);
    const ordered = [...partial.pieces].sort(([a], [b]) => a - b).map(([, octets]) => octets);
    return { payloads: parsePayloads(partial.first, concat(...ordered)), fragments: partial.total };
  }
}
