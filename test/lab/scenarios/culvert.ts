// What only Culvert can be asked.

import { expect } from '../expect.ts';
import { isSplit, type SplitGateway } from '../gateway.ts';
import type { Lab } from '../lab.ts';

export function culvert({ gateway }: Lab): SplitGateway {
  expect(isSplit(gateway), 'this gateway is not Culvert');
  return gateway;
}

/** Port of an outer path as status shows it. */
export function portOf(path: string): number {
  return Number(path.slice(path.lastIndexOf(':') + 1));
}
