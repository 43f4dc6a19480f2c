// IP addresses as text: RFC 4291 section 2.2 and RFC 6943 section 3.1.1 in, RFC 5952 out.

/** 4 or 16 octets. */
export type Address = Uint8Array;

/**
 * Reads dotted decimal without leading zeros, or any of the three forms of IPv6, without zone.
 * @returns null for anything else.
 */
export function parseAddress(text: string): Address | null {
  if (!text.includes(':')) {
    const octets = parseDotted(text);
    return octets === null ? null : Uint8Array.from(octets);
  }
  return parseIpv6(text);
}

export function formatAddress(address: Address): string {
  if (address.length === 4) return address.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (address[2 * i]! << 8) | address[2 * i + 1]!);
  // An IPv4-mapped address (RFC 5952 section 5).
  if (groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff) return `::ffff:${address.slice(12).join('.')}`;
  const { start, length } = longestZeros(groups);
  const hex = (part: readonly number[]) => part.map((g) => g.toString(16)).join(':');
  // "The symbol '::' MUST NOT be used to shorten just one 16-bit 0 field."
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function parseDotted(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part))) return null;
  const octets = parts.map(Number);
  return octets.every((octet) => octet <= 255) ? octets : null;
}

function parseIpv6(text: string): Address | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 1 ? [] : parseGroups(halves[1]!, true);
  if (head === null || tail === null) return null;
  const given = head.length + tail.length;
  if (halves.length === 1 ? given !== 16 : given > 14) return null;
  const address = new Uint8Array(16);
  address.set(head);
  address.set(tail, 16 - tail.length);
  return address;
}

/** Octets of groups between colons; the last may be dotted decimal where the address ends there. */
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const octets: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      octets.push(value >> 8, value & 0xff);
      continue;
    }
    const dotted = last && i === groups.length - 1 ? parseDotted(group) : null;
    if (dotted === null) return null;
    octets.push(...dotted);
  }
  return octets;
}

/** The first of the longest runs of zeros. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
