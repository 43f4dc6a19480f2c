// One WebSocket to one peer object: datagrams go both ways in frames, many in one under load, within a credit.

import type WebSocket from 'ws';
import { FRAME_DATAGRAMS, type FrameRecord, parseFrame } from '../src/wire/frame.ts';
import type { Path } from '../src/wire/path.ts';
import { Retry } from './backoff.ts';
import { type Refusal, whenOpen } from './edge.ts';
import { KnownPaths } from './known-paths.ts';
import { Outbox } from './outbox.ts';
import type { RemotePath } from './paths.ts';
import type { End, Origin, State, UplinkPorts } from './uplink-ports.ts';

/** Sent on and not yet credited to the edge: beyond this it is told soon, else with the next frame. A third of what the edge may send before it must pause. */
const CREDIT_DUE = 128 << 10;
/** A frame's worth: sent without waiting. */
const BATCH = { datagrams: FRAME_DATAGRAMS, octets: 56 << 10 } as const;
/** A route that the edge has never opened is given up after so long. */
const PATIENCE = 30_000;
const FORGET_CODES = { from: 4000, to: 4999 } as const;

export class Uplink {
  readonly route: number;
  /** Null when it was dialled for an SA that exists. */
  readonly origin: Origin | null;
  readonly known: KnownPaths;
  state: State = 'dialling';
  /** When a frame last went up, ms. */
  sentAt = Number.NEGATIVE_INFINITY;
  readonly #ports: UplinkPorts;
  readonly #retry = new Retry();
  readonly #outbox = new Outbox();
  readonly #born: number;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #everOpen = false;
  #answered = true;
  #downAt: number;
  #creditOwed = 0;
  #isDue = false;

  constructor(route: number, origin: Origin | null, ports: UplinkPorts) {
    this.route = route;
    this.origin = origin;
    this.#ports = ports;
    this.known = new KnownPaths(ports.paths, ports.forgotten);
    this.#born = ports.now();
    this.#downAt = this.#born;
  }

