// An initiator and a gateway's Peer joined without any network: each step carries one datagram, so that a test reads like the RFC's arrows.

import type { Pad } from '../../src/ike/pad.ts';
import type { Command, Output } from '../../src/peer/output.ts';
import { Peer } from '../../src/peer/peer.ts';
import { classify } from '../../src/wire/encap.ts';
import { AuthMethod } from '../../src/wire/ike-numbers.ts';
import type { Datagram, Path } from '../../src/wire/path.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import { address } from '../sim/initiator/identities.ts';
import { Initiator, type Outcome } from '../sim/initiator/initiator.ts';
import { arrow, type SeenMessage } from '../sim/initiator/journal.ts';
import type { InitiatorOptions } from '../sim/initiator/options.ts';
import { type AuthKind, type CertificateWish, createPad, enrol } from '../sim/materials.ts';
import type { MapPad, MemberWish } from '../sim/pad.ts';

export const CLIENT_ADDRESS = '198.51.100.7';
export const RELAY_ADDRESS = '192.0.2.1';
/** 2026-01-01. */
export const START = 1_767_225_600_000;
const ROUTE = 0x0abcde;
/** What a client without RFC 7427 signs by. */
const CLASSIC = {
  method: AuthMethod.ECDSA_SHA256_P256,
  scheme: { kind: 'ecdsa', hash: 'sha256', raw: true },
} as const;

export interface PairWish {
  readonly auth?: AuthKind;
  readonly certificate?: CertificateWish;
  readonly member?: Partial<MemberWish>;
  /** A client preset, or anything else that differs from the plain client. */
  readonly client?: Partial<InitiatorOptions>;
  readonly legacy?: boolean;
}

export interface Translator {
  out(path: Path, now: number): Path | null;
  in(path: Path, now: number): Path | null;
}

/** What one step carried. */
export interface Carried {
  readonly to: 'gateway' | 'client';
  readonly datagram: Datagram;
  /** `--> HDR, SAi1, KEi, Ni`: whole messages that the client sent or understood in this step; none for a fragment or ESP. */
  readonly arrows: readonly string[];
}

export class Pair {
  readonly client: Initiator;
  readonly pad: MapPad;
  peer: Peer;
  now = START;
  /** Decides about each datagram, counted from 0, before it is carried: `late` puts it behind all others. */
  fault:
    | ((index: number, to: 'gateway' | 'client', datagram: Datagram) => 'carry' | 'drop' | 'double' | 'late')
    | null = null;
  /** Called before each datagram is carried. */
  before: ((index: number) => void) | null = null;
  /** Stands between the two, and gives each datagram the paths that the other side sees; null: nothing passes. Paths are the gateway's. */
  nat: Translator | null = null;
  /** In flight, oldest first; paths are the gateway's. A test may take out, double or reorder what it likes. */
  readonly toGateway: Datagram[] = [];
  readonly toClient: Datagram[] = [];
  /** All but `send`, in their order. */
  readonly outputs: Output[] = [];
  /** Inner packets that the gateway let through. */
  readonly delivered: Uint8Array[] = [];
  /** Inner packets that the client received. */
  readonly received: Uint8Array[] = [];
  #shown = 0;
  #carried = 0;

  constructor(client: Initiator, pad: MapPad) {
    this.client = client;
    this.pad = pad;
    this.peer = new Peer({ primitives: workerPrimitives(), pad }, ROUTE, null);
  }

  /** Datagrams carried so far, dropped ones too. */
  get carried(): number {
    return this.#carried;
  }

  get messages(): readonly SeenMessage[] {
    return this.client.journal.messages;
  }

  /** The client begins; its first datagram is then in `toGateway`. */
  async start(): Promise<void> {
    await this.runClient(this.client.start(this.now));
  }

  /** Starts and carries everything until it is quiet. */
  async establish(): Promise<this> {
    await this.start();
    await this.drive();
    return this;
  }

