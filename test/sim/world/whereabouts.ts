// The reference model of where a peer is: its endpoint moves on a datagram that the client made, that is newer than all before, and on
// nothing else (RFC 7296 section 2.23, RFC 4555 section 3.8).

import { toHex } from '../../../src/bytes/octets.ts';
import { classify, stripMarker } from '../../../src/wire/encap.ts';
import { espSequence, espSpi } from '../../../src/wire/esp.ts';
import { parseIkeHeader } from '../../../src/wire/ike-header.ts';
import { type Datagram, formatEndpoint, formatPath, type Path } from '../../../src/wire/path.ts';
import { address } from '../initiator/identities.ts';
import type { Shell } from './shell.ts';

/** What is known of one peer object. */
interface Known {
  /** Path -> when the newest datagram of the client's came by it, in the order of their coming. */
  readonly heard: Map<string, number>;
  /** Where ESP goes, and what it took to get there. */
  esp: string | null;
  since: number;
}

/** An ICV, or as much of a first message as tells it from others. */
const TAIL = 24;
/** Packets that were under way when UPDATE_SA_ADDRESSES came do not move the endpoint back; a little more for the step itself. */
const UNDER_WAY_MS = 6_000;

export class Whereabouts {
  readonly violations: string[] = [];
  moves = 0;
  #serial = 0;
  /** Made by a client; true once a peer object has worked it off. */
  readonly #genuine = new Map<string, boolean>();
  /** SPI, or SPIs and direction -> the newest number. */
  readonly #newest = new Map<string, number>();
  readonly #known = new Map<Shell, Known>();

  /** A client sends this. */
  made(octets: Uint8Array): void {
    const key = tailOf(octets);
    if (!this.#genuine.has(key)) this.#genuine.set(key, false);
  }

  /** A peer object works this off. What a client has not made, was worked off before, or is older than the newest, moves nothing. */
  worked(shell: Shell, datagram: Datagram): void {
    const key = tailOf(datagram.octets);
    if (this.#genuine.get(key) !== false) return;
    this.#genuine.set(key, true);
    const place = placeOf(datagram);
    if (place === null || place.number < (this.#newest.get(place.stream) ?? 0)) return;
    this.#newest.set(place.stream, place.number);
    this.#of(shell).heard.set(formatPath(datagram.path), ++this.#serial);
  }

  /** Something has happened in a peer object: its endpoint is where the model lets it be. */
  check(shell: Shell): void {
    const here = endpointOf(shell);
    if (here === null) return;
    const known = this.#of(shell);
    if (here === known.esp) return;
    const heard = known.heard.get(here);
    const from = known.esp ?? 'nowhere';
    if (heard === undefined)
      this.violations.push(`the endpoint moved from ${from} to ${here}, where the client never was`);
    else if (heard <= known.since)
      this.violations.push(`the endpoint moved from ${from} back to ${here}, which is old`);
    if (known.esp !== null) this.moves++;
    known.esp = here;
    known.since = heard ?? this.#serial;
  }

  /** ESP and requests of the gateway's own go to where the client has been heard; a response goes where its request came from. */
  leaves(shell: Shell, { path, octets }: Datagram): void {
    if (isResponse(path.localPort, octets)) return;
    if (!this.#of(shell).heard.has(formatPath(path)))
      this.violations.push(`the gateway sends to ${formatEndpoint(path.remoteAddress, path.remotePort)} unasked`);
  }

  /** A batch has been opened that came by one path, with the newest packet of its child in it: ESP goes there from now on. */
  opened(shell: Shell, batch: readonly Datagram[], passed: number, now: number): void {
    const [first] = batch;
    const report = shell.peer.status()?.report;
    if (first === undefined || passed === 0 || report === undefined || report.behind === 'gateway') return;
    const path = formatPath(first.path);
    const last = batch.reduce((most, each) => (espSequence(each.octets) > espSequence(most.octets) ? each : most));
    const sameSpi = batch.every(({ octets }) => espSpi(octets) === espSpi(last.octets));
    const onePath = batch.every((each) => formatPath(each.path) === path);
    const newest = espSequence(last.octets) === this.#newest.get(`esp/${espSpi(last.octets)}`);
    const underWay = report.moves.some(({ by, at }) => by === 'update' && now - at < UNDER_WAY_MS);
    if (!sameSpi || !onePath || !newest || underWay || passed < batch.length) return;
    const here = endpointOf(shell);
    if (here !== path) this.violations.push(`the newest packet came by ${path}, and ESP goes to ${here}`);
  }

  /** The relay is asked to keep a path open. */
  kept(shell: Shell, path: Path): void {
    if (!this.#of(shell).heard.has(formatPath(path)))
      this.violations.push(`keepalives go to ${formatPath(path)}, where the client never was`);
  }

  /** By which path the client's newest datagram came. */
  newest(shell: Shell): string | null {
    return [...this.#of(shell).heard].reduce<readonly [string | null, number]>(
      (last, [path, at]) => (at > last[1] ? [path, at] : last),
      [null, 0],
    )[0];
  }

  forget(shell: Shell): void {
    this.#known.delete(shell);
  }

  #of(shell: Shell): Known {
    const known = this.#known.get(shell) ?? { heard: new Map(), esp: null, since: 0 };
    this.#known.set(shell, known);
    return known;
  }
}

/** As formatPath writes it; null while nobody is authenticated. */
export function endpointOf(shell: Shell): string | null {
  const status = shell.peer.status();
  if (!status?.local || !status.remote) return null;
  const [local, remote] = [status.local, status.remote].map((end) => formatEndpoint(address(end.address), end.port));
  return `${local} - ${remote}`;
}

function tailOf(octets: Uint8Array): string {
  return `${octets.length}/${toHex(octets.subarray(-TAIL))}`;
}

function placeOf({ path, octets }: Datagram): { readonly stream: string; readonly number: number } | null {
  const kind = classify(path.localPort, octets);
  if (kind === 'esp') return { stream: `esp/${espSpi(octets)}`, number: espSequence(octets) };
  if (kind !== 'ike') return null;
  const { SPIi, SPIr, response, messageId } = parseIkeHeader(stripMarker(octets));
  return { stream: `ike/${SPIi}/${SPIr}/${response}`, number: messageId };
}

function isResponse(localPort: number, octets: Uint8Array): boolean {
  if (classify(localPort, octets) !== 'ike') return false;
  return parseIkeHeader(stripMarker(octets)).response;
}
