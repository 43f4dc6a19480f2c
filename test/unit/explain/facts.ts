// Facts as the edge would keep them, made of what a real Peer has put out.

import type { AttemptEvidence } from '../../../worker/edge/rpc.ts';
import type { ConnectionFacts, Departed, Facts } from '../../../worker/explain/facts.ts';
import { formatPath } from '../../../src/wire/path.ts';
import { formatAddress } from '../../../src/wire/prefix.ts';
import type { Pair } from '../../exchange/pair.ts';
import { allAttempts } from '../../exchange/scene.ts';
import { GATEWAY_NAME } from '../../sim/pad.ts';

export function factsOf(pair: Pair, more: Partial<Facts> = {}): Facts {
  return { ...plainFacts(pair.now), attempts: attemptsOf(pair), connection: connectionOf(pair), ...more };
}

/** Of a member of which nothing has been seen. */
export function plainFacts(now: number): Facts {
  return {
    now,
    gateway: GATEWAY_NAME,
    network: { name: 'office', prefixes: ['10.0.0.0/16', '10.1.0.0/24'], domains: [], dns: [], sitesDown: [] },
    member: {
      ...{ name: 'laptop', kind: 'device', auth: 'psk', identity: 'laptop.office.example' },
      ...{ revokedAt: null, suspendedAt: null, certificateNotAfter: null },
    },
    attempts: [],
    departures: [],
    connection: null,
    waitingSince: null,
  };
}

/** The youngest first. */
export function attemptsOf(pair: Pair): AttemptEvidence[] {
  return allAttempts(pair)
    .map(({ path, ...rest }, id) => ({ ...rest, id, path: formatPath(path), from: formatAddress(path.remoteAddress) }))
    .reverse();
}

export function connectionOf(pair: Pair): ConnectionFacts | null {
  const status = pair.peer.status();
  if (status === null) return null;
  const { since, packetsIn, packetsOut, dns, drops, software } = status;
  const windows = attemptsOf(pair).some(({ seen }) => seen.windows);
  return { since, packetsIn, packetsOut, dns, drops, software, windows, carries: status.children > 0 };
}

export function departure(reason: string, lasted: number, at: number, octets = 1_000): Departed {
  return { id: at, member: 'laptop', reason, since: at - lasted, at, octets };
}
