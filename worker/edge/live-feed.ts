// What happens in a network, as it happens: one WebSocket per open page, kept through hibernation. A snapshot first, then changes.

import type { AttemptEvidence, ConnectedMember } from './rpc.ts';

export type FeedEvent =
  /** At most 100 of those connected; `connected` counts all. */
  | {
      readonly kind: 'snapshot';
      readonly at: number;
      readonly connected: number;
      readonly members: readonly ConnectedMember[];
    }
  | { readonly kind: 'joined'; readonly at: number; readonly connected: number; readonly member: ConnectedMember }
  | {
      readonly kind: 'left';
      readonly at: number;
      readonly connected: number;
      readonly member: string;
      readonly reason: string;
    }
  | { readonly kind: 'attempt'; readonly at: number; readonly attempt: Omit<AttemptEvidence, 'id'> }
  /** What is on record of a member is another than before: suspended, resumed, revoked. */
  | { readonly kind: 'changed'; readonly at: number; readonly member: string }
  /** Octets that a member's tunnel has carried since it was told of last. */
  | {
      readonly kind: 'traffic';
      readonly at: number;
      readonly member: string;
      readonly octetsIn: number;
      readonly octetsOut: number;
    };

/** Who watches is asked again for the right to, by having to come anew. */
const LONGEST_MS = 15 * 60_000;
const MOST = 256;
const TAG = 'feed';

export class LiveFeed {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    // A page asks whether we are still there; that wakes nobody.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  /** @returns null when so many watch already that another one would slow all of them down. */
  open(snapshot: FeedEvent, now: number): Response | null {
    if (this.#sockets().length >= MOST) return null;
    const pair = new WebSocketPair();
    this.#ctx.acceptWebSocket(pair[1], [TAG]);
    pair[1].serializeAttachment(now);
    pair[1].send(JSON.stringify(snapshot));
    return new Response(null, { status: 101, webSocket: pair[0] });
  }

  tell(event: FeedEvent): void {
    const sockets = this.#sockets();
    if (sockets.length === 0) return;
    const text = JSON.stringify(event);
    for (const socket of sockets) {
      if (event.at - (socket.deserializeAttachment() as number) > LONGEST_MS) socket.close(4001, 'come again');
      else socket.send(text);
    }
  }

  #sockets(): WebSocket[] {
    return this.#ctx.getWebSockets(TAG).filter((socket) => socket.readyState === WebSocket.READY_STATE_OPEN);
  }
}
