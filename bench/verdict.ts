// What the project aims at, held against what was measured.

import type { Growth, SideBySide, Stage } from './plan.ts';
import { ratioOf, type Spread, spreadOf } from './statistics.ts';

export interface Verdict {
  readonly what: string;
  readonly value: Spread;
  readonly unit: string;
  readonly aim: string;
  readonly reached: boolean;
  /** Of the best round of each: others on the machine only add to what a packet costs. */
  readonly best: number | null;
}

const AIMS = { cpuRatio: 1.5, flatness: 0.1, cipherShare: 0.4 } as const;

export function verdictsOf(sideBySide: readonly SideBySide[], growth: Growth | null): Verdict[] {
  const stages = (growth?.stages ?? []).filter(({ senders }) => senders > 1);
  const ratios = sideBySide.filter(isPaired).map((round) => cpuRatio(`${round.octets} octets`, round));
  const among = stages.filter(isPaired).map((stage) => cpuRatio(`${stage.senders} senders`, stage));
  return [...ratios, ...among, ...sideBySide.map(cipherShare), ...stages.map(flatness)];
}

type Pair = Pick<SideBySide, 'culvert' | 'strongswan'>;

function isPaired({ strongswan }: Pair): boolean {
  return strongswan.length > 0;
}

/** Gateway CPU for each packet that was opened from one peer and sealed to another, relay and edge and all, against strongSwan's. */
function cpuRatio(of: string, { culvert, strongswan }: Pair): Verdict {
  const value = ratioOf(culvert.map(cpuOf), strongswan.map(cpuOf));
  return {
    what: `gateway CPU per packet, Culvert / strongSwan, ${of}`,
    value,
    unit: 'x',
    aim: `at most ${AIMS.cpuRatio}`,
    reached: value.median <= AIMS.cpuRatio,
    best: Math.min(...culvert.map(cpuOf)) / Math.min(...strongswan.map(cpuOf)),
  };
}

function cipherShare({ octets, culvert, cipher }: SideBySide): Verdict {
  const value = ratioOf(
    cipher,
    culvert.map(({ cpu }) => cpu.edge ?? Number.POSITIVE_INFINITY),
  );
  return {
    what: `cipher alone / CPU of the edge, ${octets} octets`,
    value: spreadOf([value.median, value.min, value.max].map((part) => part * 100)),
    unit: '%',
    aim: `at least ${AIMS.cipherShare * 100}`,
    reached: value.median >= AIMS.cipherShare,
    best: null,
  };
}

/** Packets for a second of the gateway's CPU when many send, against those when one does. */
function flatness({ senders, one, culvert }: Stage): Verdict {
  const value = ratioOf(one.map(cpuOf), culvert.map(cpuOf));
  return {
    what: `packets per CPU second, ${senders} senders / 1`,
    value,
    unit: 'x',
    aim: `${1 - AIMS.flatness} to ${1 + AIMS.flatness}`,
    reached: Math.abs(value.median - 1) <= AIMS.flatness,
    best: Math.min(...one.map(cpuOf)) / Math.min(...culvert.map(cpuOf)),
  };
}

export function cpuOf({ gatewayCpu }: { readonly gatewayCpu: number }): number {
  return gatewayCpu;
}
