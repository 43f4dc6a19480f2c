// Finding payloads in a message whose rules have been checked.

import type { NotifyPayload, Payload, PayloadName, PayloadOf } from '../wire/payload.ts';

export function find<T extends PayloadName>(payloads: readonly Payload[], type: T): PayloadOf<T> | null {
  return (payloads.find((payload) => payload.type === type) as PayloadOf<T> | undefined) ?? null;
}

/** For a payload that the rules demand. */
export function must<T extends PayloadName>(payloads: readonly Payload[], type: T): PayloadOf<T> {
  const payload = find(payloads, type);
  if (payload === null) throw new TypeError(`${type} was not checked by the rules`);
  return payload;
}

export function all<T extends PayloadName>(payloads: readonly Payload[], type: T): PayloadOf<T>[] {
  return payloads.filter((payload): payload is PayloadOf<T> => payload.type === type);
}

export function findNotify(payloads: readonly Payload[], type: number): NotifyPayload | null {
  return all(payloads, 'N').find((n) => n.notify === type) ?? null;
}

/** The first notify that tells of an error (types below 16384). */
export function findError(payloads: readonly Payload[]): NotifyPayload | null {
  return all(payloads, 'N').find((n) => n.notify < 16384) ?? null;
}
