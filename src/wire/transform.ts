// Transform substructure and its attributes, RFC 7296 sections 3.3.2 and 3.3.5.

import type { Reader } from '../bytes/reader.ts';
import type { Writer } from '../bytes/writer.ts';
import { TransformAttribute } from './ike-numbers.ts';
import type { Transform } from './payload.ts';

/*
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   | Last Substruc |   RESERVED    |        Transform Length       |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |Transform Type |   RESERVED    |          Transform ID         |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                      Transform Attributes                     ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |A|       Attribute Type        |    AF=0  Attribute Length     |
   |F|                             |    AF=1  Attribute Value      |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                   AF=0  Attribute Value                       |
   |                   AF=1  Not Transmitted                       |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

const MORE_TRANSFORMS = 3;
const AF = 0x8000;

/** A Key Length is read in the short form and, of 2 octets, in the long one; a second one counts as an attribute that we do not know. */
export function parseTransform(r: Reader): Transform {
  r.u8();
  r.u8();
  const t = r.sub(r.u16() - 4);
  const type = t.u8();
  t.u8();
  const id = t.u16();
  let keyBits: number | undefined;
  let otherAttributes: number[] | undefined;
  while (t.remaining > 0) {
    const head = t.u16();
    const attribute = head & ~AF;
    const length = head & AF ? 2 : t.u16();
    if (attribute === TransformAttribute.KEY_LENGTH && length === 2 && keyBits === undefined) {
      keyBits = t.u16();
    } else {
      t.take(length);
      otherAttributes ??= [];
      otherAttributes.push(attribute);
    }
  }
  return {
    type,
    id,
    ...(keyBits === undefined ? undefined : { keyBits }),
    ...(otherAttributes === undefined ? undefined : { otherAttributes }),
  };
}

/** Attributes that we do not know are not written: a transform that has any is never chosen. */
export function writeTransform(w: Writer, transform: Transform, last: boolean): void {
  w.u8(last ? 0 : MORE_TRANSFORMS);
  w.u8(0);
  w.u16(transform.keyBits === undefined ? 8 : 12);
  w.u8(transform.type);
  w.u8(0);
  w.u16(transform.id);
  if (transform.keyBits !== undefined) {
    w.u16(AF | TransformAttribute.KEY_LENGTH);
    w.u16(transform.keyBits);
  }
}
