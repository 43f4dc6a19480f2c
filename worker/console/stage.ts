// Where a member stands, from "never connected" to "online": decided from facts alone, so that list and detail never disagree.

import type { AttemptEvidence, Presence } from '../edge/rpc.ts';
import type { Tone } from './tone.ts';
import { date } from './words.ts';

export type Stage =
  | 'never-connected'
  | 'profile-issued'
  | 'profile-downloaded'
  | 'first-packet'
  | 'online'
  | 'offline'
  | 'expiring'
  | 'expired'
  | 'suspended'
  | 'revoked'
  | 'unknown';

export interface Standing {
  readonly stage: Stage;
  readonly tone: Tone;
  readonly word: string;
  /** Since when, where that is known. */
  readonly since: number | null;
  /** Why, in a sentence; empty where the word says it. */
  readonly why: string;
}

export interface Facts {
  readonly record: {
    readonly suspendedAt: number | null;
    readonly revokedAt: number | null;
    readonly certificate: { readonly notAfter: number } | null;
  };
  /** undefined: the network does not answer; null: the member never was there. */
  readonly presence: Presence | null | undefined;
  /** The last link by which its profile was handed out. */
  readonly link?: { readonly madeAt: number; readonly takenAt: number | null } | null;
  /** The last handshake that came from it and failed. */
  readonly failure?: Pick<AttemptEvidence, 'at' | 'detail'> | null;
}

const EXPIRING_MS = 30 * 86_400_000;

export function standingOf({ record, presence, link = null, failure = null }: Facts, now: number): Standing {
  const { suspendedAt, revokedAt, certificate } = record;
  if (revokedAt !== null) return { stage: 'revoked', tone: 'bad', word: 'Revoked', since: revokedAt, why: '' };
  if (suspendedAt !== null) {
    const why = 'It cannot connect until it is resumed.';
    return { stage: 'suspended', tone: 'warn', word: 'Suspended', since: suspendedAt, why };
  }
  if (presence === undefined) {
    return { stage: 'unknown', tone: 'warn', word: 'Unknown', since: null, why: 'The network does not answer now.' };
  }
  if (certificate && certificate.notAfter <= now) {
    const why = `Its certificate ended on ${date(certificate.notAfter)}: hand out a new profile.`;
    return { stage: 'expired', tone: 'bad', word: 'Certificate expired', since: certificate.notAfter, why };
  }
  if (presence && presence.left === null) return online(presence, certificate?.notAfter ?? null, now);
  if (failure && failure.at > (presence?.left ?? 0)) {
    return { stage: 'first-packet', tone: 'bad', word: 'Cannot connect', since: failure.at, why: failure.detail };
  }
  if (presence) {
    return { stage: 'offline', tone: 'idle', word: 'Offline', since: presence.left, why: whyLeft(presence.reason) };
  }
  if (!link) return { stage: 'never-connected', tone: 'idle', word: 'Never connected', since: null, why: '' };
  return link.takenAt === null
    ? { stage: 'profile-issued', tone: 'idle', word: 'Profile issued', since: link.madeAt, why: '' }
    : { stage: 'profile-downloaded', tone: 'idle', word: 'Profile downloaded', since: link.takenAt, why: '' };
}

function online({ joined }: Presence, notAfter: number | null, now: number): Standing {
  if (notAfter === null || notAfter - now > EXPIRING_MS) {
    return { stage: 'online', tone: 'good', word: 'Online', since: joined, why: '' };
  }
  const why = `Its certificate ends on ${date(notAfter)}: hand out a new profile before.`;
  return { stage: 'expiring', tone: 'warn', word: 'Online, expiring', since: joined, why };
}

const REASONS: Readonly<Record<string, string>> = {
  replaced: 'It connected anew.',
  revoked: 'It was revoked.',
  suspended: 'It was suspended.',
  lost: 'Its connection was lost.',
  'deleted by the peer': 'It said goodbye.',
  'lifetime ended': 'Its connection was not renewed in time.',
  'no answer': 'It did not answer any more: switched off, asleep, or without a network.',
};

function whyLeft(reason: string): string {
  return REASONS[reason] ?? (reason === '' || reason === 'gone' ? '' : `Why: ${reason}.`);
}