  dial(): void {
    this.state = 'dialling';
    const socket = this.#ports.edge.peer(this.route, this.origin !== null && !this.#everOpen);
    this.#socket = socket;
    whenOpen(
      socket,
      () => this.#opened(),
      (refusal) => this.#refused(refusal),
    );
    socket.on('message', (data, isBinary) => {
      if (socket === this.#socket) this.#received(socket, data as Buffer, isBinary);
    });
    socket.on('pong', () => (this.#answered = true));
    socket.once('close', (code) => this.#closed(socket, code));
  }

  /** Takes one datagram for the edge; drops are counted. */
  forward(remote: RemotePath, octets: Uint8Array, now: number): void {
    const connected = this.state === 'open';
    const drop = this.#outbox.put(remote, octets, connected, now);
    if (drop !== null) {
      this.#ports.counts.dropped[drop] += 1;
      return;
    }
    if (!connected || this.#outbox.pauses) return;
    const { datagrams, held } = this.#outbox;
    if (datagrams.length >= BATCH.datagrams || held >= BATCH.octets) this.flush();
    else this.#due();
  }

  /** Sends what waits and may be sent: credit first, then datagrams, as many frames as it takes. */
  flush(): void {
    this.#isDue = false;
    if (this.state !== 'open') return;
    const { writer } = this.#ports.frames;
    if (this.#creditOwed > 0) writer.credit(this.#creditOwed);
    this.#creditOwed = 0;
    const { remotes, datagrams, sendable } = this.#outbox;
    for (let i = 0; i < sendable; i++) this.#write(remotes[i]!.path, datagrams[i]!);
    if (!writer.empty) this.#send();
    this.#ports.counts.octets.up += this.#outbox.sent(sendable);
  }

  /** Called every half minute or so. */
  beat(now: number, idleAfter: number): void {
    if (!this.#everOpen && now - this.#born > PATIENCE) this.end('gave-up');
    else if (now - Math.max(this.known.heard, this.#downAt) > idleAfter) this.end('idle');
    if (this.state !== 'open') return;
    this.known.reportSilence(now, (path, seconds) => this.#reportSilence(path, seconds));
    if (!this.#answered) {
      this.#socket?.terminate();
      return;
    }
    this.#answered = false;
    this.#socket?.ping();
  }

  /** What never reached the edge. */
  leftovers(): readonly { readonly remote: RemotePath; readonly octets: Uint8Array }[] {
    const { remotes, datagrams } = this.#outbox;
    return datagrams.map((octets, i) => ({ remote: remotes[i]!, octets }));
  }

  /** Closes and forgets, `code` for the edge: 1000 or 1001. */
  end(why: End, code = 1000): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    clearTimeout(this.#timer);
    this.#socket?.close(code);
    this.#ports.ended(this, why);
    this.known.clear();
    this.#outbox.clear();
  }

  #opened(): void {
    if (this.state !== 'dialling') return;
    this.state = 'open';
    this.#everOpen = true;
    this.#answered = true;
    this.#outbox.connected();
    this.#creditOwed = 0;
    this.#retry.opened(this.#ports.now());
    this.#ports.counts.dialled.open += 1;
    this.#ports.edge.reached();
    this.flush();
  }

  #refused(refusal: Refusal): void {
    if (this.state !== 'dialling') return;
    const { counts, edge } = this.#ports;
    const { status } = refusal;
    if (status === 404 || status === 409) {
      const why = status === 404 ? 'no-such-sa' : 'taken';
      counts.dialled[why] += 1;
      edge.reached();
      this.end(why);
      return;
    }
    counts.dialled[status === 401 || status === 403 ? 'forbidden' : 'failed'] += 1;
    edge.peerFailed(this.route, refusal);
    this.#redial();
  }

  #closed(socket: WebSocket, code: number): void {
    if (socket !== this.#socket || this.state !== 'open') return;
    if (code === 1000 || (code >= FORGET_CODES.from && code <= FORGET_CODES.to)) {
      this.end('released');
      return;
    }
    this.#ports.counts.closed.lost += 1;
    this.#redial();
  }

  #redial(): void {
    this.state = 'waiting';
    this.#socket = null;
    this.#timer = setTimeout(() => this.dial(), this.#retry.next(this.#ports.now(), this.#ports.random()));
  }

  #received(socket: WebSocket, data: Buffer, isBinary: boolean): void {
    if (this.state !== 'open') return;
    const records = isBinary ? parsed(data) : null;
    if (records === null) {
      this.#ports.counts.closed.malformed += 1;
      socket.close(1007);
      this.#redial();
      return;
    }
    this.#answered = true;
    this.#ports.counts.frames.down += 1;
    const now = this.#ports.now();
    for (const record of records) {
      if (this.state !== 'open') return;
      this.#obey(record, now);
    }
    if (this.#creditOwed >= CREDIT_DUE) this.#due();
  }

  #due(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#ports.due(this);
  }

  #obey(record: FrameRecord, now: number): void {
    switch (record.kind) {
      case 'datagram':
        this.#downAt = now;
        this.#creditOwed += record.octets.length;
        this.#ports.counts.octets.down += record.octets.length;
        this.#ports.down(this, record.path, record.octets, now);
        return;
      case 'credit': {
        const paused = this.#outbox.pauses;
        this.#outbox.credited(record.octets);
        if (paused) this.flush();
        return;
      }
      case 'keepalive':
        this.#ports.keepalive(this, record.path, record.seconds);
        return;
      case 'release':
        this.end('released');
        return;
      case 'silent':
        return;
    }
  }

  #write(path: Path, octets: Uint8Array): void {
    const { writer } = this.#ports.frames;
    if (writer.datagram(path, octets)) return;
    if (!writer.empty) {
      this.#send();
      if (writer.datagram(path, octets)) return;
    }
    this.#ports.counts.dropped.oversize += 1;
  }

  #reportSilence(path: Path, seconds: number): boolean {
    this.#ports.frames.writer.silent(path, seconds);
    this.#send();
    this.#ports.counts.silent.reported += 1;
    return true;
  }

  #send(): void {
    this.#ports.counts.frames.up += 1;
    this.sentAt = this.#ports.now();
    if (this.#socket !== null) this.#ports.frames.send(this.#socket);
  }
}

function parsed(octets: Uint8Array): FrameRecord[] | null {
  try {
    return parseFrame(octets);
  } catch {
    return null;
  }
}
