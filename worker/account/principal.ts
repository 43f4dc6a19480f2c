// Who asks: found at the door of the API, and what every query and every change is bound to.

import { createMiddleware } from 'hono/factory';
import { refuse } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { ROLE_SCOPES } from './scopes.ts';

export type { Area, Scope } from './scopes.ts';
import type { Scope } from './scopes.ts';

export type Role = 'owner' | 'admin' | 'auditor' | 'member';

export interface Principal {
  readonly kind: 'operator' | 'token' | 'session';
  /** Id; every query is bound to it. */
  readonly organisation: string;
  /** null for the operator and for tokens. */
  readonly user: { readonly id: string; readonly name: string; readonly email: string } | null;
  readonly role: Role;
  readonly scopes: ReadonlySet<Scope>;
  /** Who, for the audit: an e-mail address, `token NAME`, `operator`. */
  readonly label: string;
}

export type ApiEnv = { Bindings: Env; Variables: { principal: Principal } };

/** The organisation of the operator, and of whoever runs a gateway of their own. */
export const DEFAULT_ORGANISATION = 'default';

export function operatorPrincipal(organisation: string): Principal {
  const scopes = new Set(ROLE_SCOPES.owner);
  return { kind: 'operator', organisation, user: null, role: 'owner', scopes, label: 'operator' };
}

/** A token acts for nobody's role: it may do what its scopes say, and nothing that takes an owner. */
export function tokenPrincipal(organisation: string, name: string, scopes: readonly Scope[]): Principal {
  return { kind: 'token', organisation, user: null, role: 'admin', scopes: new Set(scopes), label: `token ${name}` };
}

/** @param role of the user in that organisation. */
export function sessionPrincipal(organisation: string, role: Role, user: NonNullable<Principal['user']>): Principal {
  return { kind: 'session', organisation, user, role, scopes: new Set(ROLE_SCOPES[role]), label: user.email };
}

/** Middleware: lets whoever has the scope pass, and answers 403 to all others. */
export function require(scope: Scope) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    if (c.var.principal.scopes.has(scope)) return next();
    const { code, message, next: todo } = forbidden(scope).refusal;
    return c.json({ error: { code, message, next: todo } }, 403);
  });
}

export function forbidden(scope: Scope) {
  return refuse(
    'forbidden',
    `This takes the scope '${scope}', which you do not have.`,
    'Ask an owner or admin of the organisation, or use a token with that scope.',
  );
}
