// One tenant network: who is connected, under which route number, and who has which addresses. Asked once per destination and
// minute by each peer object, and never on the way of a packet.

import { DurableObject } from 'cloudflare:workers';
import { formatPrefix } from '../../src/wire/prefix.ts';
import type { Prefix } from '../../src/wire/prefix.ts';
import type { Command } from '../../src/peer/output.ts';
import type { AccessView } from '../../src/policy/view.ts';
import { AccessBook } from './access-book.ts';
import { AccessRounds } from './access-rounds.ts';
import { Announcement } from './announcement.ts';
import { ConnectionOutbox } from './connection-outbox.ts';
import type { EdgeEnv } from './env.ts';
import { Log, reasonOf } from './log.ts';
import { type Bar, type Connected, type LiveMember, Registry } from './registry.ts';
import { Ring } from './ring.ts';
import type { AccessRecord, Resolved, Standing } from './standing.ts';
import { type StaticRoute, StaticRoutes } from './static-routes.ts';
import type {
  AttemptEvidence,
  AttemptsPage,
  Carried,
  ConnectedMember,
  ConnectionEvent,
  DepartureEvidence,
  Figures,
  History,
  NetworkPage,
  NetworkQuery,
  NetworkRpc,
  PeerReport,
  Presence,
  TrafficPoint,
} from './rpc.ts';
import { Watch } from './watch.ts';

export interface Joining {
  /** Its id. */
  readonly network: string;
  readonly member: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
  readonly route: number;
  /** Its addresses as host prefixes, and what stands behind a site. */
  readonly prefixes: readonly Prefix[];
  /** How it is doing. */
  readonly report: PeerReport | null;
}

export interface Leaving {
  readonly member: string;
  readonly route: number;
  readonly reason: string;
  readonly carried?: Carried;
}

export interface Telling {
  readonly member: string;
  readonly route: number;
  readonly report: PeerReport;
  /** Until the minute began. */
  readonly carried: Carried;
}

const PAGE = 100;
/** How long whoever has made a change waits for all to be told. */
const TELLING_MS = 1_000;

