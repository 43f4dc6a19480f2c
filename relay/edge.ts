// How the edge is reached: its addresses, our token, and one voice that tells whether it answers.

import WebSocket from 'ws';
import { isLoopback } from './addresses.ts';
import type { Log } from './log.ts';

const FRAME_LIMIT = 64 << 10;
const DIAL_TIMEOUT = 10_000;

/** How a request for a WebSocket ended without one. `status` is null when nobody answered. */
export interface Refusal {
  readonly status: number | null;
  readonly reason: string;
}

export class Edge {
  readonly #base: string;
  readonly #headers: Record<string, string>;
  readonly #log: Log;
  readonly #zeroMask: boolean;
  /** What it was last said to suffer from. */
  #trouble: string | null = null;

  /** @param base http or https URL without a trailing slash. */
  constructor(base: string, token: string, id: string, log: Log) {
    this.#base = base;
    this.#headers = { Authorization: `Bearer ${token}`, 'X-Culvert-Relay': id };
    this.#log = log;
    const url = new URL(base);
    this.#zeroMask = url.protocol === 'https:' || isLoopback(url.hostname.replace(/[[\]]/g, ''));
    if (!this.#zeroMask) log.warn(`${base} is reached without TLS: whoever is on the way can read the relay token`);
  }

  peer(route: number, fresh: boolean): WebSocket {
    return this.#open(`/relay/peer/${route}${fresh ? '?new=1' : ''}`, 'culvert.relay.v1');
  }

  control(): WebSocket {
    return this.#open('/relay/control', 'culvert.control.v1');
  }

  /** @throws when the edge cannot be reached, does not say 200, or says no JSON. */
  async settings(): Promise<unknown> {
    const response = await fetch(`${this.#base}/relay/settings`, {
      headers: this.#headers,
      redirect: 'error',
      signal: AbortSignal.timeout(DIAL_TIMEOUT),
    }).catch((error: Error & { cause?: Error }) => {
      throw this.failed({ status: null, reason: reasonOf(error.cause ?? error) });
    });
    if (!response.ok) throw this.failed({ status: response.status, reason: response.statusText });
    this.reached();
    return response.json();
  }

  /** The edge answered as it should. */
  reached(): void {
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#log.info(`${this.#base} answers again`);
  }

  /** Says what is wrong once, until it is something else or right again. @returns the same as an Error. */
  failed(refusal: Refusal): Error {
    const text = this.#describe(refusal);
    const trouble = String(refusal.status);
    if (trouble !== this.#trouble) this.#log.error(`${text}; the relay keeps trying`);
    this.#trouble = trouble;
    return new Error(text);
  }

  /** One peer could not be dialled. That its object fails is no trouble of the whole edge; silence and a wrong token are. */
  peerFailed(route: number, refusal: Refusal): void {
    const { status } = refusal;
    if (status === null || status === 401 || status === 403) this.failed(refusal);
    else this.#log.debug(() => `route ${route}: ${this.#describe(refusal)}`);
  }

  #describe({ status, reason }: Refusal): string {
    if (status === 401 || status === 403) return `${this.#base} refuses the relay token (${status})`;
    if (status === 404) return `${this.#base} has no relay service (404): is --edge the right URL?`;
    if (status !== null) return `${this.#base} answers ${status} ${reason}`.trimEnd();
    return `${this.#base} cannot be reached (${reason})`;
  }

  #open(path: string, protocol: string): WebSocket {
    return new WebSocket(`${this.#base.replace(/^http/, 'ws')}${path}`, protocol, {
      headers: this.#headers,
      // ESP does not compress.
      perMessageDeflate: false,
      skipUTF8Validation: true,
      followRedirects: false,
      handshakeTimeout: DIAL_TIMEOUT,
      maxPayload: FRAME_LIMIT,
      // The mask (RFC 6455 section 5.3) protects proxies that read cleartext; there is none inside TLS or on loopback, and masking costs 2.5 us a packet.
      ...(this.#zeroMask ? { generateMask: (mask: Buffer) => mask.fill(0) } : {}),
    });
  }
}

/** Calls one of the two, once. */
export function whenOpen(socket: WebSocket, opened: () => void, refused: (refusal: Refusal) => void): void {
  let settled = false;
  const settle = (refusal: Refusal | null) => {
    if (settled) return;
    settled = true;
    if (refusal === null) opened();
    else refused(refusal);
  };
  socket.once('open', () => settle(null));
  socket.once('unexpected-response', (_request, response) => {
    settle({ status: response.statusCode ?? 0, reason: response.statusMessage ?? '' });
    response.destroy();
    socket.terminate();
  });
  // Stays: a socket may fail more than once, and an error that nobody hears ends the process.
  socket.on('error', (error: NodeJS.ErrnoException) => settle({ status: null, reason: reasonOf(error) }));
  socket.once('close', () => settle({ status: null, reason: 'closed' }));
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code ?? (error.message || error.name);
}
