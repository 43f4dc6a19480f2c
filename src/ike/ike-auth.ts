// IKE_AUTH, the responder's side (RFC 7296 sections 1.2, 2.15, 2.16).
//
//   HDR, SK {IDi, [CERT,] [CERTREQ,] [IDr,] [AUTH,] [CP,] SAi2, TSi, TSr}  -->
//                          <--  HDR, SK {IDr, [CERT,] AUTH, [CP,] SAr2, TSi, TSr}   when AUTH was there, else
//                          <--  HDR, SK {IDr, [CERT,] AUTH, EAP}
//   HDR, SK {EAP}   -->    <--  HDR, SK {EAP}      as often as the method needs, then
//   HDR, SK {AUTH}  -->    <--  HDR, SK {AUTH, [CP,] SAr2, TSi, TSr}

import type { Payload } from '../wire/payload.ts';
import { failedAttempt } from './attempt.ts';
import { gatewayCertificateAuth, sharedSecretAuth } from './gateway-auth.ts';
import { askIdentity, answerEap } from './eap-server.ts';
import { establish } from './establish.ts';
import { find, must } from './find.ts';
import { CLOSED_MS } from './limits.ts';
import { forbidsPath, mobilityOf } from './mobike.ts';
import { verifyPeer, verifySharedSecret } from './peer-auth.ts';
import { notify, refusalNotify, refuse } from './refusal.ts';
import { Notify } from '../wire/ike-numbers.ts';
import { checkRules, EAP_REQUEST, FIRST_AUTH_REQUEST, LAST_AUTH_REQUEST } from './rules.ts';
import type { Member } from './pad.ts';
import { withSa } from './sad.ts';
import type { ChildWish, EapRunning, HalfOpen, IkeSa, PeerState } from './state.ts';
import type { Reply, Turn } from './turn.ts';

export async function respondIkeAuth(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  payloads: readonly Payload[],
): Promise<Reply> {
  const { phase } = sa;
  if (phase.name === 'half-open') return respondFirst(turn, state, sa, phase, payloads);
  if (phase.name === 'eap' && phase.eap.at === 'done') return respondLast(turn, state, sa, phase, phase.eap, payloads);
  if (phase.name === 'eap') return respondEap(turn, state, sa, phase, payloads);
  const refusal = refuse('invalid-syntax', 'IKE_AUTH on an SA that is authenticated already, or over');
  return { state, payloads: [refusalNotify(refusal)], outputs: [] };
}

async function respondFirst(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  phase: HalfOpen,
  payloads: readonly Payload[],
): Promise<Reply> {
  const refusal = checkRules(FIRST_AUTH_REQUEST, payloads);
  if (refusal !== null) {
    const reply = close(turn, state, sa, null, refusal.refused, refusal.detail, null);
    return { ...reply, payloads: [refusalNotify(refusal)] };
  }
  const wish = wishOf(payloads);
  const mobility = mobilityOf(payloads);
  if (mobility !== null && forbidsPath(payloads, sa.path)) {
    const reply = close(turn, state, sa, wish, 'unexpected-nat', 'the device allows no NAT, and there is one', null);
    return { ...reply, payloads: [notify(Notify.UNEXPECTED_NAT_DETECTED)] };
  }
  return authenticate(turn, state, { ...sa, mobility }, phase, wish, payloads);
}

async function authenticate(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  phase: HalfOpen,
  wish: ChildWish,
  payloads: readonly Payload[],
): Promise<Reply> {
  const auth = find(payloads, 'AUTH');
  if (auth === null) return beginEap(turn, state, sa, phase, wish);
  const proof = await verifyPeer(turn, sa, phase.init, wish.IDi, auth, payloads);
  if (!proof.proved) return close(turn, state, sa, wish, proof.reason, proof.detail, proof.member);
  const ours =
    proof.secret === null
      ? await gatewayCertificateAuth(turn, sa, phase.init)
      : await sharedSecretAuth(turn, sa, phase.init, proof.secret);
  if (ours === null) return close(turn, state, sa, wish, ...NO_SIGNATURE, proof.member);
  return establish(turn, state, { ...sa, phase }, wish, proof.member, ours);
}

