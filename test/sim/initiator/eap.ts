// The client half of EAP-Identity and EAP-MSCHAPv2: RFC 3748 section 5.1, draft-kamath-pppext-eap-mschapv2, RFC 2759.

import { concat, text, utf8 } from '../../../src/bytes/octets.ts';
import { authenticatorResponse, masterSessionKey, ntResponse } from '../../../src/crypto/mschapv2.ts';
import type { Primitives } from '../../../src/crypto/primitives.ts';

const Code = { REQUEST: 1, RESPONSE: 2, SUCCESS: 3, FAILURE: 4 } as const;
const Type = { IDENTITY: 1, NOTIFICATION: 2, NAK: 3, MSCHAPV2: 26 } as const;
const OpCode = { CHALLENGE: 1, RESPONSE: 2, SUCCESS: 3, FAILURE: 4 } as const;

export type EapOutcome =
  | { readonly kind: 'answer'; readonly message: Uint8Array }
  | { readonly kind: 'success'; readonly masterSessionKey: Uint8Array }
  | { readonly kind: 'failure'; readonly reason: string };

export interface EapAccount {
  readonly userName: string;
  readonly password: string;
  readonly identityAnswer: 'name' | 'empty';
}

/** Reads each EAP packet of the gateway and says what to answer. */
export class EapClient {
  readonly #primitives: Primitives;
  readonly #account: EapAccount;
  #ntResponse: Uint8Array | null = null;
  #expected = '';
  #proven = false;
  /** The Message of a Failure packet, `E=691 R=0 ...`. */
  failureText: string | null = null;

  constructor(primitives: Primitives, account: EapAccount) {
    this.#primitives = primitives;
    this.#account = account;
  }

  receive(packet: Uint8Array): EapOutcome {
    const [code, identifier, high, low] = packet;
    if (packet.length < 4 || high! * 256 + low! !== packet.length) return failure('EAP length');
    if (code === Code.FAILURE) return failure(this.failureText ?? 'EAP-Failure');
    if (code === Code.SUCCESS) {
      if (!this.#proven || this.#ntResponse === null) return failure('EAP-Success without proof');
      const key = masterSessionKey(this.#primitives, this.#account.password, this.#ntResponse);
      return { kind: 'success', masterSessionKey: key };
    }
    if (code !== Code.REQUEST || packet.length < 5) return failure(`EAP code ${code}`);
    const data = packet.subarray(5);
    if (packet[4] === Type.IDENTITY) return answer(identifier!, Type.IDENTITY, this.#identity());
    if (packet[4] === Type.NOTIFICATION) return answer(identifier!, Type.NOTIFICATION, new Uint8Array(0));
    if (packet[4] === Type.MSCHAPV2) return this.#mschapv2(identifier!, data);
    return answer(identifier!, Type.NAK, Uint8Array.of(Type.MSCHAPV2));
  }

  #identity(): Uint8Array {
    return this.#account.identityAnswer === 'name' ? utf8(this.#account.userName) : new Uint8Array(0);
  }

  #mschapv2(identifier: number, data: Uint8Array): EapOutcome {
    if (data[0] === OpCode.CHALLENGE) return this.#challenge(identifier, data);
    if (data[0] === OpCode.SUCCESS) {
      if (!text(data.subarray(4)).startsWith(this.#expected) || this.#expected === '')
        return failure('the authenticator response is wrong');
      this.#proven = true;
      return answer(identifier, Type.MSCHAPV2, Uint8Array.of(OpCode.SUCCESS));
    }
    if (data[0] === OpCode.FAILURE) {
      this.failureText = text(data.subarray(4));
      return answer(identifier, Type.MSCHAPV2, Uint8Array.of(OpCode.FAILURE));
    }
    return failure(`EAP-MSCHAPv2 OpCode ${data[0]}`);
  }

  /** OpCode | MS-CHAPv2-ID | MS-Length | Value-Size 16 | Challenge | Name. */
  #challenge(identifier: number, data: Uint8Array): EapOutcome {
    if (data.length < 21 || data[2]! * 256 + data[3]! !== data.length || data[4] !== 16)
      return failure('malformed challenge');
    const peerChallenge = this.#primitives.random(16);
    const name = utf8(this.#account.userName);
    const challenges = { authenticatorChallenge: data.slice(5, 21), peerChallenge, userName: name };
    const exchange = { ...challenges, password: this.#account.password };
    this.#ntResponse = ntResponse(this.#primitives, exchange);
    this.#expected = authenticatorResponse(this.#primitives, exchange, this.#ntResponse);
    // Value-Size 49: Peer-Challenge | 8 reserved | NT-Response | Flags.
    const value = concat(peerChallenge, new Uint8Array(8), this.#ntResponse, new Uint8Array(1));
    const length = 5 + value.length + name.length;
    const head = Uint8Array.of(OpCode.RESPONSE, data[1]!, length >> 8, length & 0xff, value.length);
    return answer(identifier, Type.MSCHAPV2, concat(head, value, name));
  }
}

function answer(identifier: number, type: number, data: Uint8Array): EapOutcome {
  const length = 5 + data.length;
  return {
    kind: 'answer',
    message: concat(Uint8Array.of(Code.RESPONSE, identifier, length >> 8, length & 0xff, type), data),
  };
}

function failure(reason: string): EapOutcome {
  return { kind: 'failure', reason };
}
