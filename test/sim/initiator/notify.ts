// Notify payloads read and written by an initiator: RFC 7296 sections 3.10 and 2.23.

import { concat, equal } from '../../../src/bytes/octets.ts';
import { Writer } from '../../../src/bytes/writer.ts';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import { Notify, nameOf } from '../../../src/wire/ike-numbers.ts';
import type { NotifyPayload, Payload } from '../../../src/wire/payload.ts';

const FIRST_STATUS = 16384;

export function notify(
  type: number,
  data: Uint8Array = new Uint8Array(0),
  protocol = 0,
  spi: Uint8Array = new Uint8Array(0),
): NotifyPayload {
  return { type: 'N', notify: type, protocol, spi, data };
}

export function findNotify(payloads: readonly Payload[], type: number): NotifyPayload | null {
  return notifies(payloads).find((payload) => payload.notify === type) ?? null;
}

export function notifies(payloads: readonly Payload[]): NotifyPayload[] {
  return payloads.filter((payload) => payload.type === 'N');
}

/** The first notification that tells of an error. */
export function errorOf(payloads: readonly Payload[]): NotifyPayload | null {
  return notifies(payloads).find((payload) => payload.notify < FIRST_STATUS) ?? null;
}

export function errorName(payload: NotifyPayload): string {
  return nameOf(Notify, payload.notify);
}

/** The group that an INVALID_KE_PAYLOAD asks for. */
export function groupAskedFor(payload: NotifyPayload): number | null {
  const [high, low] = payload.data;
  return payload.data.length === 2 && high !== undefined && low !== undefined ? high * 256 + low : null;
}

export function u16(value: number): Uint8Array {
  return new Uint8Array([value >> 8, value & 0xff]);
}

export function u32(value: number): Uint8Array {
  const writer = new Writer();
  writer.u32(value);
  return writer.finish();
}

export function u64(value: bigint): Uint8Array {
  const writer = new Writer();
  writer.u64(value);
  return writer.finish();
}

export function readU32(octets: Uint8Array): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export function readU64(octets: Uint8Array): bigint {
  return octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

/** SHA-1(SPIi | SPIr | address | port). */
export function natHash(p: Primitives, SPIi: bigint, SPIr: bigint, address: Uint8Array, port: number): Uint8Array {
  return p.hash('sha1', concat(u64(SPIi), u64(SPIr), address, u16(port)));
}

export function saysAddress(payload: NotifyPayload, hash: Uint8Array): boolean {
  return equal(payload.data, hash);
}
