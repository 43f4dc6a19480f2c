// IKE_SA_INIT from the client's side, with its two detours, cookie and wrong group: RFC 7296 sections 1.2, 2.6, 2.7, 2.23.

import { equal, fromHex } from '../../../src/bytes/octets.ts';
import { deriveIkeKeys } from '../../../src/crypto/keymat.ts';
import type { KeyExchange } from '../../../src/crypto/primitives.ts';
import { emitIkeMessage, type IkeMessage } from '../../../src/wire/ike-message.ts';
import { ExchangeType, Notify, Protocol } from '../../../src/wire/ike-numbers.ts';
import type { Payload, PayloadOf } from '../../../src/wire/payload.ts';
import { IkeSa } from './ike-sa.ts';
import {
  errorName,
  errorOf,
  findNotify,
  groupAskedFor,
  natHash,
  notifies,
  notify,
  readU64,
  saysAddress,
  u16,
} from './notify.ts';
import { faultOfChoice, ikeSuiteOf, keMethodsOf, proposalsOf } from './proposals.ts';
import type { Session } from './session.ts';

/** What AUTH will have to cover, and what was agreed on the way. */
export interface InitResult {
  readonly sa: IkeSa;
  readonly Ni: Uint8Array;
  readonly Nr: Uint8Array;
  /** The request that was answered with SA, KE, Nr, and that answer; without markers. */
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  /** What the gateway's SIGNATURE_HASH_ALGORITHMS listed. */
  readonly gatewayHashes: readonly number[] | null;
}

const MAX_DETOURS = 4;

export class Init {
  readonly #session: Session;
  readonly #done: (result: InitResult, now: number) => Promise<void>;
  readonly #SPIi: bigint;
  readonly #Ni: Uint8Array;
  #exchange: KeyExchange | null = null;
  #cookie: Uint8Array | null = null;
  #request = new Uint8Array(0);
  #detours = 0;

  constructor(session: Session, done: (result: InitResult, now: number) => Promise<void>) {
    const { primitives, nonceOctets } = session.options;
    this.#session = session;
    this.#done = done;
    this.#SPIi = readU64(primitives.random(8)) | 1n;
    this.#Ni = primitives.random(nonceOctets);
  }

  async start(now: number): Promise<void> {
    this.#session.phase = 'init';
    await this.#useGroup(this.#session.options.firstKe);
    this.#send(now);
  }

