// What a device offers, and what of it can be taken.

import type { AttemptEvidence } from '../edge/rpc.ts';
import type { Explanation } from './explanation.ts';
import { seenFrom } from './reaching.ts';

const TAKEN =
  'AES-GCM-256 or -128, ChaCha20-Poly1305, or AES-CBC with SHA-256, -384 or -512; key exchange by Curve25519, ECP-256, ECP-384, or MODP-2048, -3072, -4096';

export function nothingInCommon(attempt: AttemptEvidence): Explanation | null {
  const { reason, seen } = attempt;
  if (reason === 'weak-suite') return byHand(attempt);
  if (reason !== 'no-proposal-chosen' || attempt.member !== null) return null;
  return seen.weak ? byHand(attempt) : noCommonSuite(attempt);
}

function byHand(attempt: AttemptEvidence): Explanation {
  return {
    row: 'windows-by-hand',
    severity: 'failure',
    title: 'The device offers only encryption that can be broken.',
    text: 'All that it offers rests on MODP-1024 or SHA-1, as a connection does that was made by hand in the settings of Windows. We take neither.',
    next: [
      'On Windows: delete the connection, and run our script for it (Devices, this device, Profiles, Windows).',
      'On anything else: use the profile for that system, which sets the encryption too.',
      'A network for devices that can do no better has a switch in its settings (weak algorithms); leave it off where you can.',
    ],
    evidence: [['offered', offered(attempt)], ...seenFrom(attempt)],
  };
}

function noCommonSuite(attempt: AttemptEvidence): Explanation {
  return {
    row: 'no-common-suite',
    severity: 'failure',
    title: 'Device and gateway have no encryption in common.',
    text: 'We can take none of the combinations that the device offers.',
    next: [
      'Use the profile for its system: it sets what both know.',
      'On a router: choose AES-256 (GCM, or CBC with SHA-256), group 14 or 19 or 20, for both phases.',
    ],
    evidence: [['offered', offered(attempt)], ['taken here', TAKEN], ...seenFrom(attempt)],
  };
}

/** @param attempts the youngest first. */
export function keyExchangeRetry(attempts: readonly AttemptEvidence[]): Explanation | null {
  const tries = attempts.filter(({ reason }) => reason === 'invalid-ke');
  const [last] = tries;
  if (!last || last !== attempts[0]) return null;
  return {
    row: 'key-exchange-retry',
    severity: tries.length > 2 ? 'warning' : 'note',
    title: 'The device was asked to begin again with another key exchange.',
    text: 'It guessed a key exchange that we would not use and was told which one. That costs one more round trip and is no error; only when it repeats itself, the device does not do what it is asked.',
    next: tries.length > 2 ? ['Use the profile for its system, which names the right key exchange first.'] : [],
    evidence: [['times', String(tries.length)], ['asked for', last.detail], ...seenFrom(last)],
  };
}

/** @param attempts the youngest first. */
export function cookieAsked(attempts: readonly AttemptEvidence[]): Explanation | null {
  const [last] = attempts;
  if (!last?.seen.cookie || last.outcome !== 'begun') return null;
  const tries = attempts.filter(({ seen, outcome }) => seen.cookie && outcome === 'begun');
  const again = tries.length > 2;
  return {
    row: 'cookie-asked',
    severity: again ? 'warning' : 'note',
    title: 'The device was asked to show that it is where it says.',
    text: 'While many knock at once, a relay lets in only who comes back with a cookie. The device did; that costs one more round trip and is no error. Only when it repeats itself and nothing follows, our answers do not reach it.',
    next: again ? ['Try another network: on this one our answers get lost.'] : [],
    evidence: [['times', String(tries.length)], ...seenFrom(last)],
  };
}

function offered({ detail }: AttemptEvidence): string {
  return detail.replace(/^offered: /, '');
}
