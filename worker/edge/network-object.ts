// One tenant network: who is connected, under which route number, and who has which addresses. Asked once per destination and
// minute by each peer object, and never on the way of a packet.

import { DurableObject } from 'cloudflare:workers';
import type { RouteAnswer } from '../../src/route/network.ts';
import { formatPrefix } from '../../src/wire/prefix.ts';
import type { Prefix } from '../../src/wire/prefix.ts';
import type { Command } from '../../src/peer/output.ts';
import { AttemptRing } from './attempts.ts';
import type { EdgeEnv } from './env.ts';
import { Log, reasonOf } from './log.ts';
import { type LiveMember, Registry } from './registry.ts';
import type { AttemptEvidence, AttemptsPage, ConnectedMember, NetworkPage, NetworkRpc } from './rpc.ts';

export interface Joining {
  /** Its id. */
  readonly network: string;
  readonly member: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
  readonly route: number;
  /** Its addresses as host prefixes, and what stands behind a site. */
  readonly prefixes: readonly Prefix[];
}

/** What the control plane has on record, connected or not. */
export interface StaticRoute {
  readonly member: string;
  readonly prefixes: readonly Prefix[];
}

const PAGE = 100;
/** What the control plane has on record is read again after so long, when somebody asks. */
const STATIC_MS = 60_000;

export abstract class NetworkObject extends DurableObject<EdgeEnv> implements NetworkRpc {
  readonly #registry = new Registry(this.ctx.storage.sql);
  readonly #attempts = new AttemptRing(this.ctx.storage.sql);
  readonly #log = new Log(this.env.LOG_LEVEL, { object: 'network' });
  #staticUntil = 0;
  #loading: Promise<void> | null = null;

  /** The prefixes of all members on record. */
  protected abstract staticRoutes(network: string): Promise<readonly StaticRoute[]>;

  /** A member has connected; an older connection of the same member ends. */
  async join(joining: Joining): Promise<'joined' | 'revoked'> {
    if (this.#registry.isRevoked(joining.member)) return 'revoked';
    const older = this.#registry.join(joining, Date.now());
    if (older !== null && older !== joining.route) this.#end(older, 'replaced');
    return 'joined';
  }

  /** A member has gone; says nothing about a newer connection of the same member. */
  async leave({ member, route }: { readonly member: string; readonly route: number }): Promise<void> {
    this.#registry.leave(member, route);
  }

  async resolve(address: Uint8Array): Promise<RouteAnswer> {
    await this.#refresh();
    return this.#registry.table.answer(address);
  }

  /** Somebody found that the object of that route does not know the member: looks, and forgets the connection if that is so. */
  async suspect({ member, route }: { readonly member: string; readonly route: number }): Promise<void> {
    const live = this.#registry.of(member);
    if (live?.route !== route) return;
    const held = await this.env.PEER.getByName(String(route)).holds(this.#registry.network, member);
    if (!held) this.#registry.leave(member, route);
  }

  /** Ends a member's connection and lets it not come back, whatever handshake is under way. */
  async revoke(member: string): Promise<void> {
    const live = this.#registry.of(member);
    this.#registry.revoke(member, Date.now());
    if (live) this.#end(live.route, 'revoked');
  }

  /** Members, prefixes or policy on record have changed. */
  async changed(): Promise<void> {
    this.#staticUntil = 0;
  }

  /** @returns false when the member is not connected. */
  async command(member: string, command: Command): Promise<boolean> {
    const live = this.#registry.of(member);
    if (!live) return false;
    return this.env.PEER.getByName(String(live.route)).command(command);
  }

  /** Who is connected, by member id; at most 100 at a time. */
  async status({
    after = '',
    limit = PAGE,
  }: {
    readonly after?: string;
    readonly limit?: number;
  } = {}): Promise<NetworkPage> {
    const size = Math.max(1, Math.min(limit, PAGE));
    const rows = this.#registry.page(after, size + 1);
    const members = rows.slice(0, size).map(rowOf);
    return { connected: this.#registry.connected, members, next: rows.length > size ? members.at(-1)!.member : null };
  }

  /** Keeps the evidence of a handshake. */
  async attempted(attempt: Omit<AttemptEvidence, 'id'>): Promise<void> {
    this.#attempts.add(attempt, Date.now());
  }

  async attempts({
    before = null,
    limit = PAGE,
  }: {
    readonly before?: number | null;
    readonly limit?: number;
  } = {}): Promise<AttemptsPage> {
    return this.#attempts.page(before, limit);
  }

  #end(route: number, reason: string): void {
    const ended = this.env.PEER.getByName(String(route)).terminate(reason);
    this.ctx.waitUntil(
      ended.catch((thrown: unknown) => this.#log.warn('terminate-failed', { route, reason: reasonOf(thrown) })),
    );
  }

  async #refresh(): Promise<void> {
    const network = this.#registry.network;
    if (network === '' || Date.now() < this.#staticUntil) return;
    this.#loading ??= this.#load(network).finally(() => {
      this.#loading = null;
    });
    // With a copy at hand nobody waits for the next one.
    if (!this.#registry.hasStatic) await this.#loading;
  }

  async #load(network: string): Promise<void> {
    this.#staticUntil = Date.now() + STATIC_MS;
    try {
      this.#registry.setStatic(await this.staticRoutes(network));
    } catch (thrown) {
      this.#log.error('static-routes-failed', { network, reason: reasonOf(thrown) });
    }
  }
}

function rowOf(live: LiveMember): ConnectedMember {
  return { ...live, prefixes: live.prefixes.map(formatPrefix) };
}
