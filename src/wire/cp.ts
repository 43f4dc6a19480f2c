// Configuration payload, RFC 7296 section 3.15.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import type { CfgAttributeValue, PayloadOf } from './payload.ts';

/*
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |   CFG Type    |                    RESERVED                   |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |R|         Attribute Type      |            Length             |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                             Value                             ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

const ATTRIBUTES = 256;

export function parseCP(body: Uint8Array): PayloadOf<'CP'> {
  const r = new Reader(body);
  const cfgType = r.u8();
  r.take(3);
  const attributes: CfgAttributeValue[] = [];
  while (r.remaining > 0) {
    if (attributes.length === ATTRIBUTES) throw new Malformed(`more than ${ATTRIBUTES} configuration attributes`);
    const attribute = r.u16() & 0x7fff;
    attributes.push({ attribute, value: r.take(r.u16()) });
  }
  return { type: 'CP', cfgType, attributes };
}

export function emitCP(payload: {
  readonly cfgType: number;
  readonly attributes: readonly CfgAttributeValue[];
}): Uint8Array {
  const w = new Writer();
  w.u8(payload.cfgType);
  w.u8(0);
  w.u16(0);
  for (const { attribute, value } of payload.attributes) {
    w.u16(attribute);
    const length = w.reserve16();
    w.octets(value);
    w.patch16(length, value.length);
  }
  return w.finish();
}
