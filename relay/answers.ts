// What the relay says by itself: cookies (RFC 7296 section 2.6) and unprotected errors (section 2.21.4). Nothing is remembered, nothing
// is longer than what it answers, and no source gets more of it than its budget.

import {
  type CookieSecret,
  checkCookie,
  emitChallenge,
  type Hmac,
  type InitialRequest,
  makeCookie,
  type Source,
} from '../src/ike/cookie.ts';
import { answerInvalidIkeSpi, answerInvalidMajorVersion } from '../src/ike/stateless.ts';
import { parseAddress } from '../src/wire/address.ts';
import { addMarker, stripMarker } from '../src/wire/encap.ts';
import { PORT } from '../src/wire/ike-numbers.ts';
import type { Admission } from './admission.ts';
import { sourceOf } from './budget.ts';
import type { Counts, SENT } from './metrics.ts';
import type { LocalSocket } from './udp.ts';

/** Who sent a datagram, and through which socket. */
export interface Sender {
  readonly socket: LocalSocket;
  readonly address: string;
  readonly port: number;
}

export interface AnswersPorts {
  readonly admission: Admission;
  readonly counts: Counts;
  readonly hmac: Hmac;
  readonly cookieSecrets: () => readonly CookieSecret[];
  /** ms since 1970. */
  readonly wallClock: () => number;
  /** @returns false when the datagram was dropped, and counted. */
  readonly send: (socket: LocalSocket, octets: Uint8Array, address: string, port: number) => boolean;
}

export class Answers {
  readonly #ports: AnswersPorts;

  constructor(ports: AnswersPorts) {
    this.#ports = ports;
  }

  /** Whether the request's cookie is one of ours. */
  proves(request: InitialRequest, at: Source): boolean {
    const { hmac, cookieSecrets, wallClock } = this.#ports;
    return checkCookie(hmac, cookieSecrets(), request, at, wallClock());
  }

  challenge(sender: Sender, octets: Uint8Array, request: InitialRequest, at: Source): void {
    const { hmac, cookieSecrets, wallClock, counts } = this.#ports;
    const secret = cookieSecrets().find(({ notAfter }) => notAfter > wallClock());
    if (secret === undefined) counts.dropped['no-cookie-secret'] += 1;
    else this.#send(sender, octets, emitChallenge(request.SPIi, makeCookie(hmac, secret, request, at)), 'cookie');
  }

  /** Tells the sender of a request that its IKE SA is gone. */
  denyKnowledge(sender: Sender, octets: Uint8Array, now: number): void {
    this.#notify(sender, octets, answerInvalidIkeSpi(ikeIn(sender.socket, octets)), 'invalid-ike-spi', now);
  }

  /** Tells the sender of a request of a later major version which one we speak. */
  denyVersion(sender: Sender, octets: Uint8Array, now: number): void {
    this.#notify(sender, octets, answerInvalidMajorVersion(ikeIn(sender.socket, octets)), 'invalid-major-version', now);
  }

  #notify(sender: Sender, octets: Uint8Array, answer: Uint8Array | null, kind: Kind, now: number): void {
    const address = answer === null ? null : parseAddress(sender.address);
    if (answer === null || address === null || !this.#ports.admission.mayNotify(sourceOf(address), now)) return;
    this.#send(sender, octets, answer, kind);
  }

  #send({ socket, address, port }: Sender, request: Uint8Array, ike: Uint8Array, kind: Kind): void {
    const octets = socket.publicPort === PORT.IKE ? ike : addMarker(ike);
    if (octets.length > request.length) this.#ports.counts.dropped['answer-too-long'] += 1;
    else if (this.#ports.send(socket, octets, address, port)) this.#ports.counts.sent[kind] += 1;
  }
}

type Kind = (typeof SENT)[number];

/** The IKE message in a datagram. */
export function ikeIn(socket: LocalSocket, octets: Uint8Array): Uint8Array {
  return socket.publicPort === PORT.IKE ? octets : stripMarker(octets);
}
