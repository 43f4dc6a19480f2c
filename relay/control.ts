// The WebSocket by which the edge asks for a route: a peer object has something to send and no uplink.

import type WebSocket from 'ws';
import { Retry } from './backoff.ts';
import { type Edge, whenOpen } from './edge.ts';

/** Close code of the edge. */
const REPLACED = 4001;

export type Order = { readonly dial: number } | { readonly settings: true };

export interface ControlPorts {
  readonly edge: Pick<Edge, 'control' | 'reached' | 'failed'>;
  readonly random: () => number;
  readonly now: () => number;
  /** The edge has closed this connection for one that says it is the same relay. */
  readonly replaced: () => void;
  readonly obey: (order: Order) => void;
}

export class Control {
  readonly #ports: ControlPorts;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | undefined;
  readonly #retry = new Retry();
  #answered = true;
  #open = false;
  #stopped = false;

  constructor(ports: ControlPorts) {
    this.#ports = ports;
  }

  get connected(): boolean {
    return this.#open;
  }

  dial(): void {
    const socket = this.#ports.edge.control();
    this.#socket = socket;
    whenOpen(
      socket,
      () => {
        this.#open = true;
        this.#retry.opened(this.#ports.now());
        this.#answered = true;
        this.#ports.edge.reached();
      },
      (refusal) => {
        if (!this.#stopped) this.#ports.edge.failed(refusal);
      },
    );
    socket.on('message', (data, isBinary) => {
      const order = isBinary ? null : parseOrder(String(data));
      if (order !== null) this.#ports.obey(order);
    });
    socket.on('pong', () => (this.#answered = true));
    socket.once('close', (code) => {
      if (code === REPLACED) this.#ports.replaced();
      this.#lost();
    });
  }

  /** Called every half minute or so: finds out a connection that is dead without saying so, and keeps an idle one from being cut. */
  beat(): void {
    if (!this.#open) return;
    if (!this.#answered) {
      this.#socket?.terminate();
      return;
    }
    this.#answered = false;
    this.#socket?.ping();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1001);
  }

  #lost(): void {
    this.#open = false;
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.dial(), this.#retry.next(this.#ports.now(), this.#ports.random()));
  }
}

/** @returns null for what this version does not know. */
export function parseOrder(text: string): Order | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null) return null;
  const { dial, settings } = json as Record<string, unknown>;
  if (typeof dial === 'number' && Number.isInteger(dial) && dial > 0 && dial < 1 << 24) return { dial };
  return settings === true ? { settings } : null;
}
