// IKE_SA_INIT, the responder's side (RFC 7296 section 1.2).
//
//   HDR, SAi1, KEi, Ni  -->
//                       <--  HDR, SAr1, KEr, Nr, [CERTREQ]

import { concat, equal } from '../bytes/octets.ts';
import { ANNOUNCED_HASHES } from '../crypto/auth.ts';
import { deriveIkeKeys } from '../crypto/keymat.ts';
import { emitIkeMessage, type IkeMessage } from '../wire/ike-message.ts';
import { CertEncoding, ExchangeType, KeId, Notify, nameOf, Protocol } from '../wire/ike-numbers.ts';
import type { Path } from '../wire/path.ts';
import type { NotifyPayload, Payload } from '../wire/payload.ts';
import { makeIkeSpi } from '../wire/spi.ts';
import { begunAttempt, refusedAttempt } from './attempt.ts';
import { all, findNotify, must } from './find.ts';
import { HALF_OPEN_MS, HALF_OPEN_SAS } from './limits.ts';
import { natNotifies, natVerdict, speaksNat } from './nat-detection.ts';
import type { Output, Seen } from './output.ts';
import { chooseIke, describeProposals } from './proposal.ts';
import { notify, type Refusal, refusalNotify, refuse } from './refusal.ts';
import { checkRules, SA_INIT_REQUEST } from './rules.ts';
import { memberOf, withSa } from './sad.ts';
import { sendTo } from './send.ts';
import type { IkeSa, PeerState, PeerTraits } from './state.ts';
import type { Step, Turn } from './turn.ts';

const NONCE_OCTETS = 32;
/** Generic header and encoding; a SHA-1 hash. */
const CERTREQ_HEADER = 5;
const AUTHORITY = 20;
/** Octets of IKE that pass everywhere in one piece: IPv6's least MTU without IP header, UDP header and marker. */
const SMALLEST_MTU = 1_280 - 40 - 8 - 4;

export async function respondSaInit(turn: Turn, state: PeerState, message: IkeMessage, path: Path): Promise<Step> {
  const { SPIi } = message.header;
  for (const { phase } of state.sas) {
    if ('init' in phase && equal(phase.init.request, message.octets))
      return step(state, [sendTo(path, [phase.init.response])]);
  }
  // Where somebody is authenticated, nobody else begins; also while that is being ended.
  if (state.sas.some((sa) => memberOf(sa) !== null) || state.sas.length >= HALF_OPEN_SAS) {
    return { state, outputs: [], drop: 'half-open-limit', heard: null };
  }
  const result = await choose(turn, message, path);
  if ('refused' in result) {
    // Unprotected and stateless: the refusal binds neither side (RFC 7296 section 2.21.1).
    const response = emitIkeMessage(
      { SPIi, SPIr: 0n, exchange: ExchangeType.IKE_SA_INIT, initiator: false, response: true, messageId: 0 },
      [refusalNotify(result)],
    );
    const seen = seenIn(turn, message, path, result);
    const told = refusedAttempt(turn, path, seen, result.refused, result.detail);
    return step(state, [sendTo(path, [response]), told]);
  }
  return step(withSa(state, result.sa), [sendTo(path, [result.response]), begunAttempt(turn, result.sa)]);
}

/** What there is to see in a message that was refused. */
function seenIn(
  turn: Turn,
  { header, payloads }: IkeMessage,
  path: Path,
  { refused }: Refusal,
): Pick<Seen, 'weak' | 'windows' | 'nat' | 'cookie'> {
  const { nat, windows, cookie } = traitsOf(turn, payloads, header.SPIi, path);
  const proposals = refused === 'no-proposal-chosen' ? must(payloads, 'SA').proposals : [];
  return { nat, windows, cookie, weak: chooseIke(proposals, true, KeId.NONE) !== null };
}

interface Accepted {
  readonly sa: IkeSa;
  readonly response: Uint8Array;
}

