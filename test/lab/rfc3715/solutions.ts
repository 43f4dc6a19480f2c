// RFC 3715 section 4: what existing solutions offer, without their limits.

import type { Row } from '../rfc3715.ts';

export const SOLUTIONS: readonly Row[] = [
  {
    id: '4.1: checks',
    title: 'Tunnel mode, items 2 and 3',
    problem: 'Tunnel mode passed NATs where sources were not checked and selectors were any to any.',
    answer:
      'Sources are checked, and selectors are those of the member and of what it may reach (RFC 4301 section 5.2).',
    code: ['src/route/admit.ts', 'src/ike/narrow.ts'],
    scenarios: ['spoofed-inner-source', 'overlapping-sites'],
    tests: ['test/unit/route/selectors.test.ts'],
  },
  {
    id: '4.1: several clients',
    title: 'Tunnel mode, item 4',
    problem: 'Tunnel mode worked for a single client behind a NAT.',
    answer: 'Any number: SPIs tell them apart.',
    code: ['src/wire/spi.ts'],
    scenarios: ['many-behind-one-nat'],
    tests: [],
  },
  {
    id: '4.1: fragmentation',
    title: 'Tunnel mode, item 5',
    problem: 'Tunnel mode worked where certificates did not make IKE messages too large.',
    answer: 'IKE splits its messages itself (RFC 7383).',
    code: ['src/ike/protect.ts'],
    scenarios: ['fragmented-auth'],
    tests: ['test/sim/handshake.test.ts'],
  },
  {
    id: '4.1: long idle',
    title: 'Tunnel mode, item 6',
    problem: 'Tunnel mode worked as long as sessions were active.',
    answer: 'Keepalives hold an idle one (RFC 3948 section 4).',
    code: ['relay/keepalive.ts'],
    scenarios: ['network-initiated', 'mapping-30s'],
    tests: [],
  },
  {
    id: '4.2',
    title: 'RSIP',
    problem:
      'RSIP lets hosts share an outer address and use protocols that carry addresses, but needs new hosts and gateways.',
    answer:
      'Hosts that share one outer address and port are told apart, embedded addresses hold, and NATs stay as they are.',
    code: ['src/wire/spi.ts'],
    scenarios: ['overloaded-nat', 'ftp-through-tunnel'],
    tests: [],
  },
  {
    id: '4.3',
    title: '6to4',
    problem: '6to4 gives hosts behind an IPv4 NAT IPv6, but not where the outer address of the NAT is private.',
    answer:
      'Networks give IPv6 addresses to devices, through any number of IPv4 NATs, whose outside addresses may be private.',
    code: ['src/ike/configuration.ts'],
    scenarios: ['ipv6-behind-private-nat', 'ipv6-inside'],
    tests: [],
  },
];
