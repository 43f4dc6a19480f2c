// Before anybody has said who it is: what arrives, on which port, and in how many pieces.

import type { AttemptEvidence } from '../edge/rpc.ts';
import type { Explanation } from './explanation.ts';
import type { Facts } from './facts.ts';
import { moment, span } from './moment.ts';

/** A device that tries is heard within a few seconds; one that has not been after so long is not. */
const SILENCE_MS = 60_000;

export function nothingHeard({ now, waitingSince, attempts, connection, gateway }: Facts): Explanation | null {
  if (waitingSince === null || connection !== null || now - waitingSince < SILENCE_MS) return null;
  if (attempts.some(({ at }) => at >= waitingSince)) return null;
  return {
    row: 'nothing-heard',
    severity: 'failure',
    title: 'Nothing has reached us.',
    text: `For ${span(now - waitingSince)} not a single packet of this device has arrived. Either it dials another name, or the network that it is in lets no UDP to port 500 out. Windows calls this error 809.`,
    next: [
      `Compare the server name on the device with ${gateway}, letter by letter.`,
      `Look the name up from the device's network: nslookup ${gateway}`,
      'Try another network, a phone as a hotspot for instance. If that works, the first network blocks UDP 500 or 4500: ask who runs it to let both out.',
    ],
    evidence: [
      ['waiting since', moment(waitingSince)],
      ['last heard', attempts[0] ? moment(attempts[0].at) : 'never'],
    ],
  };
}

export function stoppedOnTheWay(attempt: AttemptEvidence): Explanation | null {
  if (attempt.reason !== 'no-auth') return null;
  const { fragments, port } = attempt.seen;
  if (fragments !== null) return fragmentsLost(attempt, fragments);
  return port === 500 ? port4500Blocked(attempt) : answerLost(attempt);
}

function fragmentsLost(
  attempt: AttemptEvidence,
  { got, total }: NonNullable<AttemptEvidence['seen']['fragments']>,
): Explanation {
  const missing = Array.from({ length: total }, (_, i) => i + 1).filter((number) => !got.includes(number));
  return {
    row: 'fragments-lost',
    severity: 'failure',
    title: 'Part of its sign-in gets lost on the way.',
    text: `The device sent its proof of identity in ${total} pieces, and ${listed(missing)} never came: something on the path drops some of them, often because they are too large for it.`,
    next: [
      'Try another network. If that works, the first one drops packets of that size: a smaller MTU on its router helps.',
      'Give the device a new profile: certificates with ECDSA keys are a third as large as RSA ones.',
      'On Windows before version 1803 there is no IKEv2 fragmentation: update it.',
    ],
    evidence: [['pieces that came', `${listed(got)} of ${total}`], ...seenFrom(attempt)],
  };
}

function port4500Blocked(attempt: AttemptEvidence): Explanation {
  return {
    row: 'port-4500-blocked',
    severity: 'failure',
    title: 'UDP 500 gets through, UDP 4500 does not.',
    text: 'The device reached us on port 500 and we answered. The next message goes to port 4500, and it never came: the network that the device is in lets that port not out. Some mobile carriers and guest networks do so.',
    next: [
      'Try another network, a phone as a hotspot for instance.',
      'Ask who runs the network to let UDP 4500 out.',
      'strongSwan clients can be given another port; Windows, iOS and macOS cannot.',
    ],
    evidence: seenFrom(attempt),
  };
}

function answerLost(attempt: AttemptEvidence): Explanation {
  return {
    row: 'answer-lost',
    severity: 'failure',
    title: 'It began, and did not go on.',
    text: 'The device reached us and we answered, but its proof of identity never came whole. Our answer may not reach it, or its large next packet is dropped on the way.',
    next: [
      'Try another network.',
      'If it fails everywhere, look at the log of the device: it may have refused our answer.',
    ],
    evidence: seenFrom(attempt),
  };
}

export function seenFrom({ at, path, seen }: AttemptEvidence): [string, string][] {
  const nat = {
    none: 'no',
    peer: 'yes, at the device',
    gateway: 'yes, at the gateway',
    both: 'yes, at both',
    unknown: '',
  }[seen.nat];
  return [
    ['when', moment(at)],
    ['between', path],
    ...(nat ? [['NAT', nat] as [string, string]] : []),
    ...(seen.software ? [['software', seen.software] as [string, string]] : []),
    ...(seen.windows ? [['system', 'Windows'] as [string, string]] : []),
  ];
}

function listed(numbers: readonly number[]): string {
  if (numbers.length === 0) return 'none';
  return numbers.length === 1
    ? `number ${numbers[0]}`
    : `numbers ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
}