async function beginEap(turn: Turn, state: PeerState, sa: IkeSa, phase: HalfOpen, wish: ChildWish): Promise<Reply> {
  const ours = await gatewayCertificateAuth(turn, sa, phase.init);
  if (ours === null) return close(turn, state, sa, wish, ...NO_SIGNATURE, null);
  const { eap, message } = askIdentity(turn.primitives.random(1)[0]!);
  const next: IkeSa = { ...sa, phase: { name: 'eap', init: phase.init, wish, eap, until: phase.until } };
  return { state: withSa(state, next), payloads: [...ours, { type: 'EAP', message }], outputs: [] };
}

async function respondEap(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  phase: EapRunning,
  payloads: readonly Payload[],
): Promise<Reply> {
  const refusal = checkRules(EAP_REQUEST, payloads);
  if (refusal !== null) return close(turn, state, sa, phase.wish, refusal.refused, refusal.detail, null);
  const answer = await answerEap(turn, phase.eap, phase.wish.IDi, must(payloads, 'EAP').message);
  if ('failed' in answer) {
    // EAP-Failure at once, without a second try: a retry packet confuses Windows 7, and the others ask their user anew (quirk 29).
    const reply = close(turn, state, sa, phase.wish, answer.failed, answer.detail, answer.member, answer.userName);
    return { ...reply, payloads: [{ type: 'EAP', message: answer.message }] };
  }
  const next: IkeSa = { ...sa, phase: { ...phase, eap: answer.eap } };
  return { state: withSa(state, next), payloads: [{ type: 'EAP', message: answer.message }], outputs: [] };
}

/** Both AUTH payloads are made with the MSK (RFC 7296 section 2.16). */
async function respondLast(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  phase: EapRunning,
  done: Extract<EapRunning['eap'], { at: 'done' }>,
  payloads: readonly Payload[],
): Promise<Reply> {
  const refusal = checkRules(LAST_AUTH_REQUEST, payloads);
  if (refusal !== null) return close(turn, state, sa, phase.wish, refusal.refused, refusal.detail, done.member);
  const right = verifySharedSecret(turn, sa, phase.init, phase.wish.IDi, must(payloads, 'AUTH'), done.MSK);
  if (!right) {
    return close(
      turn,
      state,
      sa,
      phase.wish,
      'wrong-secret',
      'AUTH does not fit the key that EAP gave',
      done.member,
      done.userName,
    );
  }
  const ours = await sharedSecretAuth(turn, sa, phase.init, done.MSK);
  // IDr and CERT went with the first response.
  return establish(
    turn,
    state,
    { ...sa, phase },
    phase.wish,
    done.member,
    ours.filter((payload) => payload.type === 'AUTH'),
    done.userName,
  );
}

const NO_SIGNATURE = [
  'no-signature-in-common',
  "the peer verifies no signature that the gateway's key can make",
] as const;

/** The peer learns AUTHENTICATION_FAILED and nothing else; the tenant learns why. */
function close(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  wish: ChildWish | null,
  reason: string,
  detail: string,
  member: Member | null,
  userName?: string,
): Reply {
  const closed: IkeSa = { ...sa, phase: { name: 'closed', until: turn.now + CLOSED_MS } };
  return {
    state: withSa(state, closed),
    payloads: [notify(Notify.AUTHENTICATION_FAILED)],
    outputs: [failedAttempt(turn, sa, userName || (wish?.IDi ?? null), reason, detail, member)],
  };
}

function wishOf(payloads: readonly Payload[]): ChildWish {
  return {
    IDi: must(payloads, 'IDi'),
    IDr: find(payloads, 'IDr'),
    proposals: must(payloads, 'SA').proposals,
    TSi: must(payloads, 'TSi').selectors,
    TSr: must(payloads, 'TSr').selectors,
    cfg: find(payloads, 'CP')?.attributes ?? null,
  };
}
