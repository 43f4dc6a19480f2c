// EAP packets, RFC 3748 sections 4 and 5.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';

/*
    0                   1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |     Code      |  Identifier   |            Length             |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |     Type      |  Type-Data ...       Request and Response only
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
*/

export const EapCode = { REQUEST: 1, RESPONSE: 2, SUCCESS: 3, FAILURE: 4 } as const;

/** RFC 3748 section 5; MSCHAPV2 is draft-kamath-pppext-eap-mschapv2's. */
export const EapType = { IDENTITY: 1, NOTIFICATION: 2, NAK: 3, MSCHAPV2: 26 } as const;

export type EapMessage =
  | {
      readonly code: typeof EapCode.REQUEST | typeof EapCode.RESPONSE;
      readonly identifier: number;
      readonly type: number;
      readonly data: Uint8Array;
    }
  | { readonly code: typeof EapCode.SUCCESS | typeof EapCode.FAILURE; readonly identifier: number };

/** Octets beyond the length field are padding and ignored (RFC 3748 section 4.1). */
export function parseEap(octets: Uint8Array): EapMessage {
  const r = new Reader(octets);
  const code = r.u8();
  const identifier = r.u8();
  const body = r.sub(r.u16() - 4);
  switch (code) {
    case EapCode.REQUEST:
    case EapCode.RESPONSE:
      return { code, identifier, type: body.u8(), data: body.rest() };
    case EapCode.SUCCESS:
    case EapCode.FAILURE:
      body.expectEmpty('an EAP Success or Failure');
      return { code, identifier };
    default:
      throw new Malformed(`EAP code ${code}`);
  }
}

export function emitEap(message: EapMessage): Uint8Array {
  const w = new Writer('data' in message ? 5 + message.data.length : 4);
  w.u8(message.code);
  w.u8(message.identifier);
  const length = w.reserve16();
  if ('data' in message) {
    w.u8(message.type);
    w.octets(message.data);
  }
  w.patch16(length, w.length);
  return w.finish();
}