export abstract class NetworkObject extends DurableObject<EdgeEnv> implements NetworkRpc {
  readonly #registry = new Registry(this.ctx.storage.sql);
  readonly #attempts = new Ring<Omit<AttemptEvidence, 'id'>>(this.ctx.storage.sql, 'attempt');
  readonly #departures = new Ring<Omit<DepartureEvidence, 'id'>>(this.ctx.storage.sql, 'departure');
  readonly #watch = new Watch(this.ctx);
  readonly #log = new Log(this.env.LOG_LEVEL, { object: 'network' });
  readonly #announcement = new Announcement({
    storage: this.ctx.storage,
    page: (after, limit) => this.#registry.page(after, limit),
    tell: ({ route }, reachable) => this.env.PEER.getByName(String(route)).command({ kind: 'reach', reachable }),
    failed: ({ route }, thrown) => this.#log.warn('reach-not-told', { route, reason: reasonOf(thrown) }),
  });
  readonly #book = new AccessBook({
    load: (members) => this.accessOf(this.#registry.network, members),
    connected: () => this.#registry.members,
    failed: (thrown) => this.#log.error('access-failed', { network: this.#registry.network, reason: reasonOf(thrown) }),
  });
  readonly #access = new AccessRounds({
    storage: this.ctx.storage,
    registry: this.#registry,
    book: this.#book,
    log: this.#log,
    adopt: (route, member, view) => this.env.PEER.getByName(String(route)).adopt(this.#registry.network, member, view),
  });
  readonly #static = new StaticRoutes({
    registry: this.#registry,
    load: (network) => this.staticRoutes(network),
    failed: (thrown) =>
      this.#log.error('static-routes-failed', { network: this.#registry.network, reason: reasonOf(thrown) }),
  });
  readonly #outbox = new ConnectionOutbox({
    storage: this.ctx.storage,
    send: (events) => this.tellConnections(this.#registry.network, events),
    failed: (thrown, waiting) => this.#log.warn('connections-not-told', { waiting, reason: reasonOf(thrown) }),
  });
  /** The prefixes of all members on record. */
  protected abstract staticRoutes(network: string): Promise<readonly StaticRoute[]>;

  /** The policy, and the groups of these members. */
  protected abstract accessOf(network: string, members: readonly string[]): Promise<AccessRecord>;

  /** Lets whoever wants to know have it that members came and went. */
  protected abstract tellConnections(network: string, events: readonly ConnectionEvent[]): Promise<void>;

  /** A member has connected; an older connection of the same member ends. */
  async join(joining: Joining): Promise<'joined' | Bar> {
    const barred = this.#registry.barred(joining.member);
    if (barred) return barred;
    const before = this.#registry.of(joining.member);
    const now = Date.now();
    const older = this.#registry.join(joining, now);
    if (joining.report) this.#registry.tell(joining.member, joining.route, joining.report, now);
    if (older !== null && older !== joining.route) {
      this.#departed(before, 'replaced');
      this.#end(older, 'replaced');
    }
    const live = this.#registry.of(joining.member);
    if (live && older !== joining.route) {
      this.#watch.joined(rowOf({ ...live, told: null }), this.#registry.connected, Date.now());
      this.#cameOrWent(live, null, now);
    }
    this.ctx.waitUntil(this.#access.tell(joining.member));
    return 'joined';
  }

  /** A member has gone; says nothing about a newer connection of the same member. */
  async leave({ member, route, reason, carried }: Leaving): Promise<void> {
    if (carried) this.#watch.carried(member, route, carried, Date.now());
    const live = this.#registry.of(member);
    if (live?.route !== route) return;
    this.#departed(live, reason);
    this.#registry.leave(member, route);
    this.#watch.left(member, reason, this.#registry.connected, Date.now());
  }

  /** How a connected member is doing: its object says so about once a minute while there is traffic, so that nobody needs to wake it to know. */
  async tell({ member, route, report, carried }: Telling): Promise<void> {
    const now = Date.now();
    this.#watch.carried(member, route, carried, now);
    this.#registry.tell(member, route, report, now);
  }

  async resolve(address: Uint8Array): Promise<Resolved> {
    await this.#refresh();
    const answer = this.#registry.table.answer(address);
    const { entry } = answer;
    if (entry?.kind !== 'member' || entry.route === null) return { ...answer, standing: null };
    return { ...answer, standing: await this.#book.standing(entry.member, Date.now()) };
  }

  /** What a member may reach, and who may reach it. */
  async access(member: string): Promise<AccessView> {
    return this.#book.view(member, Date.now());
  }

  /** What a member is where access is decided. */
  async standing(member: string): Promise<Standing> {
    return this.#book.standing(member, Date.now());
  }

  /** Somebody found that the object of that route does not know the member: looks, and forgets the connection if that is so. */
  async suspect({ member, route }: { readonly member: string; readonly route: number }): Promise<void> {
    const live = this.#registry.of(member);
    if (live?.route !== route) return;
    const held = await this.env.PEER.getByName(String(route)).holds(this.#registry.network, member);
    if (!held) await this.leave({ member, route, reason: 'lost' });
  }

  /** Ends a member's connection and lets it not come back, whatever handshake is under way. */
  async revoke(member: string): Promise<void> {
    this.#bar(member, 'revoked');
  }

  /** The same, until it is resumed. */
  async suspend(member: string): Promise<void> {
    this.#bar(member, 'suspended');
  }

  async resume(member: string): Promise<void> {
    this.#registry.resume(member);
    this.#watch.changed(member, Date.now());
  }

  /** Members, prefixes or policy on record have changed. */
  async changed(): Promise<void> {
    this.#static.expire();
    const told = this.#access.renew();
    this.ctx.waitUntil(told);
    await Promise.race([told, scheduler.wait(TELLING_MS)]);
  }

  /** All prefixes that the network reaches, pools and sites: connected members are told, because theirs are of the time when they connected. */
  async reach(prefixes: readonly string[]): Promise<void> {
    await this.#announcement.begin(prefixes, Date.now());
    await this.changed();
  }

  override async alarm(): Promise<void> {
    await Promise.all([this.#announcement.goOn(Date.now()), this.#outbox.flush()]);
  }

  /** @returns false when the member is not connected. */
  async command(member: string, command: Command): Promise<boolean> {
    const live = this.#registry.of(member);
    if (!live) return false;
    return this.env.PEER.getByName(String(live.route)).command(command);
  }

  /** Who is connected, by member id; at most 100 at a time. */
  async status({ after = '', limit = PAGE, kind }: NetworkQuery = {}): Promise<NetworkPage> {
    const size = Math.max(1, Math.min(limit, PAGE));
    const rows = this.#registry.page(after, size + 1, kind);
    const members = rows.slice(0, size).map(rowOf);
    return { connected: this.#registry.connected, members, next: rows.length > size ? members.at(-1)!.member : null };
  }

  async find(member: string): Promise<ConnectedMember | null> {
    const live = this.#registry.find(member);
    return live && rowOf(live);
  }

  /** Keeps the evidence of a handshake. */
  async attempted(attempt: Omit<AttemptEvidence, 'id'>): Promise<void> {
    const now = Date.now();
    if (this.#attempts.add(attempt, now)) this.#watch.attempted(attempt, now);
  }

  async attempts({
    before = null,
    limit = PAGE,
  }: {
    readonly before?: number | null;
    readonly limit?: number;
  } = {}): Promise<AttemptsPage> {
    const { rows, next, dropped } = this.#attempts.page(before, limit);
    return { attempts: rows, next, dropped };
  }

  async history(member: string): Promise<History> {
    const attempts = this.#attempts.matching((attempt) => attempt.member === member);
    return { attempts, departures: this.#departures.matching((departure) => departure.member === member) };
  }

  async knocks(address: string): Promise<AttemptEvidence[]> {
    return this.#attempts.matching(({ from }) => from === address);
  }

  async presence(members: readonly string[]): Promise<readonly Presence[]> {
    return this.#watch.presence(members.slice(0, PAGE));
  }

  async traffic(member: string | null, span: 'minute' | 'hour', since: number): Promise<readonly TrafficPoint[]> {
    return this.#watch.traffic(member, span, since);
  }

  async figures(): Promise<Figures> {
    return { ...this.#watch.totals, connected: this.#registry.connected };
  }

  override async fetch(request: Request): Promise<Response> {
    return this.#watch.open(request, await this.status(), Date.now());
  }

  override async webSocketMessage(socket: WebSocket): Promise<void> {
    socket.close(1008, 'this feed only tells');
  }

  /** A page was closed: its socket is gone from the feed by itself. */
  override async webSocketClose(): Promise<void> {}

  #bar(member: string, why: Bar): void {
    const live = this.#registry.of(member);
    this.#departed(live, why);
    this.#registry.bar(member, why, Date.now());
    this.#watch.changed(member, Date.now());
    if (!live) return;
    this.#watch.left(member, why, this.#registry.connected, Date.now());
    this.#end(live.route, why);
  }

  #departed(live: Connected | null, reason: string): void {
    if (live === null) return;
    const at = Date.now();
    this.#departures.add({ member: live.member, reason, since: live.since, at }, at);
    this.#cameOrWent(live, reason, at);
  }

  /** @param reason null for one that has come. */
  #cameOrWent(live: Connected, reason: string | null, at: number): void {
    const known = this.#registry.find(live.member);
    const remote = known?.route === live.route ? known.told?.report.remote : null;
    const { member, name, kind, since } = live;
    this.#outbox.add({
      ...{ id: crypto.randomUUID(), at, event: reason === null ? 'connected' : 'disconnected' },
      ...{ member, name, kind, since, reason, addresses: rowOf({ ...live, told: null }).prefixes },
      path: remote ? endpointText(remote) : null,
    });
    this.ctx.waitUntil(this.#outbox.flush());
  }

  #end(route: number, reason: string): void {
    const ended = this.env.PEER.getByName(String(route)).terminate(reason);
    this.ctx.waitUntil(
      ended.catch((thrown: unknown) => this.#log.warn('terminate-failed', { route, reason: reasonOf(thrown) })),
    );
  }

  async #refresh(): Promise<void> {
    if (this.#registry.network === '') return;
    const now = Date.now();
    if (this.#book.isDue(now)) this.ctx.waitUntil(this.#access.renew());
    await this.#static.refresh(now);
  }
}

function rowOf(live: LiveMember): ConnectedMember {
  return { ...live, prefixes: live.prefixes.map(formatPrefix) };
}

function endpointText({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
