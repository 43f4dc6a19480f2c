// Protected messages: sealing with fragmentation, opening with reassembly (RFC 7296 section 3.14, RFC 7383 section 2).

import { concat } from '../bytes/octets.ts';
import type { Primitives } from '../crypto/primitives.ts';
import { encrAlgorithm } from '../crypto/algorithms.ts';
import { openSk, sealSk, skBodyLength } from '../crypto/sk.ts';
import { emitProtectedShell, type IkeMessage } from '../wire/ike-message.ts';
import type { Payload } from '../wire/payload.ts';
import { emitPayloads } from '../wire/payloads.ts';
import { DATAGRAM_OCTETS, FRAGMENTS, MESSAGE_OCTETS } from './limits.ts';
import type { IkeSa, Reassembly } from './state.ts';

export interface Outgoing {
  readonly exchange: number;
  readonly response: boolean;
  readonly id: number;
  readonly payloads: readonly Payload[];
}

/** @returns one message, or its fragments where it is long and the peer can put them together. */
export async function sealMessage(p: Primitives, sa: IkeSa, message: Outgoing): Promise<Uint8Array[]> {
  const { first, octets } = emitPayloads(message.payloads);
  const limit = messageLimit(sa);
  const whole = HEADER + SK_HEADER + skBodyLength(sa.suite, octets.length);
  if (whole <= limit || !sa.traits.fragmentation) return [await sealPart(p, sa, message, first, null, octets)];
  const room = fragmentRoom(sa, limit);
  const total = Math.ceil(octets.length / room);
  const parts: Promise<Uint8Array>[] = [];
  for (let number = 1; number <= total; number++) {
    const part = octets.subarray((number - 1) * room, number * room);
    parts.push(sealPart(p, sa, message, number === 1 ? first : 0, { number, total }, part));
  }
  return Promise.all(parts);
}

export type Opened =
  | { readonly kind: 'whole'; readonly first: number; readonly octets: Uint8Array; readonly digest: Uint8Array }
  | { readonly kind: 'partial'; readonly reassembly: Reassembly }
  | { readonly kind: 'refused'; readonly drop: 'integrity' | 'fragment' | 'unprotected' };

/** @param reassembly what has come so far of a message in this direction. */
export async function openMessage(
  p: Primitives,
  sa: IkeSa,
  message: IkeMessage,
  reassembly: Reassembly | null,
): Promise<Opened> {
  const part = message.protected;
  if (part === null) return { kind: 'refused', drop: 'unprotected' };
  if (part.fragment !== null && !fragmentFits(part.fragment, message.header.messageId, reassembly)) {
    return { kind: 'refused', drop: 'fragment' };
  }
  const octets = await openSk(p, sa.suite, keysOf(sa, 'theirs'), message);
  if (octets === null) return { kind: 'refused', drop: 'integrity' };
  const digest = p.hash('sha256', message.octets);
  if (part.fragment === null) return { kind: 'whole', first: part.first, octets, digest };
  return reassemble(reassembly, message.header.messageId, { ...part.fragment, first: part.first, octets, digest });
}

const HEADER = 28;
const SK_HEADER = 4;
const SKF_HEADER = 8;

async function sealPart(
  p: Primitives,
  sa: IkeSa,
  message: Outgoing,
  first: number,
  fragment: { number: number; total: number } | null,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const header = {
    SPIi: sa.SPIi,
    SPIr: sa.SPIr,
    exchange: message.exchange,
    initiator: sa.role === 'initiator',
    response: message.response,
    messageId: message.id,
  };
  const shell = emitProtectedShell(
    header,
    { kind: fragment === null ? 'SK' : 'SKF', first, fragment },
    skBodyLength(sa.suite, plaintext.length),
  );
  // A random IV: a counter would have to survive every step that is thrown away before it is committed.
  return sealSk(p, sa.suite, keysOf(sa, 'ours'), shell, plaintext, p.random(encrAlgorithm(sa.suite.encr).ivOctets));
}

function keysOf(sa: IkeSa, whose: 'ours' | 'theirs'): { encr: Uint8Array; integ: Uint8Array } {
  const initiator = (sa.role === 'initiator') === (whose === 'ours');
  return initiator ? { encr: sa.keys.SK_ei, integ: sa.keys.SK_ai } : { encr: sa.keys.SK_er, integ: sa.keys.SK_ar };
}

/** Octets of an IKE message that fit a datagram with IP header, UDP header and non-ESP marker. */
function messageLimit(sa: IkeSa): number {
  return DATAGRAM_OCTETS - (sa.path.remoteAddress.length === 4 ? 20 : 40) - 8 - 4;
}

function fragmentRoom(sa: IkeSa, limit: number): number {
  let room = limit - HEADER - SKF_HEADER;
  while (HEADER + SKF_HEADER + skBodyLength(sa.suite, room) > limit) room--;
  return room;
}

function fragmentFits(fragment: { number: number; total: number }, id: number, known: Reassembly | null): boolean {
  if (fragment.total > FRAGMENTS || fragment.number < 1 || fragment.number > fragment.total) return false;
  if (known === null || known.id !== id) return true;
  // More pieces than before: the peer has cut the message anew, smaller. Fewer: an old one (RFC 7383 section 2.6).
  return fragment.total >= known.total && (fragment.total > known.total || known.parts[fragment.number - 1] === null);
}

interface Fragment {
  readonly number: number;
  readonly total: number;
  readonly first: number;
  readonly octets: Uint8Array;
  readonly digest: Uint8Array;
}

function reassemble(known: Reassembly | null, id: number, fragment: Fragment): Opened {
  const old = known !== null && known.id === id && known.total === fragment.total ? known : null;
  const parts = old ? [...old.parts] : Array.from({ length: fragment.total }, (): Uint8Array | null => null);
  parts[fragment.number - 1] = fragment.octets;
  const head = fragment.number === 1 ? fragment : { first: old?.first ?? 0, digest: old?.digest ?? null };
  const size = parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
  if (size > MESSAGE_OCTETS) return { kind: 'refused', drop: 'fragment' };
  if (head.digest === null || parts.some((part) => part === null)) {
    return {
      kind: 'partial',
      reassembly: { id, total: fragment.total, first: head.first, digest: head.digest, parts },
    };
  }
  return { kind: 'whole', first: head.first, octets: concat(...(parts as Uint8Array[])), digest: head.digest };
}