async function choose(turn: Turn, message: IkeMessage, path: Path): Promise<Accepted | Refusal> {
  const { primitives: p } = turn;
  const { payloads } = message;
  const refusal = checkRules(SA_INIT_REQUEST, payloads);
  if (refusal !== null) return refusal;
  const Ni = must(payloads, 'NONCE').data;
  const KEi = must(payloads, 'KE');
  const { proposals } = must(payloads, 'SA');
  const gateway = await turn.pad.gateway();
  const chosen = chooseIke(proposals, gateway.legacy, KEi.method);
  if (chosen === null) return refuse('no-proposal-chosen', `offered: ${describeProposals(proposals)}`);
  const other = invalidKe(chosen.suite.ke, KEi.method);
  if (other !== null) return other;
  const ke = await p.keyExchange(chosen.suite.ke);
  const shared = (await ke?.agree(KEi.data)) ?? null;
  if (!ke || shared === null) return refuse('invalid-syntax', 'the KE payload holds no value of its group');

  const { SPIi } = message.header;
  const SPIr = makeIkeSpi(turn.route, p.random(5));
  const Nr = p.random(NONCE_OCTETS);
  const answer: Payload[] = [
    {
      type: 'SA',
      proposals: [
        { number: chosen.number, protocol: Protocol.IKE, spi: new Uint8Array(0), transforms: chosen.transforms },
      ],
    },
    { type: 'KE', method: chosen.suite.ke, data: ke.publicValue },
    { type: 'NONCE', data: Nr },
    ...(speaksNat(payloads) ? natNotifies(p, SPIi, SPIr, path) : []),
    ...capabilities(payloads),
  ];
  const header = { SPIi, SPIr, exchange: ExchangeType.IKE_SA_INIT, initiator: false, response: true, messageId: 0 };
  const room = Math.min(3 * message.octets.length, SMALLEST_MTU) - emitIkeMessage(header, answer).length;
  const response = emitIkeMessage(header, [...answer, ...certificateRequest(gateway.authorities, room)]);
  const keys = deriveIkeKeys(p, chosen.suite, { Ni, Nr, shared, SPIi, SPIr });
  const sa: IkeSa = {
    SPIi,
    SPIr,
    role: 'responder',
    suite: chosen.suite,
    keys,
    traits: traitsOf(turn, payloads, SPIi, path),
    path,
    mobility: null,
    inbound: { nextId: 1, response: null, reassembly: null, responseReassembly: null },
    outbound: { nextId: 0, pending: null, queue: [], refusedSince: null },
    phase: { name: 'half-open', init: { request: message.octets, response, Ni, Nr }, until: turn.now + HALF_OPEN_MS },
    createdAt: turn.now,
    roundTrip: null,
    largestFragment: 0,
  };
  return { sa, response };
}

/**
 * Names only as many authorities as there is room for: the address is not proved yet, so it gets at most three times what it has sent,
 * and IKE_SA_INIT cannot be fragmented. The list is a hint (RFC 7296 section 3.7).
 */
function certificateRequest(authorities: readonly Uint8Array[], room: number): Payload[] {
  const named = authorities.slice(0, Math.max(0, Math.floor((room - CERTREQ_HEADER) / AUTHORITY)));
  if (named.length === 0) return [];
  return [{ type: 'CERTREQ', encoding: CertEncoding.X509_SIGNATURE, authorities: concat(...named) }];
}

/** INVALID_KE_PAYLOAD carries the group that we want (RFC 7296 section 1.3). */
export function invalidKe(wanted: number, offered: number | null): Refusal | null {
  if (wanted === KeId.NONE || wanted === offered) return null;
  return refuse('invalid-ke', `the KE payload must be of ${nameOf(KeId, wanted)}`, {
    data: Uint8Array.of(wanted >> 8, wanted & 255),
  });
}

/** We say what we can do to those who said that they can. */
function capabilities(payloads: readonly Payload[]): NotifyPayload[] {
  const says = (type: number) => findNotify(payloads, type) !== null;
  const ours: NotifyPayload[] = [];
  if (says(Notify.IKEV2_FRAGMENTATION_SUPPORTED)) ours.push(notify(Notify.IKEV2_FRAGMENTATION_SUPPORTED));
  if (says(Notify.SIGNATURE_HASH_ALGORITHMS)) {
    ours.push(notify(Notify.SIGNATURE_HASH_ALGORITHMS, Uint8Array.from(ANNOUNCED_HASHES.flatMap((h) => [0, h]))));
  }
  return ours;
}

function traitsOf(turn: Turn, payloads: readonly Payload[], SPIi: bigint, path: Path): PeerTraits {
  const hashes = findNotify(payloads, Notify.SIGNATURE_HASH_ALGORITHMS)?.data ?? null;
  return {
    fragmentation: findNotify(payloads, Notify.IKEV2_FRAGMENTATION_SUPPORTED) !== null,
    signatureHashes:
      hashes && Array.from({ length: hashes.length >> 1 }, (_, i) => (hashes[2 * i]! << 8) | hashes[2 * i + 1]!),
    nat: natVerdict(turn.primitives, payloads, SPIi, 0n, path),
    windows: all(payloads, 'V').some((v) => isMicrosoft(v.data)),
    cookie: findNotify(payloads, Notify.COOKIE) !== null,
    software: '',
  };
}

/** MS NT5 ISAKMPOAKLEY, the vendor ID that Windows has sent since 2000. */
function isMicrosoft(vendorId: Uint8Array): boolean {
  return equal(vendorId.subarray(0, MICROSOFT.length), MICROSOFT);
}

const MICROSOFT = Uint8Array.of(
  0x1e,
  0x2b,
  0x51,
  0x69,
  0x05,
  0x99,
  0x1c,
  0x7d,
  0x7c,
  0x96,
  0xfc,
  0xbf,
  0xb5,
  0x87,
  0xe4,
  0x61,
);

function step(state: PeerState, outputs: Output[]): Step {
  return { state, outputs, drop: null, heard: null };
}
