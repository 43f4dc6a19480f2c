// What the control plane has on record of a network's prefixes: read again when somebody asks and the copy has grown old.

import type { Prefix } from '../../src/wire/prefix.ts';
import type { Registry } from './registry.ts';

/** A member, connected or not. */
export interface StaticRoute {
  readonly member: string;
  readonly prefixes: readonly Prefix[];
}

export interface StaticPorts {
  readonly registry: Registry;
  load(network: string): Promise<readonly StaticRoute[]>;
  failed(thrown: unknown): void;
}

const KEPT_MS = 60_000;

export class StaticRoutes {
  readonly #ports: StaticPorts;
  #until = 0;
  #loading: Promise<void> | null = null;

  constructor(ports: StaticPorts) {
    this.#ports = ports;
  }

  /** They have changed. */
  expire(): void {
    this.#until = 0;
  }

  /** With a copy at hand nobody waits for the next one. */
  async refresh(now: number): Promise<void> {
    const { registry } = this.#ports;
    if (now < this.#until) return;
    this.#loading ??= this.#load(now).finally(() => {
      this.#loading = null;
    });
    if (!registry.hasStatic) await this.#loading;
  }

  async #load(now: number): Promise<void> {
    const { registry, load, failed } = this.#ports;
    this.#until = now + KEPT_MS;
    try {
      registry.setStatic(await load(registry.network));
    } catch (thrown) {
      failed(thrown);
    }
  }
}
