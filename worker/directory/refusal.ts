// What the control plane refuses: a code for programs, and for people what happened, why, and what to do next.

export interface Refusal {
  readonly code: RefusalCode;
  /** What happened and why: whole sentences. */
  readonly message: string;
  /** What to do next. */
  readonly next: string;
  /** The field of the request that is wrong, where it is one. */
  readonly field?: string;
}

export type RefusalCode =
  | 'bad-request'
  | 'unknown-field'
  | 'bad-name'
  | 'bad-prefix'
  | 'host-bits-set'
  | 'bad-pool'
  | 'prefix-overlap'
  | 'bad-value'
  | 'bad-auth'
  | 'unknown-network'
  | 'unknown-device'
  | 'unknown-site'
  | 'unknown-member'
  | 'unknown-format'
  | 'unfit-format'
  | 'name-taken'
  | 'pool-exhausted'
  | 'pool-fixed'
  | 'network-not-empty'
  | 'not-connected'
  | 'edge-busy'
  | 'unauthorised'
  | 'forbidden'
  | 'not-configured'
  | 'body-too-large'
  | 'not-found'
  | 'internal'
  | 'bad-email'
  | 'bad-password'
  | 'bad-credentials'
  | 'email-taken'
  | 'sign-up-closed'
  | 'invitation-void'
  | 'invitation-not-yours'
  | 'last-owner'
  | 'owners-only'
  | 'foreign-request'
  | 'too-many-requests'
  | 'unknown-organisation'
  | 'unknown-person'
  | 'unknown-invitation'
  | 'unknown-token'
  | 'unknown-webhook'
  | 'unknown-delivery'
  | 'unknown-passkey'
  | 'link-void'
  | 'not-certified'
  | 'mail-not-sent'
  | 'too-many'
  | 'unknown-group'
  | 'group-in-use'
  | 'too-many-groups'
  | 'policy-changed'
  | 'bad-rule';

export type Result<T> = { readonly ok: true; readonly value: T } | Refused;

export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
}

export function done<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(code: RefusalCode, message: string, next: string): Refused {
  return { ok: false, refusal: { code, message, next } };
}

/** The same refusal, said of a field of the request; one that names a field already keeps it. */
export function inField(refused: Refused, field: string): Refused {
  return { ok: false, refusal: { field, ...refused.refusal } };
}
