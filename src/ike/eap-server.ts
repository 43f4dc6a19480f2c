// The EAP server inside IKE_AUTH: Identity, then MSCHAPv2 (RFC 3748, RFC 2759, draft-kamath-pppext-eap-mschapv2).
//
//   <-- Request/Identity        Response/Identity -->
//   <-- MSCHAPv2 Challenge      MSCHAPv2 Response -->
//   <-- MSCHAPv2 Success        MSCHAPv2 Success  -->
//   <-- EAP-Success

import { Malformed } from '../bytes/malformed.ts';
import { equalConstantTime, text, toHex, utf8 } from '../bytes/octets.ts';
import { authenticatorResponse, type MschapExchange, masterSessionKey, ntResponse } from '../crypto/mschapv2.ts';
import { EapCode, type EapMessage, EapType, emitEap, parseEap } from '../wire/eap.ts';
import { emitMschapv2, type Mschapv2Message, parseMschapv2 } from '../wire/eap-mschapv2.ts';
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

export function askIdentity(identifier: number): EapStep {
  return { eap: { at: 'identity', identifier }, message: request(identifier, EapType.IDENTITY, new Uint8Array(0)) };
}

export async function answerEap(
  turn: Turn,
  eap: EapState,
  IDi: Identity,
  octets: Uint8Array,
): Promise<EapStep | EapFailure> {
  const response = readResponse(octets, eap);
  if (response === null || eap.at === 'done') return fail(eap, 'eap-malformed', 'an EAP message that cannot be read');
  if (response.type === EapType.NAK) {
    return fail(
      eap,
      'eap-method-refused',
      'the device wants another EAP method than MSCHAPv2 (its settings must say user name and password)',
    );
  }
  if (eap.at === 'identity')
    return challenge(turn, eap, IDi, response.type === EapType.IDENTITY ? response.data : new Uint8Array(0));
  const message = response.type === EapType.MSCHAPV2 ? readMschapv2(response.data) : null;
  if (message === null) return fail(eap, 'eap-malformed', 'an MSCHAPv2 message that cannot be read');
  if (eap.at === 'challenge') return checkResponse(turn, eap, message);
  if (message.opCode !== 'success')
    return fail(eap, 'gateway-not-trusted', 'the device does not accept what the gateway proved of the password');
  const { userName, member, MSK } = eap;
  const done = emitEap({ code: EapCode.SUCCESS, identifier: eap.identifier });
  return { eap: { at: 'done', userName, member, MSK }, message: done };
}

type Challenged = Extract<EapState, { at: 'challenge' }>;

const SERVER_NAME = utf8('culvert');
const MAX_USER_NAME = 256;

/** A name that nobody has is challenged like any other. */
async function challenge(
  turn: Turn,
  eap: EapState & { identifier: number },
  IDi: Identity,
  said: Uint8Array,
): Promise<EapStep> {
  const { primitives: p } = turn;
  const userName = nameFrom(said, IDi);
  const admission = await turn.pad.password(userName);
  const identifier = (eap.identifier + 1) & 255;
  const octets = p.random(16);
  const next: Challenged = {
    at: 'challenge',
    identifier,
    userName,
    challenge: octets,
    member: admission.admitted ? admission.member : null,
    refusal: admission.admitted ? null : admission.reason,
    password: admission.admitted ? admission.password : toHex(p.random(16)),
  };
  const data = emitMschapv2({ opCode: 'challenge', identifier, challenge: octets, name: SERVER_NAME });
  return { eap: next, message: request(identifier, EapType.MSCHAPV2, data) };
}

function checkResponse(turn: Turn, eap: Challenged, message: Mschapv2Message): EapStep | EapFailure {
  const { primitives: p } = turn;
  if (message.opCode !== 'response') return fail(eap, 'eap-malformed', 'an MSCHAPv2 Response was due');
  const exchange: MschapExchange = {
    authenticatorChallenge: eap.challenge,
    peerChallenge: message.peerChallenge,
    userName: message.name,
    password: eap.password,
  };
  const right = equalConstantTime(ntResponse(p, exchange), message.ntResponse);
  if (eap.member === null)
    return fail(eap, eap.refusal ?? 'unknown-identity', `no device goes by the name ${eap.userName}`);
  if (!right) return fail(eap, 'wrong-password', 'the password differs', eap.member);
  const { userName, member } = eap;
  const identifier = (eap.identifier + 1) & 255;
  const MSK = masterSessionKey(p, eap.password, message.ntResponse);
  const proof = utf8(`${authenticatorResponse(p, exchange, message.ntResponse)} M=Welcome`);
  const data = emitMschapv2({ opCode: 'success', identifier: eap.identifier, message: proof });
  return {
    eap: { at: 'success', identifier, userName, member, MSK },
    message: request(identifier, EapType.MSCHAPV2, data),
  };
}

/** Android answers the Identity request with nothing at times: then IDi is the name (quirk 22). */
function nameFrom(said: Uint8Array, IDi: Identity): string {
  const named = IDi.idType === IdType.FQDN || IDi.idType === IdType.RFC822_ADDR || IDi.idType === IdType.KEY_ID;
  const name = text((said.length > 0 ? said : named ? IDi.data : said).subarray(0, MAX_USER_NAME));
  return name.slice(name.lastIndexOf('\\') + 1);
}

function request(identifier: number, type: number, data: Uint8Array): Uint8Array {
  return emitEap({ code: EapCode.REQUEST, identifier, type, data });
}

function fail(eap: EapState, failed: string, detail: string, member: Member | null = null): EapFailure {
  const identifier = eap.at === 'done' ? 0 : eap.identifier;
  const userName = 'userName' in eap ? eap.userName : '';
  return { failed, detail, member, userName, message: emitEap({ code: EapCode.FAILURE, identifier }) };
}

function readResponse(octets: Uint8Array, eap: EapState): (EapMessage & { type: number; data: Uint8Array }) | null {
  try {
    const message = parseEap(octets);
    if (message.code !== EapCode.RESPONSE || eap.at === 'done' || message.identifier !== eap.identifier) return null;
    return message;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

function readMschapv2(data: Uint8Array): Mschapv2Message | null {
  try {
    return parseMschapv2(data);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}
