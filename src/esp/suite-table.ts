// Which transform serves which encryption algorithm.

import type { Primitives } from '../crypto/primitives.ts';
import { EncrId } from '../wire/ike-numbers.ts';
import { AeadTransform } from './aead-transform.ts';
import { CbcHmacTransform } from './cbc-hmac-transform.ts';
import { GmacTransform } from './gmac-transform.ts';
import { NullHmacTransform } from './null-hmac-transform.ts';
import type { EspParameters } from './parameters.ts';
import type { EspTransform } from './transform.ts';

type Maker = (primitives: Primitives, parameters: EspParameters) => EspTransform;

const aead: Maker = (primitives, parameters) => new AeadTransform(primitives, parameters);
const cbcHmac: Maker = (primitives, parameters) => new CbcHmacTransform(primitives, parameters);
const gmac: Maker = (primitives, parameters) => new GmacTransform(primitives, parameters);
const nullHmac: Maker = (primitives, parameters) => new NullHmacTransform(primitives, parameters);

const MAKERS: ReadonlyMap<number, Maker> = new Map([
  [EncrId.AES_GCM_16, aead],
  [EncrId.CHACHA20_POLY1305, aead],
  [EncrId.AES_CBC, cbcHmac],
  [EncrId.NULL_AUTH_AES_GMAC, gmac],
  [EncrId.NULL, nullHmac],
]);

/** @throws RangeError for a suite that is never chosen. */
export function espTransform(primitives: Primitives, parameters: EspParameters): EspTransform {
  const maker = MAKERS.get(parameters.suite.encr);
  if (maker === undefined) throw new RangeError(`no ESP with ENCR ${parameters.suite.encr}`);
  return maker(primitives, parameters);
}
