// Whether a decrypted packet may have come through its SA: RFC 4301 section 5.2 steps 4 and 5, RFC 3715 section 5.

import { equal } from '../bytes/octets.ts';
import type { IpView } from '../wire/ip.ts';
import { type Address, contains, type Prefix } from '../wire/prefix.ts';
import { permits, type Selectors } from './selectors.ts';

export type Inadmissible =
  /** The source is no address of the member, nor in one of its prefixes. */
  | 'foreign-source'
  /** Source, destination, protocol or ports are not what the child SA was negotiated for. */
  | 'outside-selectors';

/** Whose packets come out of the SA. */
export interface Owner {
  readonly addresses: readonly Address[];
  readonly prefixes: readonly Prefix[];
}

/** @returns null for a packet that passes. */
export function admit(owner: Owner, selectors: Selectors, view: IpView): Inadmissible | null {
  if (!owns(owner, view.source)) return 'foreign-source';
  return permits(selectors, view, 'in') ? null : 'outside-selectors';
}

function owns({ addresses, prefixes }: Owner, source: Address): boolean {
  for (const address of addresses) if (equal(address, source)) return true;
  for (const prefix of prefixes) if (contains(prefix, source)) return true;
  return false;
}
