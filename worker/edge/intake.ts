// What a frame of a relay brings, sorted: IKE goes to the mailbox, ESP goes on beside it.

import { Malformed } from '../../src/bytes/malformed.ts';
import { classify } from '../../src/wire/encap.ts';
import { parseFrame } from '../../src/wire/frame.ts';
import type { Datagram, Path } from '../../src/wire/path.ts';

export interface Intake {
  readonly ike: readonly Datagram[];
  readonly esp: readonly Datagram[];
  /** Octets of all datagrams, to be credited to the relay. */
  readonly octets: number;
  /** Octets that the relay has sent on. */
  readonly credit: number;
  /** The path of the last datagram. */
  readonly path: Path | null;
  /** The relay says for how many seconds a path has been silent; 0 when it does not. */
  readonly silentSeconds: number;
}

/** @returns null for what is no frame. */
export function sortFrame(message: ArrayBuffer | string): Intake | null {
  if (typeof message === 'string') return null;
  const ike: Datagram[] = [];
  const esp: Datagram[] = [];
  let octets = 0;
  let credit = 0;
  let path: Path | null = null;
  let silentSeconds = 0;
  try {
    for (const record of parseFrame(new Uint8Array(message))) {
      if (record.kind === 'credit') credit += record.octets;
      else if (record.kind === 'silent') silentSeconds = record.seconds;
      if (record.kind !== 'datagram') continue;
      octets += record.octets.length;
      path = record.path;
      const kind = classify(record.path.localPort, record.octets);
      if (kind === 'esp') esp.push(record);
      else if (kind === 'ike') ike.push(record);
    }
  } catch (thrown) {
    if (thrown instanceof Malformed) return null;
    throw thrown;
  }
  return { ike, esp, octets, credit, path, silentSeconds };
}
