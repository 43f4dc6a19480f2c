// What may be done, by area, and what each role may do.

import type { Role } from './principal.ts';

export const AREAS = ['networks', 'members', 'policy', 'people', 'activity', 'status', 'settings'] as const;

export type Area = (typeof AREAS)[number];
export type Scope = `${Area}:${'read' | 'write'}`;

export const SCOPES: readonly Scope[] = AREAS.flatMap((area) => [`${area}:read`, `${area}:write`] as const);

const READING: readonly Scope[] = SCOPES.filter((scope) => scope.endsWith(':read'));

/** Owners and admins differ in this only: an admin neither makes, changes nor removes an owner. Members see their own devices. */
export const ROLE_SCOPES: Readonly<Record<Role, readonly Scope[]>> = {
  owner: SCOPES,
  admin: SCOPES,
  auditor: READING,
  member: [],
};

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
