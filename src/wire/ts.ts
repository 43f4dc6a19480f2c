// Traffic Selector payloads, RFC 7296 section 3.13.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import { TsType } from './ike-numbers.ts';
import type { PayloadOf, TrafficSelector } from './payload.ts';

/*
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   | Number of TSs |                 RESERVED                      |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |   TS Type     |IP Protocol ID |       Selector Length         |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |           Start Port          |           End Port            |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                         Starting Address                      ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                         Ending Address                        ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

export function parseTSi(body: Uint8Array): PayloadOf<'TSi'> {
  return { type: 'TSi', selectors: parseSelectors(body) };
}

export function parseTSr(body: Uint8Array): PayloadOf<'TSr'> {
  return { type: 'TSr', selectors: parseSelectors(body) };
}

/** Serves TSi and TSr alike. */
export function emitTS(payload: { readonly selectors: readonly TrafficSelector[] }): Uint8Array {
  const { selectors } = payload;
  if (selectors.length > 255) throw new RangeError(`${selectors.length} traffic selectors do not fit one payload`);
  const w = new Writer(4 + 40 * selectors.length);
  w.u8(selectors.length);
  w.u8(0);
  w.u16(0);
  for (const selector of selectors) {
    w.u8(selector.startAddress.length === 4 ? TsType.IPV4_ADDR_RANGE : TsType.IPV6_ADDR_RANGE);
    w.u8(selector.protocol);
    w.u16(8 + 2 * selector.startAddress.length);
    w.u16(selector.startPort);
    w.u16(selector.endPort);
    w.octets(selector.startAddress);
    w.octets(selector.endAddress);
  }
  return w.finish();
}

/**
 * Selectors of types that we do not know are left out, because a responder ignores them (RFC 7296 section 2.9): the list may come out
 * empty. Ranges that run backwards are kept: ports 65535-0 mean OPAQUE.
 */
function parseSelectors(body: Uint8Array): TrafficSelector[] {
  const r = new Reader(body);
  const count = r.u8();
  r.take(3);
  const selectors: TrafficSelector[] = [];
  for (let i = 0; i < count; i++) {
    const type = r.u8();
    const protocol = r.u8();
    const s = r.sub(r.u16() - 4);
    const octets = addressOctets(type);
    if (octets === null) continue;
    if (s.remaining !== 4 + 2 * octets) throw new Malformed(`a traffic selector of ${s.remaining + 4} octets`);
    const startPort = s.u16();
    const endPort = s.u16();
    selectors.push({ protocol, startPort, endPort, startAddress: s.take(octets), endAddress: s.take(octets) });
  }
  r.expectEmpty('the last traffic selector');
  return selectors;
}

function addressOctets(type: number): 4 | 16 | null {
  if (type === TsType.IPV4_ADDR_RANGE) return 4;
  return type === TsType.IPV6_ADDR_RANGE ? 16 : null;
}
