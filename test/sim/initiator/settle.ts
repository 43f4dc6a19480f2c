// What every rekeying of the client shares: g^ir of an answer, the nonce that decides a collision, how often to try again. RFC 7296 sections 2.8.1, 2.25.

import { compare } from '../../../src/bytes/octets.ts';
import type { KeyExchange } from '../../../src/crypto/primitives.ts';
import { KeId } from '../../../src/wire/ike-numbers.ts';
import type { Payload } from '../../../src/wire/payload.ts';
import { only } from './init.ts';
import type { Session } from './session.ts';

/** After TEMPORARY_FAILURE, times the number of the attempt. */
export const RETRY_MS = 5000;
export const RETRIES = 5;
/** After any refusal, nothing is rekeyed unasked for so long. */
export const REST_MS = 60_000;

export function lowest(Ni: Uint8Array, Nr: Uint8Array): Uint8Array {
  return compare(Ni, Nr) < 0 ? Ni : Nr;
}

/** @returns g^ir, null without a key exchange, undefined when the answer does not fit the request. */
export async function agree(
  session: Session,
  exchange: KeyExchange | null,
  payloads: readonly Payload[],
  chosen: number,
): Promise<Uint8Array | null | undefined> {
  const KE = only(payloads, 'KE');
  if (chosen === KeId.NONE) {
    if (KE !== null) session.journal.complain('a KE payload, but no group was chosen');
    return null;
  }
  if (exchange === null || KE === null || KE.method !== exchange.method || chosen !== exchange.method) {
    session.journal.complain(`group ${chosen} was chosen, KEr is of ${KE?.method}, KEi of ${exchange?.method}`);
    return undefined;
  }
  const shared = await exchange.agree(KE.data);
  return shared ?? undefined;
}
