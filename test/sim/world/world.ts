// A whole world: clients behind NATs, relays, peer objects, tenant networks, an attacker. One thread, one seed.

import type { Primitives } from '../../../src/crypto/primitives.ts';
import type { Output } from '../../../src/peer/output.ts';
import type { Datagram } from '../../../src/wire/path.ts';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import type { InitiatorOptions } from '../initiator/options.ts';
import { type AuthKind, type CertificateWish, createPad, enrol } from '../materials.ts';
import { type MapPad, type MemberWish, memberOf } from '../pad.ts';
import { Attacker } from './attacker.ts';
import { Clock } from './clock.ts';
import { ForgetfulNat, StaticNat } from './gateway-nat.ts';
import { Internet, type Node, type UdpPacket } from './internet.ts';
import { Ledger } from './ledger.ts';
import { Nat } from './nat.ts';
import type { NatBehaviour } from './nat-behaviour.ts';
import { NonceWatch } from './nonces.ts';
import { Random, seeded } from './random.ts';
import { Relay } from './relay.ts';
import { Router } from './router.ts';
import { Shell } from './shell.ts';
import { type Access, SimClient } from './sim-client.ts';
import { Whereabouts } from './whereabouts.ts';

/** 2026-01-01. */
const START = 1_767_225_600_000;

export interface ClientPlan {
  readonly auth: AuthKind;
  readonly certificate?: CertificateWish;
  readonly member: MemberWish;
  readonly preset: Partial<InitiatorOptions>;
  readonly relay: string;
  readonly at: string;
  readonly access: Access;
}

export class World {
  readonly random: Random;
  readonly clock = new Clock(START);
  readonly internet: Internet;
  readonly ledger = new Ledger();
  readonly nonces = new NonceWatch();
  readonly whereabouts = new Whereabouts();
  readonly primitives: Primitives;
  readonly router: Router;
  readonly shells = new Map<number, Shell>();
  readonly relays: Relay[] = [];
  readonly clients: SimClient[] = [];
  readonly pad: MapPad;
  readonly attacker: Attacker;
  /** What clients may complain of: a NAT has done it, not the gateway. */
  readonly tolerated: string[] = [];
  /** Handshakes, as the tenants are told of them. */
  readonly attempts: string[] = [];

  static async create(seed: number): Promise<World> {
    const random = new Random(seed);
    const nonces = new NonceWatch();
    const primitives = seeded(nonces.watch(workerPrimitives()), random);
    return new World(random, nonces, primitives, await createPad(primitives));
  }

  private constructor(random: Random, nonces: NonceWatch, primitives: Primitives, pad: MapPad) {
    this.random = random;
    this.nonces = nonces;
    this.primitives = primitives;
    this.pad = pad;
    this.internet = new Internet(this.clock, random);
    this.router = new Router(this.clock, (route) => this.shells.get(route) ?? null);
    this.attacker = new Attacker(this.internet, random, this.ledger);
  }

  /**
   * @param inner its own address where a NAT with `publicAddress` stands before it.
   * @param forgetsMs that NAT is no fixed translation: it forgets a flow after so long without a packet either way.
   */
  addRelay(publicAddress: string, inner = publicAddress, forgetsMs: number | null = null): Relay {
    const relay = new Relay(inner, {
      primitives: this.primitives,
      uplink: (packet) => this.internet.send(packet),
      shellOf: (route) => this.shells.get(route) ?? null,
      newShell: () => this.#newShell(),
      clock: this.clock,
    });
    const tapped: Node = {
      accept: (packet) => {
        this.attacker.overhears(packet);
        relay.accept(packet);
      },
    };
    if (inner === publicAddress) this.internet.attach(publicAddress, tapped);
    else {
      const uplink = (packet: UdpPacket) => this.internet.send(packet);
      const nat =
        forgetsMs === null
          ? new StaticNat(publicAddress, inner, tapped, uplink)
          : new ForgetfulNat(publicAddress, inner, tapped, uplink, this.clock, forgetsMs);
      this.internet.attach(publicAddress, nat);
      relay.uplink = (packet) => nat.send(packet);
    }
    this.relays.push(relay);
    return relay;
  }

