// The sans-IO initiator on real UDP sockets and a real clock.

import { createSocket, type Socket } from 'node:dgram';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { Initiator, type Outcome } from '../initiator/initiator.ts';
import type { InitiatorSettings } from '../initiator/options.ts';
import { address } from '../initiator/identities.ts';

export class LiveClient {
  readonly initiator: Initiator;
  readonly packets: Uint8Array[] = [];
  readonly #sockets = new Map<string, Socket>();
  readonly #ticker: NodeJS.Timeout;

  constructor(settings: InitiatorSettings) {
    this.initiator = new Initiator(settings);
    this.#ticker = setInterval(() => void this.run(this.initiator.tick(Date.now())), 100);
  }

  /** A socket for each port, on one of the host's addresses. */
  async bind(on: string): Promise<void> {
    for (const port of [500, 4500]) {
      const socket = createSocket('udp4');
      socket.on('message', (octets, from) => {
        const path = {
          localAddress: address(on),
          localPort: port,
          remoteAddress: address(from.address),
          remotePort: from.port,
        };
        void this.run(this.initiator.receive({ path, octets: new Uint8Array(octets) }, Date.now()));
      });
      await new Promise<void>((resolve) => socket.bind(port, on, resolve));
      this.#sockets.set(`${on}:${port}`, socket);
    }
  }

  async run(work: Promise<Outcome>): Promise<void> {
    const { send, packets } = await work;
    this.packets.push(...packets);
    for (const { path, octets } of send) {
      const socket = this.#sockets.get(`${formatAddress(path.localAddress)}:${path.localPort}`);
      socket?.send(octets, path.remotePort, formatAddress(path.remoteAddress));
    }
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    for (let waited = 0; !condition(); waited += 20) {
      if (waited > 10_000)
        throw new Error(`${what}: waited too long (${this.initiator.phase}, ${this.initiator.session.ended})`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async established(): Promise<void> {
    await this.run(this.initiator.start(Date.now()));
    await this.until('IKE_AUTH', () => this.initiator.phase === 'established' || this.initiator.phase === 'closed');
    if (this.initiator.phase === 'closed') throw new Error(`refused: ${this.initiator.session.ended}`);
  }

  stop(): void {
    clearInterval(this.#ticker);
    for (const socket of this.#sockets.values()) socket.close();
  }
}