  /** An unprotected message is believed only as far as it must be: a wrong one is dropped and the wait goes on. */
  async receive(message: IkeMessage, now: number): Promise<void> {
    const { header, payloads } = message;
    const session = this.#session;
    if (header.SPIi !== this.#SPIi || !header.response || header.exchange !== ExchangeType.IKE_SA_INIT)
      return void session.journal.ignore('not an answer to IKE_SA_INIT');
    if (header.initiator || header.messageId !== 0)
      session.journal.complain('flags or message ID of IKE_SA_INIT response');
    if (header.SPIr !== 0n) session.checkRepeat(message);
    const { SPIi, SPIr, exchange, messageId, initiator, response } = header;
    const head = { SPIi, SPIr, exchange, messageId, initiator, response };
    session.journal.messages.push({
      direction: 'received',
      at: now,
      ...head,
      clear: payloads,
      inner: null,
      fragments: 0,
    });
    session.lastHeard = now;
    const cookie = findNotify(payloads, Notify.COOKIE);
    if (cookie !== null) return this.#retryWithCookie(cookie.data, now);
    const error = errorOf(payloads);
    if (error !== null && error.notify === Notify.INVALID_KE_PAYLOAD)
      return this.#retryWithGroup(groupAskedFor(error), now);
    if (error !== null) return session.close(errorName(error));
    await this.#conclude(message, now);
  }

  async #useGroup(method: number): Promise<void> {
    this.#exchange = await this.#session.options.primitives.keyExchange(method);
    if (this.#exchange === null) throw new Error(`this client cannot do key exchange method ${method}`);
  }

  #retryWithCookie(cookie: Uint8Array, now: number): void {
    if (cookie.length < 1 || cookie.length > 64) this.#session.journal.complain(`a cookie of ${cookie.length} octets`);
    if (this.#cookie !== null && equal(cookie, this.#cookie))
      return void this.#session.journal.ignore('the same cookie');
    this.#cookie = cookie.slice();
    if (this.#detours++ > MAX_DETOURS) this.#session.close('too many cookies');
    else this.#send(now);
  }

  async #retryWithGroup(method: number | null, now: number): Promise<void> {
    const session = this.#session;
    if (method === null || !keMethodsOf(session.options.ike).includes(method) || this.#detours++ > MAX_DETOURS) {
      session.journal.complain(`INVALID_KE_PAYLOAD asks for ${method}`);
      return session.close('INVALID_KE_PAYLOAD');
    }
    await this.#useGroup(method);
    this.#send(now);
  }

  #send(now: number): void {
    const session = this.#session;
    const payloads = this.#payloads();
    const head = {
      SPIi: this.#SPIi,
      SPIr: 0n,
      exchange: ExchangeType.IKE_SA_INIT,
      messageId: 0,
      initiator: true,
      response: false,
    };
    this.#request = emitIkeMessage(head, payloads).slice();
    session.opening = session.flight(0, [this.#request], async () => {}, now);
    session.journal.messages.push({ direction: 'sent', at: now, ...head, clear: payloads, inner: null, fragments: 0 });
    session.put([this.#request], now);
  }

  #payloads(): Payload[] {
    const { ike, natDetection, fragmentOctets, signatureHashes, vendorIds } = this.#session.options;
    const { method, publicValue } = this.#exchange!;
    const payloads: Payload[] = [];
    if (this.#cookie !== null) payloads.push(notify(Notify.COOKIE, this.#cookie));
    payloads.push({ type: 'SA', proposals: proposalsOf(Protocol.IKE, ike, new Uint8Array(0)) });
    payloads.push({ type: 'KE', method, data: publicValue }, { type: 'NONCE', data: this.#Ni });
    if (natDetection !== 'none') payloads.push(...natDetectionOf(this.#session, this.#SPIi, 0n));
    if (fragmentOctets !== null) payloads.push(notify(Notify.IKEV2_FRAGMENTATION_SUPPORTED));
    if (signatureHashes !== null) payloads.push(notify(Notify.SIGNATURE_HASH_ALGORITHMS, hashList(signatureHashes)));
    for (const data of vendorIds) payloads.push({ type: 'V', data });
    return payloads;
  }

  async #conclude(message: IkeMessage, now: number): Promise<void> {
    const session = this.#session;
    const { payloads } = message;
    const SA = only(payloads, 'SA');
    const KE = only(payloads, 'KE');
    const nonce = only(payloads, 'NONCE');
    const proposal = SA?.proposals[0];
    if (SA === null || KE === null || nonce === null || proposal === undefined)
      return session.journal.complain('IKE_SA_INIT response without SA, KE or nonce');
    const offered = proposalsOf(Protocol.IKE, session.options.ike, new Uint8Array(0));
    const fault = faultOfChoice(SA.proposals, offered) ?? this.#faultOf(message, KE, nonce.data);
    if (fault !== null) {
      session.journal.complain(fault);
      return session.close('IKE_SA_INIT response not acceptable');
    }
    const suite = ikeSuiteOf(proposal);
    if (suite.ke !== KE.method) return session.journal.complain('the chosen group is not that of KEr');
    const shared = await this.#exchange!.agree(KE.data);
    if (shared === null) return session.close('KEr is not a public value');
    const seed = { Ni: this.#Ni, Nr: nonce.data.slice(), shared, SPIi: this.#SPIi, SPIr: message.header.SPIr };
    const keys = deriveIkeKeys(session.options.primitives, suite, seed);
    const fragmentOctets =
      findNotify(payloads, Notify.IKEV2_FRAGMENTATION_SUPPORTED) === null ? null : session.options.fragmentOctets;
    const how = { original: true, fragmentOctets, born: now, nextRequest: 1 };
    const sa = new IkeSa(session.options.primitives, seed, suite, keys, how);
    this.#detectNat(message);
    session.opening = null;
    session.sas = [sa];
    const { Ni, Nr } = seed;
    const gatewayHashes = hashesOf(payloads);
    await this.#done({ sa, Ni, Nr, request: this.#request, response: message.octets.slice(), gatewayHashes }, now);
  }

  #faultOf(message: IkeMessage, KE: PayloadOf<'KE'>, Nr: Uint8Array): string | null {
    if (message.header.SPIr === 0n) return 'SPIr is zero';
    if (Nr.length < 16 || Nr.length > 256) return `a nonce of ${Nr.length} octets`;
    if (KE.method !== this.#exchange!.method) return `KEr of group ${KE.method}`;
    if (KE.data.length !== this.#exchange!.publicValue.length) return `KEr of ${KE.data.length} octets`;
    const announced = findNotify(message.payloads, Notify.IKEV2_FRAGMENTATION_SUPPORTED) !== null;
    if (announced && this.#session.options.fragmentOctets === null)
      return 'fragmentation announced to a client without it';
    return null;
  }

  /** RFC 7296 section 2.23: with a NAT on either side, everything moves to port 4500. */
  #detectNat(message: IkeMessage): void {
    const session = this.#session;
    const { primitives, natDetection } = session.options;
    const sources = notifies(message.payloads).filter((payload) => payload.notify === Notify.NAT_DETECTION_SOURCE_IP);
    const destination = findNotify(message.payloads, Notify.NAT_DETECTION_DESTINATION_IP);
    if (natDetection === 'none') return;
    if (sources.length === 0 || destination === null) {
      session.journal.complain('IKE_SA_INIT response without NAT detection');
      return;
    }
    const { SPIr } = message.header;
    const { localAddress, localPort, remoteAddress, remotePort } = session.path();
    const theirs = natHash(primitives, this.#SPIi, SPIr, remoteAddress, remotePort);
    const ours = natHash(primitives, this.#SPIi, SPIr, localAddress, localPort);
    session.natThere = !sources.some((payload) => saysAddress(payload, theirs));
    session.natHere = !saysAddress(destination, ours);
    session.seenAs = { SPIr, hash: destination.data.slice() };
    if (session.natHere || session.natThere || natDetection === 'pretend') session.encapsulated = true;
  }
}

/** NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP as the client sees its own path. */
export function natDetectionOf(session: Session, SPIi: bigint, SPIr: bigint): Payload[] {
  const { primitives, natDetection } = session.options;
  const { localAddress, localPort, remoteAddress, remotePort } = session.path();
  const source = natDetection === 'pretend' ? fromHex('00000000') : localAddress;
  return [
    notify(Notify.NAT_DETECTION_SOURCE_IP, natHash(primitives, SPIi, SPIr, source, localPort)),
    notify(Notify.NAT_DETECTION_DESTINATION_IP, natHash(primitives, SPIi, SPIr, remoteAddress, remotePort)),
  ];
}

/** The one payload of a type, or null when it is absent or there are several. */
export function only<T extends Payload['type']>(payloads: readonly Payload[], type: T): PayloadOf<T> | null {
  const found = payloads.filter((payload): payload is PayloadOf<T> => payload.type === type);
  return found.length === 1 ? (found[0] ?? null) : null;
}

function hashList(hashes: readonly number[]): Uint8Array {
  return new Uint8Array(hashes.flatMap((hash) => [...u16(hash)]));
}

function hashesOf(payloads: readonly Payload[]): number[] | null {
  const list = findNotify(payloads, Notify.SIGNATURE_HASH_ALGORITHMS)?.data;
  if (list === undefined) return null;
  return Array.from({ length: list.length >> 1 }, (_, index) => list[2 * index]! * 256 + list[2 * index + 1]!);
}
