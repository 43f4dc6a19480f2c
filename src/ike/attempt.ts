// What the tenant is told of a handshake, while the peer is told next to nothing.

import type { Output, Seen } from './output.ts';
import { text, toHex } from '../bytes/octets.ts';
import { IdType } from '../wire/ike-numbers.ts';
import type { Path } from '../wire/path.ts';
import type { Identity } from '../wire/payload.ts';
import { formatAddress } from '../wire/prefix.ts';
import type { Member } from './pad.ts';
import type { IkeSa } from './state.ts';
import type { Turn } from './turn.ts';

/** What a device offers may be long, and is kept. */
const DETAIL_LENGTH = 1_024;

/** IKE_SA_INIT was answered. */
export function begunAttempt(turn: Turn, sa: IkeSa): Output {
  return attempt(turn, sa.path, seenOf(sa), null, 'begun', null, '', null);
}

/** @param sa what the handshake has come to so far. */
export function failedAttempt(
  turn: Turn,
  sa: IkeSa,
  claimed: Identity | string | null,
  reason: string,
  detail: string,
  member: Member | null = null,
): Output {
  return attempt(turn, sa.path, seenOf(sa), claimed, 'failed', reason, detail, member);
}

/** IKE_SA_INIT was refused: there is no SA. */
export function refusedAttempt(
  turn: Turn,
  path: Path,
  seen: Pick<Seen, 'weak' | 'windows' | 'nat' | 'cookie'>,
  reason: string,
  detail: string,
): Output {
  const nothing = { port: path.localPort, software: '', fragments: null };
  // The device is asked to try another group, and does so at once.
  const outcome = reason === 'invalid-ke' ? 'begun' : 'failed';
  return attempt(turn, path, { ...nothing, ...seen }, null, outcome, reason, detail, null);
}

export function connectedAttempt(
  turn: Turn,
  sa: IkeSa,
  claimed: Identity | string,
  detail: string,
  member: Member,
): Output {
  return attempt(turn, sa.path, seenOf(sa), claimed, 'connected', null, detail, member);
}

/** An identity as text for people; at most 256 characters. */
export function describeIdentity(identity: Identity): string {
  switch (identity.idType) {
    case IdType.IPV4_ADDR:
    case IdType.IPV6_ADDR:
      return identity.data.length === 4 || identity.data.length === 16
        ? formatAddress(identity.data)
        : toHex(identity.data);
    case IdType.FQDN:
    case IdType.RFC822_ADDR:
      return text(identity.data.subarray(0, 256));
    case IdType.KEY_ID:
      return `key-id ${toHex(identity.data.subarray(0, 64))}`;
    case IdType.DER_ASN1_DN:
      return 'certificate subject';
    default:
      return `type ${identity.idType}`;
  }
}

function seenOf({ path, traits, inbound }: IkeSa): Seen {
  const { nat, windows, software, cookie } = traits;
  const { reassembly } = inbound;
  const got = reassembly?.parts.flatMap((part, i) => (part === null ? [] : [i + 1])) ?? [];
  return {
    ...{ port: path.localPort, nat, windows, software, cookie, weak: false },
    fragments: reassembly && { got, total: reassembly.total },
  };
}

function attempt(
  turn: Turn,
  path: Path,
  seen: Seen,
  claimed: Identity | string | null,
  outcome: 'begun' | 'connected' | 'failed',
  reason: string | null,
  detail: string,
  member: Member | null,
): Output {
  const identity = claimed === null ? '' : typeof claimed === 'string' ? claimed : describeIdentity(claimed);
  return {
    kind: 'attempt',
    attempt: {
      at: turn.now,
      path,
      outcome,
      reason,
      detail: detail.slice(0, DETAIL_LENGTH),
      identity,
      organisation: member?.organisation ?? null,
      network: member?.network ?? null,
      member: member?.member ?? null,
      seen,
    },
  };
}
