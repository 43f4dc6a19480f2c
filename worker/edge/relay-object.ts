// One relay as the edge sees it: the control socket over which it is told to dial a peer object that has something to send.

import { DurableObject } from 'cloudflare:workers';
import type { EdgeEnv } from './env.ts';
import { CONTROL_PROTOCOL, isRelayId, RELAY_HEADER, refuseSocket, webSocketResponse } from './gateway.ts';

/** A relay may come back before the end of its last socket is known; beyond so many the oldest goes. */
const SOCKETS = 4;
const REPLACED = 4001;

export class RelayObject extends DurableObject<EdgeEnv> {
  override async fetch(request: Request): Promise<Response> {
    if (!isRelayId(request.headers.get(RELAY_HEADER)))
      return refuseSocket(400, 'relay-id', 'The relay names itself in X-Culvert-Relay.');
    const pair = new WebSocketPair();
    const older = this.ctx.getWebSockets().sort((a, b) => openedAt(a) - openedAt(b));
    for (const socket of older.slice(0, Math.max(0, older.length + 1 - SOCKETS)))
      socket.close(REPLACED, 'replaced by newer control sockets');
    this.ctx.acceptWebSocket(pair[1]);
    pair[1].serializeAttachment(Math.max(Date.now(), ...older.map((socket) => openedAt(socket) + 1)));
    return webSocketResponse(pair[0], CONTROL_PROTOCOL);
  }

  /** Asks the relay to dial the peer object of `route`. @returns false when the relay is not there. */
  async dial(route: number): Promise<boolean> {
    return this.#tell({ dial: route });
  }

  /** Asks the relay to fetch `/relay/settings` again. */
  async refreshSettings(): Promise<boolean> {
    return this.#tell({ settings: true });
  }

  async status(): Promise<{ connected: boolean }> {
    return { connected: this.ctx.getWebSockets().length > 0 };
  }

  override async webSocketMessage(): Promise<void> {
    // The relay has nothing to say here.
  }

  override async webSocketClose(): Promise<void> {
    // The runtime answers the close; a socket that is closed counts no more.
  }

  override async webSocketError(): Promise<void> {
    // Its close has come or comes.
  }

  #tell(message: { dial: number } | { settings: true }): boolean {
    let told = false;
    for (const socket of this.ctx.getWebSockets()) {
      try {
        socket.send(JSON.stringify(message));
        told = true;
      } catch {
        // A socket that is closing: the relay comes back with a new one.
      }
    }
    return told;
  }
}

function openedAt(socket: WebSocket): number {
  return (socket.deserializeAttachment() as number | null) ?? 0;
}
