// One relay as the edge sees it: the control socket over which it is told to dial a peer object that has something to send.

import { DurableObject } from 'cloudflare:workers';
import type { EdgeEnv } from './env.ts';
import { CONTROL_PROTOCOL, isRelayId, RELAY_HEADER, refuseSocket, webSocketResponse } from './gateway.ts';

/** Socket close code: the relay has opened a newer control socket. */
const REPLACED = 4001;

export class RelayObject extends DurableObject<EdgeEnv> {
  override async fetch(request: Request): Promise<Response> {
    if (!isRelayId(request.headers.get(RELAY_HEADER))) return refuseSocket(400, 'relay-id', 'The relay names itself in X-Culvert-Relay.');
    const older = this.ctx.getWebSockets();
    const pair = new WebSocketPair();
    this.ctx.acceptWebSocket(pair[1]);
    for (const socket of older) socket.close(REPLACED, 'replaced by a newer control socket');
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

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    // 1005 and 1006 tell what happened; they cannot be sent.
    socket.close(code >= 1005 && code <= 1006 ? 1000 : code);
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
