// Address pools of networks: which are good, which one is taken unless told, and what stands at a position.

import { concat } from '../../src/bytes/octets.ts';
import {
  type Address,
  contains,
  formatPrefix,
  maskPrefix,
  overlaps,
  parsePrefix,
  type Prefix,
} from '../../src/wire/prefix.ts';
import { done, refuse, type Result } from './refusal.ts';

/** The gateway's own virtual address: the first host. */
export const GATEWAY_POSITION = 1;

const SHORTEST_IPV4 = 8;
const LONGEST_IPV4 = 29;
const SHORTEST_IPV6 = 32;
const LONGEST_IPV6 = 120;

/** 2^48 devices are enough, and a number counts them exactly. */
const IPV6_BITS = 48;

/** Networks draw a /20 from the shared address space (RFC 6598), which home and office networks seldom use. */
const SHARED = parsePrefix('100.64.0.0/10')!;
const DRAWN_LENGTH = 20;

const UNUSABLE = [
  ['0.0.0.0/8', 'stands for "this network"'],
  ['127.0.0.0/8', 'never leaves a host'],
  ['169.254.0.0/16', 'never leaves a link'],
  ['224.0.0.0/3', 'holds multicast and reserved addresses'],
  ['::/8', 'is reserved'],
  ['fe80::/10', 'never leaves a link'],
  ['ff00::/8', 'holds multicast addresses'],
].map(([prefix, reason]) => ({ prefix: parsePrefix(prefix!)!, reason: reason! }));

export function addressAt(pool: Prefix, position: number): Address {
  const address = Uint8Array.from(pool.address);
  let carry = position;
  for (let i = address.length - 1; i >= 0 && carry > 0; i--) {
    carry += address[i]!;
    address[i] = carry % 256;
    carry = Math.floor(carry / 256);
  }
  return address;
}

/** What stands at which position of the pool; null for an address outside it. */
export function positionOf(pool: Prefix, address: Address): number | null {
  if (address.length !== pool.address.length || !contains(pool, address)) return null;
  let position = 0;
  for (let i = 0; i < address.length; i++) position = position * 256 + (address[i]! - pool.address[i]!);
  return position;
}

/** The last position that a device may have; an IPv4 pool's very last address is its broadcast address. */
export function lastPosition(pool: Prefix): number {
  if (pool.address.length === 4) return 2 ** (32 - pool.length) - 2;
  return 2 ** Math.min(IPV6_BITS, 128 - pool.length) - 1;
}

export function checkPool(pool: Prefix, family: 4 | 6): Result<Prefix> {
  const [shortest, longest] = family === 4 ? [SHORTEST_IPV4, LONGEST_IPV4] : [SHORTEST_IPV6, LONGEST_IPV6];
  if (pool.address.length !== (family === 4 ? 4 : 16)) {
    const other = family === 4 ? 'IPv6' : 'IPv4';
    return refuse(
      'bad-pool',
      `${formatPrefix(pool)} is an ${other} prefix, but it was given as the IPv${family} pool.`,
      `Give it as the ${other} pool.`,
    );
  }
  const unusable = unusableReason(pool);
  if (unusable)
    return refuse(
      'bad-pool',
      `Devices cannot have addresses of ${formatPrefix(pool)}: it ${unusable}.`,
      EXAMPLES[family],
    );
  if (pool.length < shortest || pool.length > longest) {
    const size = pool.length < shortest ? 'too large' : 'too small';
    return refuse(
      'bad-pool',
      `${formatPrefix(pool)} is ${size} for a pool: IPv${family} pools are /${shortest} to /${longest}.`,
      EXAMPLES[family],
    );
  }
  return done(pool);
}

/** Why no host behind a tunnel can have addresses of this prefix, or null when some can. */
export function unusableReason(prefix: Prefix): string | null {
  const hit = UNUSABLE.find((each) => overlaps(each.prefix, prefix));
  if (!hit) return null;
  return hit.prefix.length > prefix.length ? `includes ${formatPrefix(hit.prefix)}, which ${hit.reason}` : hit.reason;
}

/** Drawn at random beside the ones in use while there is room, so that seldom two networks that somebody joins collide. */
export function drawIpv4Pool(used: readonly Prefix[]): Prefix {
  const numbers = crypto.getRandomValues(new Uint16Array(64));
  const drawn = Array.from(numbers, (number) => {
    // 10 bits from bit 12 on: the /20s of a /10.
    const offset = (number & 0x3ff) << 12;
    return maskPrefix(addressAt(SHARED, offset), DRAWN_LENGTH);
  });
  return drawn.find((pool) => !used.some((other) => overlaps(pool, other))) ?? drawn[0]!;
}

/** A /64 of unique local addresses: fd, 40 random bits, subnet 0 (RFC 4193 section 3.2). */
export function drawIpv6Pool(): Prefix {
  const global = crypto.getRandomValues(new Uint8Array(5));
  return { address: concat(Uint8Array.of(0xfd), global, new Uint8Array(10)), length: 64 };
}

const EXAMPLES = {
  4: "Give a private prefix such as '100.64.0.0/16', or none, and one is chosen.",
  6: "Give a private prefix such as 'fd12:3456:789a::/64', or none, and one is chosen.",
} as const;
