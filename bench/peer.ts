// One peer of the client: the initiator of the simulator on a UDP socket of its own. IKE goes through it, ESP goes past it.

import { createSocket, type Socket } from 'node:dgram';
import type { Primitives } from '../src/crypto/primitives.ts';
import { classify } from '../src/wire/encap.ts';
import { espSpi } from '../src/wire/esp.ts';
import { CfgAttribute, PORT } from '../src/wire/ike-numbers.ts';
import type { Path } from '../src/wire/path.ts';
import { utf8 } from '../src/bytes/octets.ts';
import { address, fqdn, mailbox } from '../test/sim/initiator/identities.ts';
import { Initiator, type Outcome } from '../test/sim/initiator/initiator.ts';
import { espOffer, ikeOffer } from '../test/sim/initiator/proposals.ts';
import type { ClientSetting, Enrolled } from './client-protocol.ts';

const BUFFER_OCTETS = 4 << 20;
const IKE = 'aes256gcm16-prfsha256-x25519';
const ESP = 'aes256gcm16';

export class Peer {
  readonly initiator: Initiator;
  /** Its address inside the network, once connected. */
  inner: Uint8Array | null = null;
  /** Told of each inner packet that has come; the octets are the receiver's. */
  received: (packet: Uint8Array) => void = () => {};
  readonly #socket: Socket;
  readonly #path: Path;
  #arrived: Uint8Array[] = [];
  #opening: Promise<void> = Promise.resolve();

  private constructor(socket: Socket, path: Path, setting: ClientSetting, enrolled: Enrolled, primitives: Primitives) {
    this.#socket = socket;
    this.#path = path;
    const secret = utf8(enrolled.secret);
    this.initiator = new Initiator({
      primitives,
      localAddress: path.localAddress,
      gatewayAddress: path.remoteAddress,
      localPorts: { ike: 0, natT: path.localPort },
      startOn4500: true,
      natDetection: 'pretend',
      identity: identityOf(enrolled.identity),
      remoteIdentity: fqdn(setting.gatewayIdentity),
      authentication: { kind: 'psk', secret },
      gatewaySecret: secret,
      trust: async () => null,
      configuration: [CfgAttribute.INTERNAL_IP4_ADDRESS],
      ike: [ikeOffer(IKE)],
      esp: [espOffer(ESP)],
    });
    socket.on('message', (octets) => this.#take(octets));
  }

  /** Binds a free port of `local`. */
  static async open(setting: ClientSetting, local: string, enrolled: Enrolled, primitives: Primitives): Promise<Peer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: local, port: 0, exclusive: true }, () =>
        socket.connect(setting.port, setting.gateway, resolve),
      );
    });
    socket.removeAllListeners('error');
    // A gateway that restarts refuses datagrams for a while.
    socket.on('error', () => {});
    socket.setRecvBufferSize(BUFFER_OCTETS);
    const path: Path = {
      localAddress: address(local),
      localPort: socket.address().port,
      remoteAddress: address(setting.gateway),
      remotePort: PORT.NAT_T,
    };
    return new Peer(socket, path, setting, enrolled, primitives);
  }

  /** @returns null when connected, else what ended it. */
  async connect(limitMs: number): Promise<string | null> {
    const end = Date.now() + limitMs;
    await this.run(this.initiator.start(Date.now()));
    while (this.initiator.phase !== 'established' || this.initiator.session.child === null) {
      if (this.initiator.phase === 'closed') return this.initiator.session.ended ?? 'closed';
      if (this.initiator.session.childRefusal !== null) return this.initiator.session.childRefusal;
      if (Date.now() > end) return `no answer in ${limitMs / 1000} s (${this.initiator.phase})`;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { configuration } = this.initiator.session;
    this.inner = configuration.find(({ attribute }) => attribute === CfgAttribute.INTERNAL_IP4_ADDRESS)?.value ?? null;
    return this.inner === null ? 'no address was assigned' : null;
  }

  async run(work: Promise<Outcome>): Promise<void> {
    for (const { octets } of (await work).send) this.#socket.send(octets);
  }

  /** Seals and sends inner packets. */
  async send(packets: readonly Uint8Array[]): Promise<void> {
    const child = this.initiator.session.child;
    if (child === null) return;
    for (const sealed of await child.outbound.seal(packets)) if (typeof sealed !== 'string') this.#socket.send(sealed);
  }

  tick(now: number): void {
    const deadline = this.initiator.deadline();
    if (deadline !== null && deadline <= now) void this.run(this.initiator.tick(now));
  }

  async close(): Promise<void> {
    if (this.initiator.established) await this.run(this.initiator.close(Date.now())).catch(() => {});
  }

  drop(): void {
    this.#socket.close();
  }

  #take(octets: Uint8Array): void {
    if (classify(PORT.NAT_T, octets) !== 'esp') {
      void this.run(this.initiator.receive({ path: this.#path, octets: new Uint8Array(octets) }, Date.now()));
      return;
    }
    if (this.#arrived.push(octets) === 1) this.#opening = this.#opening.then(() => this.#openArrived());
  }

  async #openArrived(): Promise<void> {
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const octets of arrived) {
      const child = this.initiator.session.children.get(espSpi(octets));
      const opened = await child?.inbound.open([octets]);
      for (const each of opened ?? []) if (typeof each !== 'string') this.received(each.packet);
    }
  }
}

function identityOf(written: string) {
  return written.includes('@') ? mailbox(written) : fqdn(written);
}
