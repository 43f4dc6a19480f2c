// What one direction of a child SA is made of: RFC 4301 section 4.4.2.1.

import type { EspKeys, EspSuite } from '../crypto/suite.ts';

export interface EspParameters {
  /** Of the receiver's choice. */
  readonly spi: number;
  readonly suite: EspSuite;
  readonly keys: EspKeys;
}
