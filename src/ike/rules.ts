// What each message must contain: exchange and role, payload by payload (RFC 7296 section 1 and appendix C).

import type { Payload, PayloadName } from '../wire/payload.ts';
import { type Refusal, refuse } from './refusal.ts';

type Rules = Partial<Record<PayloadName, readonly [min: number, max: number]>>;

const ANY = [0, 32] as const;
/** Notifies, vendor IDs and payloads that we do not know come in any message. */
const ALWAYS: Rules = { N: ANY, V: ANY, UNKNOWN: ANY };

export const SA_INIT_REQUEST: Rules = { ...ALWAYS, SA: [1, 1], KE: [1, 1], NONCE: [1, 1], CERTREQ: ANY };

export const FIRST_AUTH_REQUEST: Rules = {
  ...ALWAYS,
  IDi: [1, 1],
  CERT: ANY,
  CERTREQ: ANY,
  IDr: [0, 1],
  AUTH: [0, 1],
  CP: [0, 1],
  SA: [1, 1],
  TSi: [1, 1],
  TSr: [1, 1],
};

export const EAP_REQUEST: Rules = { ...ALWAYS, EAP: [1, 1] };
export const LAST_AUTH_REQUEST: Rules = { ...ALWAYS, AUTH: [1, 1] };

export const CREATE_CHILD_REQUEST: Rules = {
  ...ALWAYS,
  SA: [1, 1],
  NONCE: [1, 1],
  KE: [0, 1],
  TSi: [0, 1],
  TSr: [0, 1],
  CP: [0, 1],
};

export const REKEY_CHILD_RESPONSE: Rules = {
  ...ALWAYS,
  SA: [1, 1],
  NONCE: [1, 1],
  KE: [0, 1],
  TSi: [1, 1],
  TSr: [1, 1],
};
export const REKEY_IKE_RESPONSE: Rules = { ...ALWAYS, SA: [1, 1], NONCE: [1, 1], KE: [1, 1] };

export const INFORMATIONAL: Rules = { ...ALWAYS, D: ANY, CP: [0, 1] };

/** @returns null when the payloads keep the rules. */
export function checkRules(rules: Rules, payloads: readonly Payload[]): Refusal | null {
  const count = new Map<PayloadName, number>();
  for (const payload of payloads) {
    if (payload.type === 'UNKNOWN' && payload.critical) {
      return refuse('unsupported-critical-payload', `critical payload ${payload.payloadType} is not known`, {
        data: Uint8Array.of(payload.payloadType),
      });
    }
    count.set(payload.type, (count.get(payload.type) ?? 0) + 1);
  }
  for (const [name, n] of count) {
    const max = rules[name]?.[1] ?? 0;
    if (n > max) return refuse('invalid-syntax', `${n} ${name} payloads where at most ${max} may stand`);
  }
  for (const name in rules) {
    const min = rules[name as PayloadName]?.[0] ?? 0;
    if ((count.get(name as PayloadName) ?? 0) < min) return refuse('invalid-syntax', `the ${name} payload is missing`);
  }
  return null;
}
