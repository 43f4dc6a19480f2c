// The first steps: each ticks itself from facts, and all go when nothing is left to do.

import type { Network } from '../directory/networks.ts';
import type { Env } from '../env.ts';
import { linkTo, type Place } from './place.ts';

export interface ChecklistItem {
  readonly title: string;
  readonly why: string;
  readonly time: string;
  readonly href: string;
  readonly done: boolean;
}

interface Facts {
  readonly passkey: number;
  readonly others: number;
  readonly policy: number;
}

/** @returns nothing when all is done, and for whoever could not do it. */
export async function checklistOf(env: Env, place: Place, network: Network): Promise<readonly ChecklistItem[]> {
  if (!place.principal.scopes.has('members:write')) return [];
  const facts = await factsOf(env.DB, place);
  const connected = await everConnected(env, network.id);
  const items: readonly ChecklistItem[] = [
    { title: 'Name a network', why: '', time: '', href: linkTo(place, 'networks/new'), done: true },
    {
      title: 'Add this device',
      why: 'The profile brings everything; nothing is typed.',
      time: '1 min',
      href: linkTo(place, 'devices/new'),
      done: network.devices > 0,
    },
    {
      title: 'See it connect',
      why: 'It turns green here on its first real handshake.',
      time: '1 min',
      href: linkTo(place, 'devices'),
      done: connected,
    },
    {
      title: 'Secure your sign-in with a passkey',
      why: 'It cannot be guessed, and nobody can phish it.',
      time: '1 min',
      href: linkTo(place, 'account'),
      done: facts.passkey > 0,
    },
    {
      title: 'Invite somebody',
      why: 'A second owner keeps the organisation reachable.',
      time: '1 min',
      href: linkTo(place, 'people'),
      done: facts.others > 1,
    },
    {
      title: 'Join a site',
      why: 'Its router brings a whole office or cloud network in.',
      time: '10 min',
      href: linkTo(place, 'sites/new'),
      done: network.sites > 0,
    },
  ];
  return items.every(({ done }) => done) ? [] : items;
}

async function factsOf(db: D1Database, { session, organisation }: Place): Promise<Facts> {
  const row = await db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM passkeys WHERE user_id = ?1) AS passkey,
       (SELECT count(*) FROM (SELECT 1 FROM people WHERE organisation_id = ?2 LIMIT 2)) AS others, 0 AS policy`,
    )
    .bind(session.user.id, organisation.organisation)
    .first<Facts>();
  return row ?? { passkey: 0, others: 0, policy: 0 };
}

async function everConnected(env: Env, network: string): Promise<boolean> {
  try {
    const { attempts } = await env.NETWORK.getByName(network).attempts({ limit: 100 });
    return attempts.some(({ outcome }) => outcome === 'connected');
  } catch {
    return false;
  }
}
