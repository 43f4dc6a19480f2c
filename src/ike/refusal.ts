// Why a request is refused, and the notify that says so: one table (RFC 7296 sections 2.21, 2.25, 3.10.1).

import { Notify } from '../wire/ike-numbers.ts';
import type { NotifyPayload } from '../wire/payload.ts';

export type RefusalReason =
  | 'invalid-syntax'
  | 'unsupported-critical-payload'
  | 'no-proposal-chosen'
  | 'invalid-ke'
  | 'authentication-failed'
  | 'ts-unacceptable'
  | 'internal-address-failure'
  | 'failed-cp-required'
  | 'no-additional-sas'
  | 'temporary-failure'
  | 'child-sa-not-found';

export interface Refusal {
  readonly refused: RefusalReason;
  /** For the tenant, in plain words. */
  readonly detail: string;
  readonly data?: Uint8Array;
  /** Protocol and SPI, where the notify names a child SA. */
  readonly protocol?: number;
  readonly spi?: Uint8Array;
}

const NOTIFY: Record<RefusalReason, number> = {
  'invalid-syntax': Notify.INVALID_SYNTAX,
  'unsupported-critical-payload': Notify.UNSUPPORTED_CRITICAL_PAYLOAD,
  'no-proposal-chosen': Notify.NO_PROPOSAL_CHOSEN,
  'invalid-ke': Notify.INVALID_KE_PAYLOAD,
  'authentication-failed': Notify.AUTHENTICATION_FAILED,
  'ts-unacceptable': Notify.TS_UNACCEPTABLE,
  'internal-address-failure': Notify.INTERNAL_ADDRESS_FAILURE,
  'failed-cp-required': Notify.FAILED_CP_REQUIRED,
  'no-additional-sas': Notify.NO_ADDITIONAL_SAS,
  'temporary-failure': Notify.TEMPORARY_FAILURE,
  'child-sa-not-found': Notify.CHILD_SA_NOT_FOUND,
};

export function refuse(refused: RefusalReason, detail: string, more: Partial<Refusal> = {}): Refusal {
  return { ...more, refused, detail };
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

export function refusalNotify(refusal: Refusal): NotifyPayload {
  return notify(NOTIFY[refusal.refused], refusal.data, refusal.protocol, refusal.spi);
}

export function notify(
  type: number,
  data: Uint8Array = new Uint8Array(0),
  protocol = 0,
  spi: Uint8Array = new Uint8Array(0),
): NotifyPayload {
  return { type: 'N', notify: type, protocol, spi, data };
}
