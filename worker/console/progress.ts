// How far a device has come on its way in, from what the gateway has seen of it.

import type { Placed } from '../directory/member-search.ts';
import { formatAddress } from '../../src/wire/prefix.ts';
import type { AttemptEvidence } from '../edge/rpc.ts';
import type { ConsoleContext } from './place.ts';
import { reportOf } from './live-state.ts';
import type { Tone } from './parts/status.tsx';
import { duration } from './words.ts';

export interface ProgressStep {
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
}

export interface Progress {
  readonly done: boolean;
  readonly steps: readonly ProgressStep[];
}

const ATTEMPTS_MS = 24 * 3_600_000;

export async function progressOf(c: ConsoleContext, { record, network }: Placed): Promise<Progress> {
  const [report, history, link] = await Promise.all([
    reportOf(c.env, network.id, record.id),
    historyOf(c, network.id, record.id),
    lastLink(c.env.DB, record.id),
  ]);
  const last = history.find(({ at }) => c.var.place.now - at < ATTEMPTS_MS) ?? null;
  const failure = last?.outcome === 'failed' && !report ? last : null;
  const seen = report !== null || last !== null;
  const steps: ProgressStep[] = [
    handedOut(link),
    {
      tone: seen ? 'good' : 'idle',
      title: seen ? 'Its packets reach us' : 'Waiting for its first packet',
      detail: report?.remote
        ? `from ${report.remote.address}, UDP ${report.local?.port ?? ''}${behindNat(report.nat) ? ', through a NAT' : ''}`
        : (last?.from ?? ''),
    },
    {
      tone: report ? 'good' : failure ? 'bad' : 'idle',
      title: report ? 'It has proved who it is' : failure ? 'It could not connect' : 'Proving who it is',
      detail: failure?.detail ?? report?.identity ?? '',
    },
    {
      tone: report ? 'good' : 'idle',
      title: report ? 'Connected' : 'Connected',
      detail: report
        ? connectedWords(record.addresses.map(formatAddress)[0] ?? '', report.report.roundTrip?.smoothed)
        : '',
    },
  ];
  return { done: report !== null, steps };
}

function handedOut(link: { created_at: number; taken_at: number | null } | null): ProgressStep {
  if (!link) return { tone: 'idle', title: 'No profile handed out by a link yet', detail: '' };
  if (link.taken_at === null) return { tone: 'idle', title: 'Profile ready to be fetched', detail: '' };
  return { tone: 'good', title: 'Profile fetched', detail: '' };
}

function connectedWords(address: string, roundTrip: number | undefined): string {
  return roundTrip === undefined ? address : `${address}, ${duration(roundTrip)} there and back`;
}

function behindNat(nat: string): boolean {
  return nat === 'peer' || nat === 'both';
}

async function historyOf(c: ConsoleContext, network: string, member: string): Promise<readonly AttemptEvidence[]> {
  try {
    return (await c.env.NETWORK.getByName(network).history(member)).attempts;
  } catch {
    return [];
  }
}

function lastLink(db: D1Database, member: string): Promise<{ created_at: number; taken_at: number | null } | null> {
  return db
    .prepare('SELECT created_at, taken_at FROM links WHERE member_id = ? ORDER BY created_at DESC LIMIT 1')
    .bind(member)
    .first();
}
