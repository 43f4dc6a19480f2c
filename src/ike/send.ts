// How messages leave: with the non-ESP marker where the port asks for one.

import { addMarker } from '../wire/encap.ts';
import { PORT } from '../wire/ike-numbers.ts';
import type { Path } from '../wire/path.ts';
import type { Output } from './output.ts';

export function sendTo(path: Path, messages: readonly Uint8Array[]): Output {
  const marked = isMarked(path);
  return { kind: 'send', datagrams: messages.map((octets) => ({ path, octets: marked ? addMarker(octets) : octets })) };
}

/** Port 500 alone carries IKE without a marker. */
export function isMarked(path: Path): boolean {
  return path.localPort !== PORT.IKE;
}
