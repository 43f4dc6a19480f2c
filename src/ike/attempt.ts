// What the tenant is told of a handshake, while the peer is told next to nothing.

import type { Output } from './output.ts';
import { text, toHex } from '../bytes/octets.ts';
import { IdType } from '../wire/ike-numbers.ts';
import type { Path } from '../wire/path.ts';
import type { Identity } from '../wire/payload.ts';
import { formatAddress } from '../wire/prefix.ts';
import type { Member } from './pad.ts';
import type { Turn } from './turn.ts';

export function failedAttempt(
  turn: Turn,
  path: Path,
  claimed: Identity | string | null,
  reason: string,
  detail: string,
  member: Member | null = null,
): Output {
  return attempt(turn, path, claimed, 'failed', reason, detail, member);
}

export function connectedAttempt(
  turn: Turn,
  path: Path,
  claimed: Identity | string,
  detail: string,
  member: Member,
): Output {
  return attempt(turn, path, claimed, 'connected', null, detail, member);
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

function attempt(
  turn: Turn,
  path: Path,
  claimed: Identity | string | null,
  outcome: 'connected' | 'failed',
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
      detail,
      identity,
      organisation: member?.organisation ?? null,
      network: member?.network ?? null,
      member: member?.member ?? null,
    },
  };
}
