// Type-Data of EAP-MSCHAPv2, draft-kamath-pppext-eap-mschapv2 section 2, around the values of RFC 2759 sections 3 to 6.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';

/*
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |    OpCode     |  MS-CHAPv2-ID |           MS-Length           |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   Challenge   | Value-Size 16 | Challenge 16 | Name ...
   Response    | Value-Size 49 | Peer-Challenge 16 | Reserved 8 | NT-Response 24 | Flags 1 | Name ...
   Success     | Message ...    "S=" 40 hexadecimal digits " M=" text
   Failure     | Message ...    "E=691 R=0 C=... V=3 M=" text

   Success and Failure responses are the OpCode alone.
*/

export type Mschapv2Message =
  | {
      readonly opCode: 'challenge';
      readonly identifier: number;
      /** 16 octets. */
      readonly challenge: Uint8Array;
      /** Of the server. */
      readonly name: Uint8Array;
    }
  | {
      readonly opCode: 'response';
      readonly identifier: number;
      /** 16 octets. */
      readonly peerChallenge: Uint8Array;
      /** 24 octets. */
      readonly ntResponse: Uint8Array;
      /** Of the user, as the user typed it, with or without a domain. */
      readonly name: Uint8Array;
    }
  | {
      readonly opCode: 'success' | 'failure';
      /** Null in the peer's response, which has no message either. */
      readonly identifier: number | null;
      readonly message: Uint8Array;
    };

/**
 * Tells a Success or Failure response from a request by its length alone. What follows MS-Length is ignored.
 * @throws Malformed also for Change-Password, which we do not speak.
 */
export function parseMschapv2(data: Uint8Array): Mschapv2Message {
  const opCode = new Reader(data).u8();
  const result = opCode === OpCode.success ? 'success' : opCode === OpCode.failure ? 'failure' : null;
  if (result !== null && data.length < HEADER) return { opCode: result, identifier: null, message: new Uint8Array(0) };
  const r = new Reader(data, 1);
  const identifier = r.u8();
  const body = r.sub(r.u16() - HEADER);
  if (result !== null) return { opCode: result, identifier, message: body.rest() };
  if (opCode === OpCode.challenge) {
    return { opCode: 'challenge', identifier, challenge: takeValue(body, CHALLENGE).rest(), name: body.rest() };
  }
  if (opCode === OpCode.response) {
    const value = takeValue(body, RESPONSE);
    const peerChallenge = value.take(CHALLENGE);
    value.take(RESERVED);
    return { opCode: 'response', identifier, peerChallenge, ntResponse: value.take(NT_RESPONSE), name: body.rest() };
  }
  throw new Malformed(`EAP-MSCHAPv2 OpCode ${opCode}`);
}

export function emitMschapv2(message: Mschapv2Message): Uint8Array {
  const w = new Writer(128);
  w.u8(OpCode[message.opCode]);
  if (message.identifier === null) return w.finish();
  w.u8(message.identifier);
  const length = w.reserve16();
  switch (message.opCode) {
    case 'challenge':
      w.u8(CHALLENGE);
      w.octets(message.challenge);
      w.octets(message.name);
      break;
    case 'response':
      w.u8(RESPONSE);
      w.octets(message.peerChallenge);
      w.octets(new Uint8Array(RESERVED));
      w.octets(message.ntResponse);
      w.u8(0);
      w.octets(message.name);
      break;
    case 'success':
    case 'failure':
      w.octets(message.message);
  }
  w.patch16(length, w.length);
  return w.finish();
}

const OpCode = { challenge: 1, response: 2, success: 3, failure: 4 } as const;
/** OpCode, MS-CHAPv2-ID and MS-Length. */
const HEADER = 4;
const CHALLENGE = 16;
const RESERVED = 8;
const NT_RESPONSE = 24;
const RESPONSE = CHALLENGE + RESERVED + NT_RESPONSE + 1;

function takeValue(r: Reader, size: number): Reader {
  const valueSize = r.u8();
  if (valueSize !== size) throw new Malformed(`Value-Size ${valueSize}`);
  return r.sub(size);
}
