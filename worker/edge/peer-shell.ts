// The shell around one peer core: waits, stores and sends for it. IKE goes through the mailbox, packets go beside it.

import type { Member } from '../../src/ike/pad.ts';
import type { Command } from '../../src/peer/output.ts';
import type { AccessView } from '../../src/policy/view.ts';
import { formatPath } from '../../src/wire/path.ts';
import { Departure } from './departure.ts';
import type { EdgeEnv } from './env.ts';
import { Guard } from './guard.ts';
import { HeldPeer } from './held-peer.ts';
import { sortFrame } from './intake.ts';
import { Links } from './links.ts';
import { Log, reasonOf } from './log.ts';
import { Minute } from './minute.ts';
import { Packets } from './packets.ts';
import type { MakeCore } from './peer-core.ts';
import { PeerStore } from './peer-store.ts';
import type { PeerReport } from './rpc.ts';
import { deriveKey } from './secrets.ts';
import type { Standing } from './standing.ts';
import { Steps } from './steps.ts';
import { Surroundings } from './surroundings.ts';

export interface ShellStatus {
  readonly route: number;
  /** Ids of the relays that are connected. */
  readonly relays: readonly string[];
  /** Octets sent to relays and not yet sent on by them. */
  readonly outstanding: number;
  /** Dropped by the shell since it woke, by reason. */
  readonly drops: Readonly<Record<string, number>>;
  /** Of the policy that it enforces; -1 while it has none. */
  readonly epoch: number;
  readonly flows: number;
}

export class PeerShell {
  readonly #links: Links;
  readonly #held: HeldPeer;
  readonly #steps: Steps;
  readonly #departure: Departure;
  readonly #around: Surroundings;
  readonly #guard: Guard;
  readonly #packets: Packets;
  readonly #minute = new Minute();
  readonly #log: Log;
  readonly #drops = new Map<string, number>();

