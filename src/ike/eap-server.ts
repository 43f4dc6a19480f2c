// The EAP server inside IKE_AUTH: Identity, then MSCHAPv2 (RFC 3748, RFC 2759, draft-kamath-pppext-eap-mschapv2).
//
//   <-- Request/Identity        Response/Identity -->
//   <-- MSCHAPv2 Challenge      MSCHAPv2 Response -->
//   <-- MSCHAPv2 Success        MSCHAPv2 Success  -->
//   <-- EAP-Success

import { equalConstantTime, text, toHex, utf8 } from '../bytes/octets.ts';
import { authenticatorResponse, masterSessionKey, ntResponse } from '../crypto/mschapv2.ts';
import { EapCode, EapType, type EapMessage, emitEap, parseEap } from '../wire/eap.ts';
import { emitMschapv2, Mschapv2OpCode, parseMschapv2 } from '../wire/eap-mschapv2.ts';
import { Malformed } from '../bytes/malformed.ts';
import { IdType } from '../wire/ike-numbers.ts';
import type { Identity } from '../wire/payload.ts';
import type { Member } from './pad.ts';
import type { EapState } from './state.ts';
import type { Turn } from './turn.ts';

export interface EapStep {
  readonly eap: EapState;
  /** The next request to the peer, or EAP-Success. */
  readonly message: Uint8Array;
}

export interface EapFailure {
  readonly failed: string;
  readonly detail: string;
  readonly member: Member | null;
  readonly userName: string;
  /** EAP-Failure. */
  readonly message: Uint8Array;
}

const SERVER_NAME = utf8('culvert');
const MAX_USER_NAME = 256;

export function askIdentity(identifier: number): EapStep {
  const message = emitEap({ code: EapCode.REQUEST, identifier, type: EapType.IDENTITY, data: new Uint8Array(0) });
  return { eap: { at: 'identity', identifier }, message };
}
