// Remote paths: a socket of ours and the address that speaks to it, with when it was last heard. Only paths of an uplink stand here,
// so that strangers take no room; a keepalive, which carries no SPI, is recognised by its path alone.

import type { Path } from '../src/wire/path.ts';
import { parseAddress } from '../src/wire/address.ts';
import type { LocalSocket } from './udp.ts';

export interface RemotePath {
  readonly socket: LocalSocket;
  /** As the host writes it. */
  readonly address: string;
  readonly port: number;
  /** As the edge sees it. */
  readonly path: Path;
  /** When anything last came from it, a keepalive included; ms. */
  heard: number;
  /** When anything was last sent to it; ms. */
  sent: number;
  /** How many uplinks know it. */
  holders: number;
}

export class PathTable {
  readonly #paths = new Map<string, RemotePath>();

  /** Finds or makes it, and counts the holder. @returns null for an address that is none. */
  hold(socket: LocalSocket, address: string, port: number, now: number): RemotePath | null {
    const key = keyOf(socket, address, port);
    let remote = this.#paths.get(key);
    if (remote === undefined) {
      const path = pathTo(socket, address, port);
      if (path === null) return null;
      remote = { socket, address, port, path, heard: now, sent: Number.NEGATIVE_INFINITY, holders: 0 };
      this.#paths.set(key, remote);
    }
    remote.holders += 1;
    return remote;
  }

  letGo(remote: RemotePath): void {
    remote.holders -= 1;
    if (remote.holders === 0) this.#paths.delete(keyOf(remote.socket, remote.address, remote.port));
  }

  heard(socket: LocalSocket, address: string, port: number, now: number): void {
    const remote = this.#paths.get(keyOf(socket, address, port));
    if (remote !== undefined) remote.heard = now;
  }

  get size(): number {
    return this.#paths.size;
  }
}

/** @returns null for an address that is none. */
export function pathTo(socket: LocalSocket, address: string, port: number): Path | null {
  const remoteAddress = parseAddress(address);
  if (remoteAddress === null || port === 0) return null;
  return { localAddress: socket.publicAddress, localPort: socket.publicPort, remoteAddress, remotePort: port };
}

function keyOf(socket: LocalSocket, address: string, port: number): string {
  return `${socket.address} ${socket.port} ${address} ${port}`;
}