  /** @param closing a socket whose end has woken the object: what it carried still counts. */
  constructor(ctx: DurableObjectState, env: EdgeEnv, make: MakeCore, closing: WebSocket | null) {
    this.#log = new Log(env.LOG_LEVEL, { object: 'peer' });
    this.#links = new Links(ctx);
    if (closing) this.#links.of(closing);
    const place = ctx.id.toString();
    const store = new PeerStore(ctx.storage, deriveKey(env.DEPLOYMENT_KEY, 'checkpoint', place), place);
    this.#held = new HeldPeer(store, this.#links, make, ({ from, to, by }) =>
      this.#log.info('moved', this.#about({ from: formatPath(from), to: formatPath(to), by })),
    );
    this.#around = new Surroundings(ctx, env, this.#log);
    this.#guard = new Guard({
      store,
      view: () => this.#around.view(this.#member()),
      standing: (other) => this.#around.standing(this.#member(), other),
      drop: (reason, count) => this.#drop(reason, count),
    });
    this.#departure = new Departure(this.#held, this.#links, {
      dial: (relay, route) => this.#around.dial(relay, route),
      drop: (reason, count) => this.#drop(reason, count),
    });
    this.#steps = new Steps(this.#held, this.#links, this.#departure, this.#around, {
      joined: (member) => this.#join(member),
      left: (member, reason, carried) => {
        this.#log.info('left', this.#about({ reason }));
        this.#around.leave(member, this.#held.route, reason, carried);
      },
      gone: () => {
        this.#guard.forget();
        this.#links.release();
      },
      stepped: (now) => this.#packets.stepped(now),
      failed: (thrown) => this.#log.error('step-failed', this.#about({ reason: reasonOf(thrown) })),
    });
    this.#packets = new Packets(this.#held, this.#departure, this.#guard, this.#around, {
      askLiveness: () => this.#steps.askLiveness(),
      drop: (reason, count) => this.#drop(reason, count),
      failed: (event, thrown) => this.#log.error(event, this.#about({ reason: reasonOf(thrown) })),
    });
    this.#wake();
  }

  /** True while something is kept of a peer. */
  get alive(): boolean {
    return this.#held.alive;
  }

  /** True also while a handshake is about to begin. */
  get inUse(): boolean {
    return this.#held.alive || this.#links.any;
  }

  holds(network: string, member: string): boolean {
    const held = this.#held.core?.member;
    return held?.network === network && held.member === member;
  }

  open(socket: WebSocket, relay: string, route: number, now: number): void {
    const link = this.#links.open(socket, relay, route);
    this.#held.opened(route, relay);
    const { keepalive } = this.#held;
    if (keepalive) link.keepalive(keepalive.path, keepalive.seconds);
    this.#packets.goOn(now);
  }

  async frame(socket: WebSocket, message: ArrayBuffer | string, now: number): Promise<void> {
    const link = this.#links.of(socket);
    const intake = sortFrame(message);
    if (intake === null) {
      this.#log.warn('malformed-frame', this.#about());
      this.#links.close(link, 1007, 'malformed frame');
      this.#held.saveWindows();
      return;
    }
    link.credited(intake.credit);
    if (intake.path) {
      this.#links.heard(link, intake.path);
      this.#held.relay = link.relay;
    }
    this.#begin(now);
    for (const datagram of intake.ike) if (!this.#steps.post(datagram)) this.#drop('mailbox-full', 1);
    if (this.#held.core?.suspects(intake.silentSeconds)) this.#steps.askLiveness();
    link.owe(intake.octets);
    if (intake.esp.length > 0) await this.#packets.receive(intake.esp, now);
    if (link.owesMuch) {
      // A relay that never pauses keeps the runtime from reading any other socket, and so from hearing what the receiving relays
      // have sent on: measured, 13 to 29 of 100 packets arrived. With a turn for the others before each credit it is 99.
      await scheduler.wait(0);
      link.flush();
    }
    this.#held.saveWindows();
    this.#tell();
  }

  /** The socket is gone: its windows move to another one, or into storage. */
  closed(socket: WebSocket): void {
    const { relay } = this.#links.of(socket);
    this.#links.forget(socket);
    if (!this.#links.any) this.#held.relay = relay;
    this.#held.lost();
  }

  async alarm(now: number): Promise<void> {
    if (this.#held.alarmFired(now)) {
      this.#links.release();
      return;
    }
    const deadline = this.#held.core?.deadline() ?? null;
    if (deadline !== null && deadline <= now) this.#steps.post(null);
    await this.#steps.drained;
    this.#held.keepAlarm(Date.now());
  }

  /** Inner packets for the peer. @returns `gone` when it is not that member of that network. */
  async deliver(
    network: string,
    member: string,
    packets: readonly Uint8Array[],
    from: Standing,
    now: number,
  ): Promise<'ok' | 'gone'> {
    if (!this.holds(network, member)) return 'gone';
    this.#begin(now);
    await this.#packets.deliver(packets, from, now);
    this.#tell();
    return 'ok';
  }

  adopt(network: string, member: string, view: AccessView, now: number): 'ok' | 'gone' {
    if (!this.holds(network, member)) return 'gone';
    this.#guard.adopt(view, now);
    return 'ok';
  }

  /** @returns false when nobody is connected. */
  async command(command: Command): Promise<boolean> {
    if (!this.#held.core?.member || !this.#steps.post(command)) return false;
    await this.#steps.drained;
    return true;
  }

  /** With what the shell has dropped counted in, and the relay. */
  status(): PeerReport | null {
    const status = this.#held.core?.status() ?? null;
    if (!status) return null;
    const drops = { ...status.drops };
    for (const [reason, count] of this.#drops) drops[reason] = (drops[reason] ?? 0) + count;
    return { ...status, drops, relay: this.#held.relay };
  }

  inspect(): ShellStatus {
    const links = this.#links.all;
    return {
      route: this.#held.route,
      relays: links.map((link) => link.relay),
      outstanding: links.reduce((sum, link) => sum + link.outstanding, 0),
      drops: Object.fromEntries(this.#drops),
      epoch: this.#guard.epoch,
      flows: this.#guard.flows,
    };
  }

  #wake(): void {
    const waking = this.#held.wake();
    const status = this.#held.core?.status();
    if (status) this.#minute.wake(Math.max(status.lastIn, status.lastOut));
    const held = this.#held.core?.member;
    if (held) this.#guard.begin(held.member, true);
    if (waking === 'foreign') this.#log.error('sealed-under-another-key', this.#about());
    if (waking !== 'crashed') return;
    this.#log.info('woke-without-windows', this.#about());
    this.#held.keepAlarm(Date.now());
    // Whether the network was told before the end is not known.
    const member = this.#held.core?.member;
    if (member) this.#join(member);
  }

  #join(member: Member): void {
    const stillHere = () => this.holds(member.network, member.member);
    this.#guard.begin(member.member, false);
    this.#log.info('joined', this.#about({ network: member.network, kind: member.kind }));
    const report = () => this.status();
    this.#around.join(member, this.#held.route, report, stillHere, (reason) =>
      this.#steps.post({ kind: 'terminate', reason }),
    );
  }

  #begin(now: number): void {
    if (this.#held.core?.member) this.#minute.begin(this.#held.core, now);
  }

  #tell(): void {
    const carried = this.#minute.take();
    const member = this.#held.core?.member;
    const report = carried && member ? this.status() : null;
    if (carried && member && report) this.#around.tell(member, this.#held.route, report, carried);
  }

  /** @throws when nobody is here. */
  #member(): Member {
    const member = this.#held.core?.member;
    if (!member) throw new Error('nobody is connected here');
    return member;
  }

  #drop(reason: string, count: number): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + count);
  }

  #about(more: Readonly<Record<string, string | number>> = {}) {
    return { route: this.#held.route, ...more };
  }
}