  /** @param outer the NAT that this one stands behind, or null for the internet. */
  addNat(behaviour: NatBehaviour, addresses: readonly string[], outer: Nat | null = null): Nat {
    const uplink = (packet: UdpPacket) => (outer ?? this.internet).send(packet);
    const nat = new Nat(behaviour, addresses, this.clock, this.random, uplink);
    for (const address of addresses) (outer ?? this.internet).attach(address, nat);
    return nat;
  }

  async addClient(plan: ClientPlan): Promise<SimClient> {
    const credentials = await enrol(this.pad, plan.auth, plan.member, plan.certificate);
    const { preset, relay, at, access } = plan;
    const wish = { member: memberOf(plan.member), credentials, preset, relay };
    const { clock, primitives, ledger, nonces, whereabouts } = this;
    const client = new SimClient(wish, at, access, { clock, primitives, ledger, nonces, whereabouts });
    this.clients.push(client);
    return client;
  }

  /** The shell that serves a client, or null. */
  shellOf(client: SimClient): Shell | null {
    const route = this.router.routeOf(client.member.member);
    return route === null ? null : (this.shells.get(route) ?? null);
  }

  /** Runs for some virtual time; everything that was broken on the way is thrown at the end of it. */
  async run(ms: number): Promise<void> {
    await this.clock.runUntil(this.clock.now + ms);
    for (const client of this.clients) client.audit();
    const all = [...this.nonces.violations, ...this.ledger.violations, ...this.whereabouts.violations];
    const found = all.filter((text) => !this.tolerated.some((part) => text.includes(part)));
    if (found.length > 0) throw new Error(found.slice(0, 5).join('\n'));
  }

  #newShell(): Shell {
    let route = 0;
    while (route === 0 || this.shells.has(route)) route = this.random.below(2 ** 24);
    const { clock, random, primitives, pad, ledger, whereabouts } = this;
    const shell = new Shell(route, {
      clock,
      random,
      primitives,
      pad,
      ledger,
      whereabouts,
      send: (from, datagram) => this.#send(from, datagram),
      forward: (from, packets) => this.router.forward(from, packets),
      perform: (of, output) => this.#perform(of, output),
    });
    this.shells.set(route, shell);
    return shell;
  }

  #send(shell: Shell, datagram: Datagram): void {
    this.nonces.leaves(datagram.octets);
    this.whereabouts.leaves(shell, datagram);
    const local = formatAddress(datagram.path.localAddress);
    this.relays.find((relay) => relay.address === local)?.send(datagram);
  }

  #perform(shell: Shell, output: Exclude<Output, { kind: 'send' }>): void {
    if (output.kind === 'joined') this.router.joined(output.member, shell);
    if (output.kind === 'left') this.router.left(output.member, shell);
    if (output.kind === 'attempt' && output.attempt.outcome !== 'begun')
      this.attempts.push(`${output.attempt.outcome} ${output.attempt.reason}`);
    if (output.kind === 'keepalive') this.#keep(shell, output);
    if (output.kind !== 'gone') return;
    if (!shell.empty) this.ledger.violate('gone, but something is still stored');
    this.shells.delete(shell.route);
    for (const relay of this.relays) relay.release(shell.route);
    this.whereabouts.forget(shell);
  }

  #keep(shell: Shell, { path, seconds }: Extract<Output, { kind: 'keepalive' }>): void {
    if (seconds > 0) this.whereabouts.kept(shell, path);
    const local = formatAddress(path.localAddress);
    this.relays.find((relay) => relay.address === local)?.keep(shell.route, path, seconds);
  }
}
