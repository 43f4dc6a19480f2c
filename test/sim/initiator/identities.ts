// Identities and traffic selectors as clients write them: RFC 7296 sections 3.5 and 3.13.

import { fromHex, text, utf8 } from '../../../src/bytes/octets.ts';
import { IdType } from '../../../src/wire/ike-numbers.ts';
import type { Identity, TrafficSelector } from '../../../src/wire/payload.ts';
import { parseAddress, parsePrefix, prefixRange } from '../../../src/wire/prefix.ts';

export function fqdn(name: string): Identity {
  return { idType: IdType.FQDN, data: utf8(name) };
}

export function mailbox(name: string): Identity {
  return { idType: IdType.RFC822_ADDR, data: utf8(name) };
}

export function keyId(name: string): Identity {
  return { idType: IdType.KEY_ID, data: utf8(name) };
}

export function addressIdentity(written: string): Identity {
  const data = address(written);
  return { idType: data.length === 4 ? IdType.IPV4_ADDR : IdType.IPV6_ADDR, data };
}

/** A certificate's subject, DER. */
export function distinguishedName(data: Uint8Array): Identity {
  return { idType: IdType.DER_ASN1_DN, data };
}

export function identityText(identity: Identity): string {
  const named = identity.idType === IdType.FQDN || identity.idType === IdType.RFC822_ADDR;
  return named || identity.idType === IdType.KEY_ID ? text(identity.data) : identity.data.join('.');
}

export function address(written: string): Uint8Array {
  const parsed = parseAddress(written);
  if (parsed === null) throw new Error(`${written} is no address`);
  return parsed;
}

/** All protocols and ports of a prefix. */
export function selector(prefix: string, protocol = 0, startPort = 0, endPort = 0xffff): TrafficSelector {
  const { start, end } = prefixRange(parsePrefix(prefix)!);
  return { protocol, startPort, endPort, startAddress: start, endAddress: end };
}

/** 0.0.0.0/0 and ::/0. */
export function everything(): TrafficSelector[] {
  return [range('00000000', 'ffffffff'), range('00'.repeat(16), 'ff'.repeat(16))];
}

function range(start: string, end: string): TrafficSelector {
  return { protocol: 0, startPort: 0, endPort: 0xffff, startAddress: fromHex(start), endAddress: fromHex(end) };
}
