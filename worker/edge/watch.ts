// What the console shows of a network beside what routing needs: who was there when, what was carried, and the live feed of both.

import { LiveFeed } from './live-feed.ts';
import { PresenceBook } from './presence.ts';
import type { AttemptEvidence, Carried, ConnectedMember, NetworkPage, Presence, Totals, TrafficPoint } from './rpc.ts';
import { TrafficLedger } from './traffic.ts';

export class Watch {
  readonly #presence: PresenceBook;
  readonly #traffic: TrafficLedger;
  readonly #feed: LiveFeed;

  constructor(ctx: DurableObjectState) {
    this.#presence = new PresenceBook(ctx.storage.sql);
    this.#traffic = new TrafficLedger(ctx.storage.sql);
    this.#feed = new LiveFeed(ctx);
  }

  /** @param connected members, with this one. */
  joined(member: ConnectedMember, connected: number, now: number): void {
    this.#presence.joined(member.member, now);
    this.#feed.tell({ kind: 'joined', at: now, connected, member });
  }

  /** @param connected members, without this one. */
  left(member: string, reason: string, connected: number, now: number): void {
    this.#presence.left(member, reason, now);
    this.#feed.tell({ kind: 'left', at: now, connected, member, reason });
  }

  changed(member: string, now: number): void {
    this.#feed.tell({ kind: 'changed', at: now, member });
  }

  attempted(attempt: Omit<AttemptEvidence, 'id'>, now: number): void {
    this.#feed.tell({ kind: 'attempt', at: now, attempt });
  }

  carried(member: string, route: number, carried: Carried, now: number): void {
    const added = this.#traffic.add(member, route, carried, now);
    if (added) this.#feed.tell({ kind: 'traffic', at: now, member, ...added });
  }

  presence(members: readonly string[]): Presence[] {
    return this.#presence.of(members);
  }

  traffic(member: string | null, span: 'minute' | 'hour', since: number): TrafficPoint[] {
    return this.#traffic.series(member, span, since);
  }

  get totals(): Totals {
    return this.#traffic.sum;
  }

  /** A page opens the feed. */
  open(request: Request, { connected, members }: NetworkPage, now: number): Response {
    if (request.headers.get('Upgrade') !== 'websocket') return new Response(null, { status: 426 });
    return (
      this.#feed.open({ kind: 'snapshot', at: now, connected, members }, now) ?? new Response(null, { status: 503 })
    );
  }
}
