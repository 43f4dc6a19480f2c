// What the edge tells its relays: the secrets of cookies, shared by all relays of a deployment and rotated.

import type { CookieSecret } from '../src/ike/cookie.ts';
import { backoff } from './backoff.ts';
import type { Edge } from './edge.ts';

const SHORTEST_REFRESH = 10;
const LONGEST_REFRESH = 3600;

export interface RelaySettings {
  /** The one to make cookies with stands first; those before and after it are accepted too. */
  readonly cookieSecrets: readonly CookieSecret[];
  readonly refreshSeconds: number;
}

/** Keeps them fresh. Until the edge has answered for the first time there are no secrets. */
export class SettingsKeeper {
  readonly #edge: Pick<Edge, 'settings'>;
  readonly #random: () => number;
  #settings: RelaySettings = { cookieSecrets: [], refreshSeconds: SHORTEST_REFRESH };
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  #fetching = false;
  #stopped = false;

  constructor(edge: Pick<Edge, 'settings'>, random: () => number) {
    this.#edge = edge;
    this.#random = random;
  }

  get current(): RelaySettings {
    return this.#settings;
  }

  /** Fetches now, and again whenever they are due. */
  async refresh(): Promise<void> {
    if (this.#fetching || this.#stopped) return;
    this.#fetching = true;
    clearTimeout(this.#timer);
    const settings = await this.#edge.settings().then(parseSettings, () => null);
    this.#fetching = false;
    if (this.#stopped) return;
    this.#settings = settings ?? this.#settings;
    this.#timer = setTimeout(() => void this.refresh(), this.#delay(settings));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #delay(settings: RelaySettings | null): number {
    if (settings === null) return backoff(this.#attempt++, this.#random());
    this.#attempt = 0;
    return settings.refreshSeconds * 1000 * (1 - this.#random() / 10);
  }
}

/** @returns null for anything that is not what the edge promises. */
export function parseSettings(json: unknown): RelaySettings | null {
  if (typeof json !== 'object' || json === null) return null;
  const { cookieSecrets, refreshSeconds } = json as Record<string, unknown>;
  if (!Array.isArray(cookieSecrets) || typeof refreshSeconds !== 'number') return null;
  const secrets = cookieSecrets.map(parseSecret);
  if (secrets.includes(null)) return null;
  return {
    cookieSecrets: secrets as CookieSecret[],
    refreshSeconds: Math.min(LONGEST_REFRESH, Math.max(SHORTEST_REFRESH, refreshSeconds)),
  };
}

function parseSecret(json: unknown): CookieSecret | null {
  if (typeof json !== 'object' || json === null) return null;
  const { version, secret, notAfter } = json as Record<string, unknown>;
  if (typeof version !== 'number' || typeof secret !== 'string' || typeof notAfter !== 'number') return null;
  const octets = Uint8Array.from(Buffer.from(secret, 'base64'));
  return octets.length < 16 ? null : { version, secret: octets, notAfter };
}
