// A device as the tests play it: an initiator that shares nothing with the core but the wire, behind a relay, in front of a peer object.

import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Datagram } from '../../src/wire/path.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import { address } from '../sim/initiator/identities.ts';
import { Initiator, type Outcome } from '../sim/initiator/initiator.ts';
import type { InitiatorOptions } from '../sim/initiator/options.ts';
import type { Credentials } from '../sim/materials.ts';
import { TestRelay } from './relay.ts';

export const RELAY_ADDRESS = address('192.0.2.1');

let nextRoute = 0x0abc00;
let nextHost = 2;

export class Device {
  readonly route = nextRoute++;
  readonly host = nextHost++;
  /** Its outer address: there is no NAT. */
  readonly outer = `198.51.100.${this.host}`;
  readonly packets: Uint8Array[] = [];
  initiator!: Initiator;
  relay!: TestRelay;
  /** What the network that it is in lets not out. */
  blocks: (datagram: Datagram) => boolean = () => false;
  #taken = 0;

  /** @param how it differs from a plain client. */
  become(credentials: Credentials, how: Partial<InitiatorOptions> = {}): this {
    this.initiator = new Initiator({
      primitives: workerPrimitives(),
      localAddress: address(this.outer),
      gatewayAddress: RELAY_ADDRESS,
      retransmission: { firstMs: 1_000, factor: 2, tries: 8 },
      ...credentials,
      ...how,
    });
    return this;
  }

  async dial({ fresh = true } = {}): Promise<this> {
    this.relay = await TestRelay.dial(this.route, { fresh });
    this.#taken = 0;
    return this;
  }

  async begin(): Promise<void> {
    this.play(await this.initiator.start(Date.now()));
  }

  /** The client's paths are its own; frames carry the gateway's. */
  play(outcome: Outcome): void {
    this.packets.push(...outcome.packets);
    const sent = outcome.send.filter(({ octets }) => octets.length > 1).map(flip);
    const datagrams = sent.filter((datagram) => !this.blocks(datagram));
    if (datagrams.length > 0) this.relay.send(datagrams);
  }

  send(...packets: Uint8Array[]): Promise<void> {
    return this.initiator.sendPackets(packets, Date.now()).then((outcome) => this.play(outcome));
  }

  /** Hands what the relay received to the client, until it is so. */
  async until(so: () => boolean): Promise<void> {
    await this.#hand();
    while (!so()) await this.hear();
  }

  /** Waits for the next frame, and hands it to the client. */
  async hear(): Promise<void> {
    await this.relay.until(() => this.relay.datagrams.length > this.#taken);
    await this.#hand();
  }

  /** The same, with the client's clock running ahead, so that it sends again what was lost. */
  async persist(so: () => boolean): Promise<void> {
    let ahead = 0;
    while (!so()) {
      if (await this.#hand(ahead)) continue;
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (await this.#hand(ahead)) continue;
      ahead += 1_000;
      this.play(await this.initiator.tick(Date.now() + ahead));
    }
  }

  async #hand(ahead = 0): Promise<boolean> {
    const news = this.relay.datagrams.slice(this.#taken);
    this.#taken += news.length;
    for (const datagram of news) this.play(await this.initiator.receive(flip(datagram), Date.now() + ahead));
    return news.length > 0;
  }

  get stub() {
    return env.PEER.getByName(String(this.route));
  }

  async crash(): Promise<void> {
    await runInDurableObject(this.stub, (_, ctx) => ctx.abort('crashed by the test')).catch(() => {});
  }
}

/** The same datagram as the other end sees it. */
export function flip({ path, octets }: Datagram): Datagram {
  const { localAddress, localPort, remoteAddress, remotePort } = path;
  const flipped = {
    localAddress: remoteAddress,
    localPort: remotePort,
    remoteAddress: localAddress,
    remotePort: localPort,
  };
  return { path: flipped, octets };
}
