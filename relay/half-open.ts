// Handshakes that have begun: (remote address, port, SPIi) -> route, so that a repeated IKE_SA_INIT request finds its peer object.

import { ExpiringMap } from './expiring-map.ts';

const LIMIT = 8192;
const LIFETIME = 60_000;

export class HalfOpen {
  readonly #routes: ExpiringMap<string, number>;

  constructor(limit = LIMIT, lifetime = LIFETIME) {
    this.#routes = new ExpiringMap(limit, lifetime);
  }

  /** The same table key for the same handshake; the address is text as the socket gives it. */
  static key(address: string, port: number, SPIi: bigint): string {
    return `${address} ${port} ${SPIi.toString(36)}`;
  }

  route(key: string, now: number): number | undefined {
    return this.#routes.get(key, now);
  }

  begin(key: string, route: number, now: number): void {
    this.#routes.set(key, route, now);
  }

  end(key: string): void {
    this.#routes.delete(key);
  }

  count(now: number): number {
    return this.#routes.count(now);
  }
}
