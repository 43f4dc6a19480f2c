// One entry to all runners over primitives, by the name of the file.

import type { Primitives } from '../../../src/crypto/primitives.ts';
import type { Outcome } from './outcome.ts';
import { checkKeyExchanges, checkPrimitives } from './primitive-vectors.ts';
import { checkWycheproof } from './wycheproof.ts';

export function runVectors(p: Primitives, name: string, file: unknown): Promise<Outcome> {
  if (name.startsWith('wycheproof/')) return checkWycheproof(p, file);
  return name === 'key exchanges' ? checkKeyExchanges(p) : checkPrimitives(p, name, file);
}
