// A client machine in the world: its place in the network, its initiator, and the habit of connecting again.

import type { Primitives } from '../../../src/crypto/primitives.ts';
import type { Member } from '../../../src/ike/pad.ts';
import { CfgAttribute, PORT } from '../../../src/wire/ike-numbers.ts';
import { classify } from '../../../src/wire/encap.ts';
import { espSpi } from '../../../src/wire/esp.ts';
import type { Datagram } from '../../../src/wire/path.ts';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { address } from '../initiator/identities.ts';
import { Initiator, type Outcome } from '../initiator/initiator.ts';
import type { InitiatorOptions } from '../initiator/options.ts';
import type { Credentials } from '../materials.ts';
import type { Clock } from './clock.ts';
import type { Node, UdpPacket } from './internet.ts';
import type { Ledger } from './ledger.ts';
import type { NonceWatch } from './nonces.ts';
import type { Nat } from './nat.ts';
import type { Whereabouts } from './whereabouts.ts';

/** Where a machine hangs: behind a NAT, or on the internet itself. */
export type Access = Pick<Nat, 'attach' | 'detach' | 'send'>;

export interface ClientPorts {
  readonly clock: Clock;
  readonly primitives: Primitives;
  readonly ledger: Ledger;
  readonly nonces: NonceWatch;
  readonly whereabouts: Whereabouts;
}

export interface ClientWish {
  readonly member: Member;
  readonly credentials: Credentials;
  readonly preset: Partial<InitiatorOptions>;
  readonly relay: string;
}

const AGAIN_MS = 15_000;

export class SimClient implements Node {
  readonly member: Member;
  initiator: Initiator;
  /** How often it has begun a handshake. */
  connections = 0;
  /** It stays down. */
  stopped = false;
  /** Which of the two sockets is bound to which port: preserved here, changed by NATs. */
  #address: string;
  #access: Access;
  readonly #ports: ClientPorts;
  readonly #wish: ClientWish;
  relay: string;
  #timer = 0;
  /** It waits for its next try since this one has ended. */
  #ended: Initiator | null = null;
  #preference: Partial<InitiatorOptions> = {};

  constructor(wish: ClientWish, at: string, access: Access, ports: ClientPorts) {
    this.member = wish.member;
    this.relay = wish.relay;
    this.#wish = wish;
    this.#address = at;
    this.#access = access;
    this.#ports = ports;
    access.attach(at, this);
    this.initiator = this.#fresh();
  }

  get established(): boolean {
    return this.initiator.established;
  }

  /** What the gateway assigned, or null before. */
  get ownAddress(): Uint8Array | null {
    const { configuration } = this.initiator.session;
    const found = configuration.find(({ attribute }) => attribute === CfgAttribute.INTERNAL_IP4_ADDRESS);
    return found?.value ?? this.member.addresses[0] ?? null;
  }

  accept(packet: UdpPacket): void {
    const path = {
      localAddress: address(packet.destination.address),
      localPort: packet.destination.port,
      remoteAddress: address(packet.source.address),
      remotePort: packet.source.port,
    };
    const { clock } = this.#ports;
    clock.in(0, () => this.#receive({ path, octets: packet.octets }));
  }

  /** What the gateway sealed comes out again, the first time that it arrives. */
  async #receive(datagram: Datagram): Promise<void> {
    const { clock, ledger } = this.#ports;
    const { octets, path } = datagram;
    const isEsp = classify(path.localPort, octets) === 'esp' && path.remotePort !== PORT.IKE;
    const child = isEsp ? this.initiator.session.children.get(espSpi(octets)) : undefined;
    const expected = child === undefined ? null : ledger.comes(this.member, octets, child.inbound.window.size);
    const packets = await this.#perform(this.initiator.receive(datagram, clock.now), []);
    if (expected !== null) ledger.cameOut(expected, packets);
  }

  /** From its next connection on it behaves otherwise. */
  prefer(preset: Partial<InitiatorOptions>): void {
    this.#preference = { ...this.#preference, ...preset };
  }

  connect(): void {
    const { clock } = this.#ports;
    this.stopped = false;
    this.connections++;
    this.#closeBooks();
    this.initiator = this.#fresh();
    clock.in(0, () => this.run(this.initiator.start(clock.now)));
  }

  /** Does something and sends what comes of it. */
  async run(work: Promise<Outcome>, packets: readonly Uint8Array[] = []): Promise<void> {
    await this.#perform(work, packets);
  }

  /** @returns inner packets that came. */
  async #perform(work: Promise<Outcome>, packets: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const { send, packets: received } = await work;
    if (packets.length > 0) this.#ports.ledger.sent(packets, send);
    for (const packet of received) this.#ports.ledger.received(this.member, packet);
    for (const { path, octets } of send) {
      this.#ports.nonces.leaves(octets);
      this.#ports.whereabouts.made(octets);
      const source = { address: formatAddress(path.localAddress), port: path.localPort };
      const destination = { address: this.relay, port: path.remotePort };
      this.#access.send({ source, destination, octets });
    }
    for (const { terms } of this.initiator.session.children.values())
      this.#ports.ledger.agreement.add(this.member.member, terms);
    this.#schedule();
    return received;
  }

  async send(packets: readonly Uint8Array[]): Promise<void> {
    const { clock } = this.#ports;
    const sealing = this.initiator.session.child !== null;
    await this.run(this.initiator.sendPackets(packets, clock.now), sealing ? packets : []);
  }

  /** To another access or address, with MOBIKE or without a word. */
  async move(at: string, access: Access): Promise<void> {
    this.#access.detach(this.#address);
    this.#access = access;
    this.#address = at;
    access.attach(at, this);
    await this.run(this.initiator.move(address(at), this.#ports.clock.now));
  }

  /** Loses power and comes back: no Delete, no memory. */
  crash(): void {
    this.initiator.crash();
    this.#schedule();
  }

  #fresh(): Initiator {
    return new Initiator({
      primitives: this.#ports.primitives,
      localAddress: address(this.#address),
      gatewayAddress: address(this.relay),
      ...this.#wish.credentials,
      ...this.#wish.preset,
      ...this.#preference,
    });
  }

  /** One timer: the initiator's next deadline, or the next try after it has ended. */
  #schedule(): void {
    const { clock } = this.#ports;
    if (this.initiator.phase === 'closed') {
      this.#connectAgain();
      return;
    }
    const serial = ++this.#timer;
    const deadline = this.initiator.deadline();
    if (deadline === null) return;
    clock.at(Math.max(deadline, clock.now + 1), () =>
      serial === this.#timer ? this.run(this.initiator.tick(clock.now)) : undefined,
    );
  }

  /** Whatever still comes for what was closed does not put it off. */
  #connectAgain(): void {
    const closed = this.initiator;
    if (this.stopped || closed === this.#ended) return;
    this.#ended = closed;
    this.#timer++;
    this.#ports.clock.in(AGAIN_MS, () => {
      if (closed === this.initiator && !this.stopped) this.connect();
    });
  }

  #closeBooks(): void {
    for (const complaint of this.initiator.journal.complaints)
      this.#ports.ledger.violate(`${this.member.member}: ${complaint}`);
    this.initiator.journal.complaints.length = 0;
  }

  /** What the gateway did wrong in this client's eyes, moved to the ledger. */
  audit(): void {
    this.#closeBooks();
  }
}
