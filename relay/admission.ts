// What a stranger is given: a way in, a cookie to come back with (RFC 7296 section 2.6), or nothing. No sockets, no clock.

import type { TokenBucket } from '../src/route/token-bucket.ts';
import { bucketOf, type Rate, SourceBudget } from './budget.ts';

/** How many sources are told apart. A flood from more of them than this meets the budgets for all. */
const SOURCES = 16_384;

export interface Rates {
  /** IKE_SA_INIT requests without a cookie that are let in: beyond that a cookie is asked for. */
  readonly unproven: Rate;
  readonly unprovenPerSource: Rate;
  /** IKE_SA_INIT requests with a valid cookie. */
  readonly proven: Rate;
  readonly provenPerSource: Rate;
  /** Cookies sent to one source: what can be reflected at a forged one. */
  readonly challengePerSource: Rate;
  /** Dials for ESP and for IKE of routes that have no uplink: what forged SPIs can wake. */
  readonly wakeByEsp: Rate;
  readonly wakeByIke: Rate;
  readonly wakePerSource: Rate;
  /** Unprotected error notifications to one source (RFC 7296 section 2.21.4). */
  readonly notifyPerSource: Rate;
}

export const RATES: Rates = {
  unproven: { burst: 100, perSecond: 50 },
  unprovenPerSource: { burst: 20, perSecond: 5 },
  proven: { burst: 1000, perSecond: 500 },
  provenPerSource: { burst: 100, perSecond: 20 },
  challengePerSource: { burst: 100, perSecond: 50 },
  wakeByEsp: { burst: 400, perSecond: 100 },
  wakeByIke: { burst: 200, perSecond: 50 },
  wakePerSource: { burst: 20, perSecond: 2 },
  notifyPerSource: { burst: 1, perSecond: 1 },
};

/** Rates that ask every newcomer for a cookie. */
export const ALWAYS_CHALLENGE: Rates = { ...RATES, unproven: { burst: 0, perSecond: 0 } };

export type Verdict = 'admit' | 'challenge' | 'refuse-source' | 'refuse-all';

export class Admission {
  readonly #unproven: TokenBucket;
  readonly #unprovenPerSource: SourceBudget;
  readonly #proven: TokenBucket;
  readonly #provenPerSource: SourceBudget;
  readonly #challengePerSource: SourceBudget;
  readonly #wakeByEsp: TokenBucket;
  readonly #wakeByIke: TokenBucket;
  readonly #wakePerSource: SourceBudget;
  readonly #notifyPerSource: SourceBudget;

  constructor(rates: Rates) {
    this.#unproven = bucketOf(rates.unproven);
    this.#unprovenPerSource = new SourceBudget(rates.unprovenPerSource, SOURCES);
    this.#proven = bucketOf(rates.proven);
    this.#provenPerSource = new SourceBudget(rates.provenPerSource, SOURCES);
    this.#challengePerSource = new SourceBudget(rates.challengePerSource, SOURCES);
    this.#wakeByEsp = bucketOf(rates.wakeByEsp);
    this.#wakeByIke = bucketOf(rates.wakeByIke);
    this.#wakePerSource = new SourceBudget(rates.wakePerSource, SOURCES);
    this.#notifyPerSource = new SourceBudget(rates.notifyPerSource, SOURCES);
  }

  /** An IKE_SA_INIT request without a valid cookie. */
  newcomer(source: string, now: number): Verdict {
    if (this.#unprovenPerSource.take(source, now) && this.#unproven.take(now)) return 'admit';
    return this.#challengePerSource.take(source, now) ? 'challenge' : 'refuse-source';
  }

  /** An IKE_SA_INIT request whose cookie has shown that its sender receives at its address. */
  proven(source: string, now: number): Verdict {
    if (!this.#provenPerSource.take(source, now)) return 'refuse-source';
    return this.#proven.take(now) ? 'admit' : 'refuse-all';
  }

  /** A datagram for a route that has no uplink. */
  wake(kind: 'esp' | 'ike', source: string, now: number): Verdict {
    if (!this.#wakePerSource.take(source, now)) return 'refuse-source';
    return (kind === 'esp' ? this.#wakeByEsp : this.#wakeByIke).take(now) ? 'admit' : 'refuse-all';
  }

  mayNotify(source: string, now: number): boolean {
    return this.#notifyPerSource.take(source, now);
  }
}
