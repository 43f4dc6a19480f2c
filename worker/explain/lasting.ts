// Connections that end too soon: how long they last tells why.

import type { Explanation } from './explanation.ts';
import type { Departed, Facts } from './facts.ts';
import { moment, span } from './moment.ts';
import { brokeOff } from './proving.ts';

const MINUTE = 60_000;
const MEBIBYTE = 1_048_576;
/** Only what is young matters to who asks now. */
const RECENT_MS = 24 * 60 * MINUTE;
/** Whoever breaks off right after our proof is asked in vain, and given up, within so long. */
const NOTICED_MS = 20 * MINUTE;
/** Two connections of one member within so long of each other: it is in two places. */
const TURNS_MS = 5 * MINUTE;

export function sharedIdentity({ departures, attempts, now, member }: Facts): Explanation | null {
  const replaced = recent(departures, now).filter(
    ({ reason, since, at }) => reason === 'replaced' && at - since < TURNS_MS,
  );
  const froms = new Set(
    attempts.filter(({ at, outcome }) => outcome === 'connected' && now - at < RECENT_MS).map(({ from }) => from),
  );
  if (replaced.length < 2 || froms.size < 2) return null;
  return {
    row: 'shared-identity',
    severity: 'failure',
    title: 'Two devices use the same profile.',
    text: `Whenever one of them connects, the other is cut off: within a day that happened ${replaced.length} times, from ${froms.size} addresses in turn. A profile is for one device.`,
    next: [
      'Add the second device by itself, and give it its own profile.',
      `If you do not know a second one, revoke ${member?.name ?? 'it'} at once: its key is in other hands.`,
    ],
    evidence: [['addresses', [...froms].slice(0, 8).join(', ')], ...ends(replaced)],
  };
}

interface Pattern {
  readonly fits: (minutes: number, mebibytes: number) => boolean;
  /** What it is cut off after, when that is not the time. */
  readonly after?: string;
  readonly text: string;
  readonly next: string;
}

const PATTERNS: readonly Pattern[] = [
  {
    fits: (_, mebibytes) => mebibytes >= 180 && mebibytes <= 260,
    after: 'about 200 MiB',
    text: 'Windows renews its keys after so much, whatever the time, and breaks off when the encryption that it offers then does not fit.',
    next: 'Run our script for Windows again: it sets the encryption of both phases.',
  },
  {
    fits: (m) => m >= 7.5 && m <= 9,
    text: 'iPhones and iPads that change from Wi-Fi to mobile data without MOBIKE are cut off after eight minutes.',
    next: 'Give it the new profile: it switches MOBIKE on.',
  },
  {
    fits: (m) => (m >= 23 && m <= 25) || (m >= 47 && m <= 49),
    text: 'macOS renews its keys after 24 minutes, and breaks off when the key exchange in the profile does not fit.',
    next: 'Give it the new profile: it sets the key exchange of both phases, with PFS.',
  },
  {
    fits: (m) => m >= 57 && m <= 62,
    text: 'An hour is what many devices have set as the lifetime of their keys, and the renewal failed.',
    next: 'Set the lifetime on the device to 24 hours for IKE and 8 hours for the child, or use the profile.',
  },
];

export function shortLived({ departures, now, connection }: Facts): Explanation | null {
  const young = recent(departures, now).filter(({ reason }) => !OURS.has(reason));
  for (const { fits, after, text, next } of PATTERNS) {
    const hits = young.filter((ended) => fits(minutesOf(ended), mebibytesOf(ended)));
    if (hits.length < 2) continue;
    return {
      row: 'short-lived',
      severity: connection ? 'warning' : 'failure',
      title: `It is cut off after ${after ?? span(hits[0]!.at - hits[0]!.since)}, again and again.`,
      text,
      next: [next],
      evidence: ends(hits),
    };
  }
  return null;
}

/** What somebody wanted is no riddle. */
const OURS: ReadonlySet<string> = new Set(['revoked', 'suspended', 'replaced', 'disconnected by the operator']);

export function vanished(facts: Facts): Explanation | null {
  const last = wentSilent(facts);
  if (last === null) return null;
  // Its first packet would have been the first sign that it took our proof.
  if (last.octets === 0 && last.at - last.since < NOTICED_MS) return brokeOff(facts, ends([last]));
  return {
    row: 'peer-vanished',
    severity: 'warning',
    title: 'It went silent.',
    text: `The device was connected for ${span(last.at - last.since)} and then answered no more: it was switched off, went to sleep, or lost its network. That is no error; it comes back by itself when it is used.`,
    next: ['If it is in use and does not come back: disconnect and connect it by hand, and look at this page again.'],
    evidence: ends([last]),
  };
}

/** The end of the last connection, when that was silence. */
function wentSilent({ departures, connection, now, attempts }: Facts): Departed | null {
  const [last] = recent(departures, now);
  if (connection || !last || last.reason !== 'no answer' || attempts.some(({ at }) => at > last.at)) return null;
  return last;
}

function minutesOf({ since, at }: Departed): number {
  return (at - since) / MINUTE;
}

function mebibytesOf({ octets }: Departed): number {
  return octets / MEBIBYTE;
}

function recent(departures: readonly Departed[], now: number): Departed[] {
  return departures.filter(({ at }) => now - at < RECENT_MS);
}

function ends(departures: readonly Departed[]): [string, string][] {
  return departures.slice(0, 4).map((ended) => {
    const mebibytes = Math.round(mebibytesOf(ended));
    const carried = mebibytes > 0 ? ` and ${mebibytes} MiB` : '';
    return [moment(ended.at), `${ended.reason}, after ${span(ended.at - ended.since)}${carried}`];
  });
}
