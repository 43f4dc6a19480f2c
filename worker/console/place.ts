// Where a visitor stands: who it is, in which organisation, looking at which network. Every page is made from it.

import type { Context } from 'hono';
import type { Principal, Scope } from '../account/principal.ts';
import type { Session } from '../account/session.ts';
import type { Network } from '../directory/networks.ts';
import type { Membership } from '../directory/people.ts';
import type { Env } from '../env.ts';
import type { Theme } from './theme.ts';

export interface Place {
  readonly session: Session;
  readonly principal: Principal;
  readonly organisation: Membership;
  /** All that the visitor belongs to. */
  readonly organisations: readonly Membership[];
  readonly networks: readonly Network[];
  /** The one that is looked at; null while there is none. */
  readonly network: Network | null;
  readonly theme: Theme;
  /** For the hidden field of forms. */
  readonly csrf: string;
  /** Below the organisation: `devices/ID`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Milliseconds. */
  readonly now: number;
}

export type ConsoleEnv = { Bindings: Env; Variables: { place: Place } };
export type ConsoleContext = Context<ConsoleEnv>;

export function may(place: Place, scope: Scope): boolean {
  return place.principal.scopes.has(scope);
}

/** A link within the organisation that keeps to the network that is looked at. */
export function linkTo(place: Place, path: string, query: Readonly<Record<string, string | null>> = {}): string {
  const search = new URLSearchParams();
  if (place.network && place.network !== place.networks[0]) search.set('network', place.network.name);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== '') search.set(name, value);
  }
  const text = search.toString();
  return `/o/${encodeURIComponent(place.organisation.organisation)}/${path}${text === '' ? '' : `?${text}`}`;
}
