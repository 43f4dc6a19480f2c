// Why a device does not connect, or not well, in the words of who has to mend it.

import type { AttemptEvidence } from '../edge/rpc.ts';
import type { Explanation } from './explanation.ts';
import type { ConnectionFacts, Facts } from './facts.ts';
import { namesNotFound } from './naming.ts';
import { nothingBack, nothingSent } from './flowing.ts';
import { sharedIdentity, shortLived, vanished } from './lasting.ts';
import { barred } from './barred.ts';
import { cookieAsked, keyExchangeRetry, nothingInCommon } from './proposing.ts';
import { notProved, otherwise } from './proving.ts';
import { nothingHeard, stoppedOnTheWay } from './reaching.ts';

export type { Explanation } from './explanation.ts';
export type { Facts } from './facts.ts';

/** What stands in the way comes first. Empty: nothing is wrong that can be seen from here. */
export function explain(facts: Facts): Explanation[] {
  const bar = barred(facts);
  if (bar) return [bar];
  const findings = [
    sharedIdentity(facts),
    nothingHeard(facts),
    lastFailure(facts),
    nothingSent(facts),
    nothingBack(facts),
    shortLived(facts),
    vanished(facts),
    namesNotFound(facts),
    keyExchangeRetry(facts.attempts),
    cookieAsked(facts.attempts),
  ].filter((finding) => finding !== null);
  return findings.sort((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity]);
}

const WEIGHT = { failure: 0, warning: 1, note: 2 } as const;

/** Only the last handshake counts, and only while nothing better has come of a later one. */
function lastFailure(facts: Facts): Explanation | null {
  const last = facts.attempts.find(({ outcome }) => outcome !== 'begun');
  if (last?.outcome !== 'failed') return null;
  // It has been resumed since.
  if (last.reason === 'suspended') return null;
  if (facts.connection && isOver(last, facts.connection)) return null;
  return explainFailure(last, facts);
}

/** A handshake that proves who it is and gets no child SA fails, and there is a connection from that moment on. */
function isOver({ at }: AttemptEvidence, { since, carries }: ConnectionFacts): boolean {
  return since > at || (since === at && carries);
}

function explainFailure(attempt: AttemptEvidence, facts: Facts): Explanation {
  return stoppedOnTheWay(attempt) ?? nothingInCommon(attempt) ?? notProved(attempt, facts) ?? otherwise(attempt);
}
