// NAT detection (RFC 7296 section 2.23): the hash, the true verdict, and the notifies that we answer with.

import { equal } from '../bytes/octets.ts';
import { Writer } from '../bytes/writer.ts';
import type { Primitives } from '../crypto/primitives.ts';
import { Notify } from '../wire/ike-numbers.ts';
import type { Path } from '../wire/path.ts';
import type { NotifyPayload, Payload } from '../wire/payload.ts';
import { all, findNotify } from './find.ts';
import { notify } from './refusal.ts';
import type { NatVerdict } from './state.ts';

export function speaksNat(payloads: readonly Payload[]): boolean {
  return findNotify(payloads, Notify.NAT_DETECTION_SOURCE_IP) !== null;
}

/** What the peer's hashes say. It may send several source hashes, one for each address that it has. */
export function natVerdict(
  p: Primitives,
  payloads: readonly Payload[],
  SPIi: bigint,
  SPIr: bigint,
  path: Path,
): NatVerdict {
  const sources = all(payloads, 'N').filter((n) => n.notify === Notify.NAT_DETECTION_SOURCE_IP);
  const destination = findNotify(payloads, Notify.NAT_DETECTION_DESTINATION_IP);
  if (sources.length === 0 || destination === null) return 'unknown';
  const seen = natHash(p, SPIi, SPIr, path.remoteAddress, path.remotePort);
  const peer = !sources.some((n) => equal(n.data, seen));
  const gateway = !equal(destination.data, natHash(p, SPIi, SPIr, path.localAddress, path.localPort));
  return peer ? (gateway ? 'both' : 'peer') : gateway ? 'gateway' : 'none';
}

/**
 * Ours, for a peer that speaks NAT detection. The source hash is random, so that the peer takes the gateway to be behind a NAT and
 * encapsulates always: IP protocol 50 never reaches us.
 */
export function natNotifies(p: Primitives, SPIi: bigint, SPIr: bigint, path: Path): NotifyPayload[] {
  return [
    notify(Notify.NAT_DETECTION_SOURCE_IP, p.random(20)),
    notify(Notify.NAT_DETECTION_DESTINATION_IP, natHash(p, SPIi, SPIr, path.remoteAddress, path.remotePort)),
  ];
}

/** SHA-1(SPIi | SPIr | IP address | port). */
export function natHash(p: Primitives, SPIi: bigint, SPIr: bigint, address: Uint8Array, port: number): Uint8Array {
  const w = new Writer(34);
  w.u64(SPIi);
  w.u64(SPIr);
  w.octets(address);
  w.u16(port);
  return p.hash('sha1', w.finish());
}