  /** Carries the oldest datagram; the gateway's side first when both have some. Null when all is quiet. */
  async step(): Promise<Carried | null> {
    const forGateway = this.toGateway.shift();
    const datagram = forGateway ?? this.toClient.shift();
    if (datagram === undefined) return null;
    const to = forGateway === undefined ? 'client' : 'gateway';
    const index = this.#carried++;
    this.before?.(index);
    const decision = this.fault?.(index, to, datagram) ?? 'carry';
    if (decision === 'late' || decision === 'double')
      (to === 'gateway' ? this.toGateway : this.toClient).push(datagram);
    if (decision === 'late' || decision === 'drop') return { to, datagram, arrows: [] };
    if (forGateway !== undefined) await this.#gateway(datagram);
    else await this.#client(datagram);
    return { to, datagram, arrows: this.#news() };
  }

  /** Steps until nothing is in flight. @returns the arrows of all that was said. */
  async drive(limit = 1000): Promise<string[]> {
    const arrows: string[] = this.#news();
    for (let steps = 0; steps < limit; steps++) {
      const carried = await this.step();
      if (carried === null) return arrows;
      arrows.push(...carried.arrows);
    }
    throw new Error(`still busy after ${limit} steps`);
  }

  /** Lets time pass, deadline by deadline, and carries what comes of it. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms;
    for (;;) {
      await this.drive();
      const deadlines = [this.client.deadline(), this.peer.deadline()].filter((at) => at !== null && at <= until);
      if (deadlines.length === 0) break;
      this.now = Math.max(this.now, Math.min(...(deadlines as number[])));
      const clientDue = this.client.deadline();
      if (clientDue !== null && clientDue <= this.now) await this.runClient(this.client.tick(this.now));
      const peerDue = this.peer.deadline();
      if (peerDue !== null && peerDue <= this.now) await this.perform(await this.peer.stepTick(this.now));
    }
    this.now = until;
  }

  async command(command: Command): Promise<void> {
    await this.perform(await this.peer.stepCommand(command, this.now));
  }

  /** Runs something of the client and puts what it sends in flight. */
  async runClient(work: Promise<Outcome>): Promise<void> {
    const { send, packets } = await work;
    this.received.push(...packets);
    for (const { path, octets } of send) {
      const seen = this.nat === null ? flip(path) : this.nat.out(flip(path), this.now);
      if (seen !== null) this.toGateway.push({ path: seen, octets });
    }
  }

  /** Commits a step as a shell does: the checkpoint goes through structured clone before anything is sent. */
  async perform(step: Parameters<Peer['commit']>[0]): Promise<void> {
    const outputs = this.peer.commit(step);
    structuredClone(this.peer.checkpoint());
    this.#reserve();
    for (const output of outputs) {
      if (output.kind === 'send') this.toClient.push(...output.datagrams);
      else this.outputs.push(output);
    }
  }

  /** Packets that come out of the gateway's network, for the client. */
  async sealTo(packets: readonly Uint8Array[]): Promise<void> {
    this.#reserve();
    const { datagrams } = await this.peer.sealEsp(packets, this.now);
    this.toClient.push(...datagrams);
  }

  /** Throws the Peer away and builds it again from its checkpoint, with the windows of a hibernated socket or without. */
  evict(how: 'hibernated' | 'crashed'): void {
    const checkpoint = structuredClone(this.peer.checkpoint());
    const windows = how === 'hibernated' ? this.peer.windows() : null;
    this.peer = new Peer({ primitives: workerPrimitives(), pad: this.pad as Pad }, ROUTE, checkpoint);
    this.peer.woke({ windows, marks: structuredClone(this.#marks) });
  }

  #marks: ReturnType<Peer['reserve']> = null;

  #reserve(): void {
    const reservation = this.peer.reserve();
    if (reservation === null) return;
    this.#marks = structuredClone(reservation);
    this.peer.grant(reservation, this.now);
  }

  async #gateway(datagram: Datagram): Promise<void> {
    const kind = classify(datagram.path.localPort, datagram.octets);
    if (kind === 'ike') return this.perform(await this.peer.stepIke(datagram, this.now));
    if (kind !== 'esp') return;
    this.delivered.push(...(await this.peer.openEsp([datagram], this.now)));
    this.#reserve();
  }

  async #client({ path, octets }: Datagram): Promise<void> {
    const inside = this.nat === null ? path : this.nat.in(path, this.now);
    if (inside !== null) await this.runClient(this.client.receive({ path: flip(inside), octets }, this.now));
  }

  #news(): string[] {
    const fresh = this.messages.slice(this.#shown);
    this.#shown = this.messages.length;
    return fresh.map((message) => `${message.direction === 'sent' ? '-->' : '<--'} ${arrow(message)}`);
  }
}

export async function createPair(wish: PairWish = {}): Promise<Pair> {
  const pad = await createPad();
  const legacy = wish.legacy ?? false;
  const member = { name: 'laptop', addresses: ['100.64.0.10', 'fd00:c::10'], legacy, ...wish.member };
  pad.legacy = legacy;
  const classic = wish.client?.signatureHashes === null ? { signature: CLASSIC } : {};
  const credentials = await enrol(pad, wish.auth ?? 'psk', member, { ...classic, ...wish.certificate });
  const client = new Initiator({
    primitives: workerPrimitives(),
    localAddress: address(CLIENT_ADDRESS),
    gatewayAddress: address(RELAY_ADDRESS),
    ...credentials,
    ...wish.client,
  });
  return new Pair(client, pad);
}

/** The same path seen from the other end. */
export function flip(path: Path): Path {
  return {
    localAddress: path.remoteAddress,
    localPort: path.remotePort,
    remoteAddress: path.localAddress,
    remotePort: path.localPort,
  };
}
