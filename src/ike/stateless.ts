// The unprotected answers that are owed outside any IKE SA, RFC 7296 sections 1.5, 2.5 and 2.21.4.

import { type IkeHeader, parseIkeHeader } from '../wire/ike-header.ts';
import { emitIkeMessage } from '../wire/ike-message.ts';
import { ExchangeType, Notify } from '../wire/ike-numbers.ts';

/*
   HDR(A,B), SK {...}      -->
                           <--  HDR(A,B), N(INVALID_IKE_SPI)
   HDR(version 3 or later) -->
                           <--  HDR, N(INVALID_MAJOR_VERSION)
*/

const NOTHING = new Uint8Array(0);
/** The highest that we speak. */
const MAJOR_VERSION = 2;

/**
 * "The message is a response message, [...] with the same IKE SPIs and the Message ID and Exchange Type are copied from the request."
 * @param request without non-ESP marker, of an IKE SA that is not known.
 * @returns null where nothing is answered: to a response, to a first message, or where the answer would be no shorter than the request.
 */
export function answerInvalidIkeSpi(request: Uint8Array): Uint8Array | null {
  const header = requestHeader(request);
  if (header === null || header.majorVersion !== MAJOR_VERSION || header.exchange === ExchangeType.IKE_SA_INIT)
    return null;
  return shorterThan(request, answer(header, Notify.INVALID_IKE_SPI));
}

/**
 * "If an endpoint receives a message with a higher major version number, it MUST drop the message and SHOULD send an
 * unauthenticated Notify message of type INVALID_MAJOR_VERSION".
 * @param request without non-ESP marker.
 * @returns null for a version that is no higher, and where answerInvalidIkeSpi says nothing either.
 */
export function answerInvalidMajorVersion(request: Uint8Array): Uint8Array | null {
  const header = requestHeader(request);
  if (header === null || header.majorVersion <= MAJOR_VERSION) return null;
  return shorterThan(request, answer(header, Notify.INVALID_MAJOR_VERSION));
}

function answer(header: IkeHeader, notify: number): Uint8Array {
  const { SPIi, SPIr, exchange, messageId } = header;
  return emitIkeMessage({ SPIi, SPIr, exchange, messageId, initiator: !header.initiator, response: true }, [
    { type: 'N', notify, protocol: 0, spi: NOTHING, data: NOTHING },
  ]);
}

function shorterThan(request: Uint8Array, octets: Uint8Array): Uint8Array | null {
  return octets.length < request.length ? octets : null;
}

/** @returns null for a response and for what is no message. */
function requestHeader(octets: Uint8Array): IkeHeader | null {
  try {
    const header = parseIkeHeader(octets);
    return header.response || header.length !== octets.length ? null : header;
  } catch {
    return null;
  }
}
