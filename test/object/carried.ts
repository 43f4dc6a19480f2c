// What a connection says that it has carried.

import type { Carried } from '../../worker/edge/rpc.ts';

export function octets(at: number, octetsIn: number, octetsOut: number): Carried {
  return { at, octetsIn, octetsOut, packetsIn: 0, packetsOut: 0 };
}
