// The rooms of the console that navigation leads to, and who may see them.

import type { Scope } from '../account/principal.ts';
import type { IconName } from './parts/icon.tsx';

export type Room =
  | 'overview'
  | 'devices'
  | 'sites'
  | 'access'
  | 'people'
  | 'dns'
  | 'activity'
  | 'diagnostics'
  | 'settings'
  | 'mine'
  | 'account'
  | 'find';

export interface Entry {
  readonly room: Room;
  readonly label: string;
  readonly icon: IconName;
  /** null: for everybody. */
  readonly scope: Scope | null;
}

export const ENTRIES: readonly (readonly Entry[])[] = [
  [
    { room: 'overview', label: 'Overview', icon: 'overview', scope: 'status:read' },
    { room: 'devices', label: 'Devices', icon: 'devices', scope: 'members:read' },
    { room: 'sites', label: 'Sites', icon: 'sites', scope: 'members:read' },
  ],
  [
    { room: 'access', label: 'Access', icon: 'access', scope: 'policy:read' },
    { room: 'people', label: 'People', icon: 'people', scope: 'people:read' },
    { room: 'dns', label: 'DNS', icon: 'dns', scope: 'networks:read' },
  ],
  [
    { room: 'activity', label: 'Activity', icon: 'activity', scope: 'activity:read' },
    { room: 'diagnostics', label: 'Diagnostics', icon: 'diagnostics', scope: 'status:read' },
    { room: 'settings', label: 'Settings', icon: 'settings', scope: 'settings:read' },
  ],
  [{ room: 'mine', label: 'My devices', icon: 'mine', scope: null }],
];
