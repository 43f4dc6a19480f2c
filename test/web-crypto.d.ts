// Names of WebCrypto's types that Node has in a namespace of its own, and the Worker's code has as globals.

import type { webcrypto } from 'node:crypto';

declare global {
  type CryptoKey = webcrypto.CryptoKey;
  type CryptoKeyPair = webcrypto.CryptoKeyPair;
}
