// Stateless cookies against floods of IKE_SA_INIT requests, RFC 7296 section 2.6.

import { concat, equalConstantTime } from '../bytes/octets.ts';
import type { Primitives } from '../crypto/primitives.ts';
import { parseIkeMessage } from '../wire/ike-message.ts';
import { emitIkeMessage } from '../wire/ike-message.ts';
import { ExchangeType, Notify } from '../wire/ike-numbers.ts';

/*
   HDR(A,0), SAi1, KEi, Ni             -->
                                       <--  HDR(A,0), N(COOKIE)
   HDR(A,0), N(COOKIE), SAi1, KEi, Ni  -->
*/

/** Shared by all relays of a deployment, so that a cookie of one is good at another. */
export interface CookieSecret {
  /** 0 to 255: says which secret a cookie was made with. */
  readonly version: number;
  readonly secret: Uint8Array;
  /** ms; cookies made with it are refused afterwards. */
  readonly notAfter: number;
}

/** What a cookie is bound to, and the cookie that came along. */
export interface InitialRequest {
  readonly SPIi: bigint;
  readonly Ni: Uint8Array;
  readonly cookie: Uint8Array | null;
}

/** Where a request came from: 4 or 16 octets, and the port. */
export interface Source {
  readonly address: Uint8Array;
  readonly port: number;
}

export type Hmac = Primitives['hmac'];

/** Octets of a cookie; RFC 7296 allows 1 to 64. */
export const COOKIE_OCTETS = 17;

/**
 * Reads as much of a request as the stateless door needs.
 * @param ike without non-ESP marker.
 * @returns null for anything that is not a well-formed first message of a handshake.
 */
export function readInitialRequest(ike: Uint8Array): InitialRequest | null {
  let message: ReturnType<typeof parseIkeMessage>;
  try {
    message = parseIkeMessage(ike);
  } catch {
    return null;
  }
  const { exchange, initiator, response, SPIi, SPIr, messageId } = message.header;
  if (exchange !== ExchangeType.IKE_SA_INIT || !initiator || response || SPIi === 0n || SPIr !== 0n || messageId !== 0)
    return null;
  let Ni: Uint8Array | null = null;
  let cookie: Uint8Array | null = null;
  for (const payload of message.payloads) {
    if (payload.type === 'NONCE') Ni = payload.data;
    if (payload.type === 'N' && payload.notify === Notify.COOKIE) cookie = payload.data;
  }
  return Ni === null ? null : { SPIi, Ni, cookie };
}

/** Cookie = version | HMAC-SHA-256(secret, length of IPi | IPi | port | SPIi | Ni), the first 16 octets of it. */
export function makeCookie(hmac: Hmac, secret: CookieSecret, request: InitialRequest, source: Source): Uint8Array {
  // The length keeps an IPv4 address and a nonce from passing for an IPv6 address and a shorter nonce.
  const fixed = new DataView(new ArrayBuffer(11));
  fixed.setUint8(0, source.address.length);
  fixed.setUint16(1, source.port);
  fixed.setBigUint64(3, request.SPIi);
  const mac = hmac('sha256', secret.secret, new Uint8Array(fixed.buffer), source.address, request.Ni);
  return concat(Uint8Array.of(secret.version & 0xff), mac.subarray(0, COOKIE_OCTETS - 1));
}

/** Whether the request's cookie was made for this source, SPIi and Ni with a secret that is still good at `now` (ms). */
export function checkCookie(
  hmac: Hmac,
  secrets: readonly CookieSecret[],
  request: InitialRequest,
  source: Source,
  now: number,
): boolean {
  const { cookie } = request;
  if (cookie === null || cookie.length !== COOKIE_OCTETS) return false;
  const secret = secrets.find(({ version, notAfter }) => (version & 0xff) === cookie[0] && now <= notAfter);
  return secret !== undefined && equalConstantTime(cookie, makeCookie(hmac, secret, request, source));
}

/** HDR(A,0), N(COOKIE), without non-ESP marker. */
export function emitChallenge(SPIi: bigint, cookie: Uint8Array): Uint8Array {
  return emitIkeMessage(
    { SPIi, SPIr: 0n, exchange: ExchangeType.IKE_SA_INIT, initiator: false, response: true, messageId: 0 },
    [{ type: 'N', notify: Notify.COOKIE, protocol: 0, spi: new Uint8Array(0), data: cookie }],
  );
}
