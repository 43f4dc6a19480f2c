// What can be found besides devices and sites: pages, and things to do.

import type { Scope } from '../../../account/principal.ts';
import { linkTo, may, type Place } from '../../place.ts';
import { ENTRIES } from '../../rooms.ts';

export interface Found {
  readonly kind: 'Page' | 'Action' | 'Device' | 'Site';
  readonly label: string;
  readonly href: string;
}

interface Known {
  readonly label: string;
  readonly path: string;
  readonly tab?: string;
  readonly scope: Scope | null;
  /** Other words for it. */
  readonly also?: string;
}

const PAGES: readonly Known[] = [
  ...ENTRIES.flat().map(({ room, label, scope }) => ({ label, path: room, scope })),
  { label: 'Network settings', path: 'settings', scope: 'settings:read', also: 'mtu lifetime' },
  { label: 'Certificate authority', path: 'settings', tab: 'authority', scope: 'settings:read', also: 'ca root' },
  { label: 'API tokens', path: 'settings', tab: 'tokens', scope: 'settings:read' },
  { label: 'Webhooks', path: 'settings', tab: 'webhooks', scope: 'settings:read', also: 'deliveries' },
  { label: 'My account', path: 'account', scope: null, also: 'passkeys password' },
];

const ACTIONS: readonly Known[] = [
  { label: 'Add a device', path: 'devices/new', scope: 'members:write', also: 'new enrol' },
  { label: 'Join a site', path: 'sites/new', scope: 'members:write', also: 'new add router' },
  { label: 'Add a network', path: 'networks/new', scope: 'networks:write', also: 'new' },
  { label: 'Invite somebody', path: 'people', scope: 'people:write', also: 'add person' },
  { label: 'Add a group', path: 'access', scope: 'policy:write', also: 'new' },
  { label: 'Add a rule', path: 'access', scope: 'policy:write', also: 'new policy allow deny' },
  { label: 'Can one reach the other?', path: 'access', scope: 'policy:read', also: 'ask' },
  { label: 'Rotate the authority', path: 'settings', tab: 'authority', scope: 'settings:write', also: 'ca' },
  { label: 'Make an API token', path: 'settings', tab: 'tokens', scope: 'settings:write', also: 'new add' },
  { label: 'Add a webhook', path: 'settings', tab: 'webhooks', scope: 'settings:write', also: 'new' },
  { label: 'Add a passkey', path: 'account', scope: null, also: 'new' },
];

/** @param text in small letters; each of its words has to stand somewhere. */
export function entriesFor(place: Place, text: string): Found[] {
  const words = text.split(/\s+/);
  const fits = ({ label, also = '' }: Known) => {
    const all = `${label} ${also}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const found = (kind: Found['kind'], list: readonly Known[]) =>
    list
      .filter((known) => (known.scope === null || may(place, known.scope)) && fits(known))
      .map(({ label, path, tab = null }) => ({ kind, label, href: linkTo(place, path, { tab }) }));
  return [...found('Page', PAGES), ...found('Action', ACTIONS)];
}
