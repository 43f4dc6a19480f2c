// The result for people: tables of plain text. docs/benchmarks.md says what each number means.

import { lineOf, type Machine } from './machine.ts';
import type { Options } from './options.ts';
import type { Growth, SideBySide } from './plan.ts';
import type { Handshakes, Round } from './site.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { verdictsOf } from './verdict.ts';

export interface Result {
  readonly takenAt: string;
  readonly machine: Machine;
  readonly options: Options;
  /** Why strongSwan was not measured; null when it was. */
  readonly alone: string | null;
  readonly sideBySide: readonly SideBySide[];
  /** null when no more than two peers were asked for. */
  readonly growth: Growth | null;
}

export function reportOf(result: Result): string {
  return `Culvert bench, ${result.takenAt.slice(0, 10)}: ${factsOf(result)}`;
}

/** The report without its date. */
export function factsOf(result: Result): string {
  const { machine, options, alone, sideBySide, growth } = result;
  const lines = [
    lineOf(machine),
    `${options.burst} packets a burst, ${options.bursts} bursts under way; median of ${roundsOf(result)} rounds (least..most); CPU in us per forwarded packet`,
    ...(alone === null ? [] : [`strongSwan was not measured: ${alone}`]),
    '',
    ...pairTable(sideBySide),
    ...(growth === null ? [] : ['', ...growthTable(growth), '', ...peerLines(growth)]),
    '',
    ...verdictLines(result),
  ];
  return `${lines.join('\n')}\n`;
}

/** Fewer than were asked for where the time was over. */
function roundsOf({ sideBySide, growth }: Result): string {
  const done = [...sideBySide, ...(growth?.stages ?? [])].map(({ culvert }) => culvert.length);
  const [least, most] = [Math.min(...done), Math.max(...done)];
  return least === most ? String(most) : `${least} to ${most}`;
}

function pairTable(sideBySide: readonly SideBySide[]): string[] {
  const rows = [['one peer to another', 'packets/s', 'Mbit/s', 'CPU', 'of which', 'lost']];
  for (const { octets, culvert, strongswan } of sideBySide) {
    rows.push(row(`Culvert, ${octets} octets`, culvert, partsOf(culvert)));
    if (strongswan.length > 0) rows.push(row(`strongSwan, ${octets} octets`, strongswan, partsOf(strongswan)));
  }
  const messages = sideBySide.map(
    ({ octets, messagesPerGigabyte }) => `${Math.round(messagesPerGigabyte)} at ${octets} octets`,
  );
  return [...table(rows), `WebSocket messages per GB of inner packets: ${messages.join(', ')}`];
}

function growthTable({ connected, octets, stages }: Growth): string[] {
  const rows = [[`${connected} connected, ${octets} octets`, 'packets/s', 'Mbit/s', 'CPU', 'of which', 'lost']];
  for (const { senders, culvert, strongswan } of stages) {
    rows.push(row(`Culvert, ${senders} send`, culvert, partsOf(culvert)));
    if (strongswan.length > 0) rows.push(row(`strongSwan, ${senders} send`, strongswan, partsOf(strongswan)));
  }
  return table(rows);
}

function peerLines({ connected, handshakes, memory }: Growth): string[] {
  return [
    ...Object.entries(handshakes).flatMap(([name, done]) => (done === null ? [] : [handshakeLine(name, done)])),
    ...Object.entries(memory).flatMap(([name, parts]) => {
      const each = Object.entries(parts).map(([part, octets]) => `${part} ${kib(octets)}`);
      const sum = Object.values(parts).reduce((all, octets) => all + octets, 0);
      return each.length === 0
        ? []
        : [`memory per idle peer at ${connected}, ${name}: ${kib(sum)} (${each.join(', ')})`];
    }),
  ];
}

function handshakeLine(name: string, { count, perSecond, cpuEach }: Handshakes): string {
  const capacity = 1000 / cpuEach;
  return `handshakes, ${name}: ${perSecond.toFixed(0)} per second over ${count}, ${cpuEach.toFixed(1)} ms of CPU each (${capacity.toFixed(0)} per core and second)`;
}

function verdictLines({ sideBySide, growth }: Result): string[] {
  return verdictsOf(sideBySide, growth).map(({ what, value, unit, aim, reached }) => {
    const digits = unit === '%' ? 0 : 2;
    return `${reached ? 'reached' : 'MISSED '}  ${what}: ${span(value, digits)} ${unit} (aim: ${aim})`;
  });
}

function row(name: string, rounds: readonly Round[], parts: string): string[] {
  const packets = spreadOf(rounds.map(({ packetsPerSecond }) => packetsPerSecond));
  const bits = spreadOf(rounds.map(({ bitsPerSecond }) => bitsPerSecond / 1e6));
  const cpu = spreadOf(rounds.map(({ gatewayCpu }) => gatewayCpu));
  const sent = rounds.reduce((sum, round) => sum + round.sent, 0);
  const received = rounds.reduce((sum, round) => sum + round.received, 0);
  const lost = `${(((sent - received) / sent) * 100).toFixed(2)} %`;
  return [name, packets.median.toFixed(0), bits.median.toFixed(1), span(cpu, 1), parts, lost];
}

function partsOf(rounds: readonly Round[]): string {
  const names = Object.keys(rounds[0]?.cpu ?? {});
  if (names.length < 2) return '';
  return names
    .map((name) => `${name} ${spreadOf(rounds.map(({ cpu }) => cpu[name] ?? 0)).median.toFixed(1)}`)
    .join(', ');
}

function span({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}..${max.toFixed(digits)})`;
}

function kib(octets: number): string {
  return `${(octets / 1024).toFixed(1)} KiB`;
}

/** The first column to the left, the others to the right, but for words. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)));
  return rows.map((cells) =>
    cells
      .map((cell, i) => (i === 0 || /[a-z],? /.test(cell) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}
