// How far a device has come on its way in, from what the gateway has seen of it.

import type { Placed } from '../directory/member-search.ts';
import { formatAddress } from '../../src/wire/prefix.ts';
import { knocksFrom, mayBe } from '../api/knocks.ts';
import { deploymentDomain } from '../directory/names.ts';
import type { AttemptEvidence, PeerReport } from '../edge/rpc.ts';
import { type LastLink, lastLink } from './last-link.ts';
import type { ConsoleContext } from './place.ts';
import { presenceOf, reportOf } from './live-state.ts';
import type { Tone } from './parts/status.tsx';
import { duration } from './words.ts';

export interface ProgressStep {
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
}

export interface Progress {
  /** It was never there: what comes of it may name nobody, and has to be asked for. */
  readonly awaited: boolean;
  readonly steps: readonly ProgressStep[];
}

const ATTEMPTS_MS = 24 * 3_600_000;

export async function progressOf(c: ConsoleContext, placed: Placed): Promise<Progress> {
  const { record, network } = placed;
  const [report, history, link, presence] = await Promise.all([
    reportOf(c.env, network.id, record.id),
    historyOf(c, network.id, record.id),
    lastLink(c.env.DB, record.id),
    presenceOf(c.env, network.id, [record.id]),
  ]);
  const recent = history.filter(({ at }) => c.var.place.now - at < ATTEMPTS_MS);
  const last = recent.find(({ outcome }) => outcome !== 'begun') ?? null;
  const failure = last?.outcome === 'failed' && !report ? last : null;
  const barred = record.revokedAt !== null || record.suspendedAt !== null;
  const awaited = !report && !barred && presence?.has(record.id) === false;
  const knock = awaited && !last ? (recent[0] ?? (await nearbyKnock(c, placed))) : null;
  const steps: ProgressStep[] = [
    handedOut(link),
    firstPacket(report, last?.from ?? null, knock),
    {
      tone: report ? 'good' : failure ? 'bad' : 'idle',
      title: report ? 'It has proved who it is' : failure ? 'It could not connect' : 'Proving who it is',
      detail: failure?.detail ?? report?.identity ?? '',
    },
    {
      tone: report ? 'good' : 'idle',
      title: 'Connected',
      detail: report
        ? connectedWords(record.addresses.map(formatAddress)[0] ?? '', report.report.roundTrip?.smoothed)
        : '',
    },
  ];
  return { awaited, steps };
}

/** @param from where a handshake came from that names the device; `knock` one that may be of it. */
function firstPacket(report: PeerReport | null, from: string | null, knock: AttemptEvidence | null): ProgressStep {
  if (report?.remote) {
    const nat = behindNat(report.nat) ? ', through a NAT' : '';
    const detail = `from ${report.remote.address}, UDP ${report.local?.port ?? ''}${nat}`;
    return { tone: 'good', title: 'Its packets reach us', detail };
  }
  if (report || from !== null) {
    return { tone: 'good', title: 'Its packets reach us', detail: from === null ? '' : `from ${from}` };
  }
  if (!knock) return { tone: 'idle', title: 'Waiting for its first packet', detail: '' };
  return {
    tone: 'good',
    title: `First packet reached us from ${knock.from}`,
    detail: knock.member === null ? 'It has not proved yet that it is this device.' : '',
  };
}

/** The youngest handshake of nobody that came from the visitor's own public address since the device was added, and may be of it. */
async function nearbyKnock(c: ConsoleContext, { record, network }: Placed): Promise<AttemptEvidence | null> {
  const earliest = Math.max(record.createdAt, c.var.place.now - ATTEMPTS_MS);
  const named = { name: record.name, network: network.label };
  const domain = deploymentDomain(c.env);
  try {
    const knocks = await knocksFrom(c.env, c.req.header('CF-Connecting-IP') ?? '');
    return knocks.find((knock) => knock.at >= earliest && mayBe(knock, named, domain)) ?? null;
  } catch {
    return null;
  }
}

function handedOut(link: LastLink | null): ProgressStep {
  if (!link) return { tone: 'idle', title: 'No profile handed out by a link yet', detail: '' };
  if (link.takenAt === null) return { tone: 'idle', title: 'Profile ready to be fetched', detail: '' };
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
