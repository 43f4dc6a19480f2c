// RFC 3715 section 2: what is known to be incompatible, letter by letter.

import type { Row } from '../rfc3715.ts';

export const INCOMPATIBILITIES: readonly Row[] = [
  {
    id: '2.1 a',
    title: 'AH',
    problem: 'AH authenticates the addresses that a NAT changes.',
    answer:
      'AH is never negotiated: a proposal of AH alone is answered NO_PROPOSAL_CHOSEN, ESP is taken (RFC 7296 sections 2.7 and 3.3). ESP with NULL encryption (RFC 2410) or GMAC (RFC 4543) in its place is taken by networks that switch it on, from who offers nothing else.',
    code: ['src/ike/proposal.ts', 'src/esp/suite-table.ts'],
    scenarios: ['ah-refused-esp-taken', 'esp-without-encryption'],
    tests: ['test/exchange/protection.test.ts'],
  },
  {
    id: '2.1 b',
    title: 'Checksums',
    problem:
      'TCP and UDP checksums cover the addresses that a NAT changes, and in transport mode nobody can mend them on the way.',
    answer:
      'Tunnel mode leaves the inner packet as it was. Transport mode (RFC 3948 section 3.1.2, RFC 7296 section 2.23.1) is not built.',
    code: [],
    scenarios: [],
    tests: [],
    open: 'transport mode, L2TP/IPsec',
  },
  {
    id: '2.1 c',
    title: 'Addresses as identities',
    problem:
      'An identity that is an address does not match the address from which a NAT lets the message come, and behind NATs many have the same.',
    answer:
      'A member is found by its certificate, its EAP user name or its textual identity, never by an address (RFC 4301 section 4.4.3, RFC 7296 section 3.5).',
    code: ['worker/directory/pad.ts', 'worker/directory/certificate-identity.ts'],
    scenarios: ['same-identity-address', 'same-private-address'],
    tests: ['test/unit/directory/pad.test.ts'],
  },
  {
    id: '2.1 d',
    title: 'Fixed IKE source ports',
    problem:
      'A NAT must change source ports to tell clients apart, so responders must take any, answer there, and rekey to there.',
    answer:
      'Any source port is taken; answers and own requests go to the path from which the last new and valid message came (RFC 7296 section 2.23).',
    code: ['src/peer/peer.ts', 'src/peer/data-plane.ts', 'relay/udp.ts'],
    scenarios: [
      'low-source-port',
      'roadwarrior-cert',
      'rekey-ike-by-gateway',
      'rekey-child-by-gateway',
      'only-port-4500',
      'rekey-after-move',
    ],
    tests: ['test/sim/nat-behaviours.test.ts N4', 'test/sim/nat-behaviours.test.ts N10'],
  },
  {
    id: '2.1 e',
    title: 'Overlapping selectors',
    problem:
      'Clients that negotiate selectors of their private addresses make SAs that look alike, and packets go down the wrong one.',
    answer:
      'Each device gets an address of its own and TSi is narrowed to it; prefixes of one network may not overlap; networks are apart (RFC 3948 section 5.1, RFC 7296 sections 2.9 and 2.19).',
    code: ['src/ike/narrow.ts', 'worker/directory/enrol.ts', 'src/route/network.ts', 'worker/edge/registry.ts'],
    scenarios: ['same-private-address', 'overlapping-sites', 'same-prefix-two-networks', 'two-behind-one-nat'],
    tests: [
      'test/unit/api/members.test.ts',
      'test/object/peer-object.test.ts',
      'test/sim/tenants.test.ts',
      'test/sim/thousand-clients.test.ts',
      'test/sim/nat-behaviours.test.ts N15',
    ],
  },
  {
    id: '2.1 f',
    title: 'Choice of SPIs',
    problem:
      'A NAT that goes by SPIs cannot know which incoming SPI belongs to which client, and two clients may choose the same.',
    answer:
      "ESP is always in UDP, so no NAT need look at an SPI (RFC 3948 section 2.1); the gateway's own SPIs carry the route to the peer, and a peer's SPI counts within that peer only.",
    code: ['src/wire/spi.ts', 'src/route/flow.ts'],
    scenarios: ['equal-spis', 'overloaded-nat', 'two-behind-one-nat'],
    tests: ['test/unit/route/flow.test.ts', 'test/sim/thousand-clients.test.ts', 'test/sim/nat-behaviours.test.ts N9'],
  },
  {
    id: '2.1 g',
    title: 'Embedded addresses',
    problem: 'A NAT cannot rewrite addresses in payloads that are encrypted, so protocols that carry addresses fail.',
    answer:
      'The addresses that a device knows and sends are its virtual ones, which mean the same at every member: nothing is to be rewritten (RFC 7296 section 2.19).',
    code: ['src/ike/configuration.ts'],
    scenarios: ['ftp-through-tunnel'],
    tests: [],
  },
  {
    id: '2.1 h',
    title: 'Directionality',
    problem: 'A NAT lets nothing in before something went out, so nobody can begin an SA with a host behind it.',
    answer:
      'Devices begin; keepalives hold the mapping, and what starts at the network goes out on the SA that is there at any later time (RFC 3948 section 4).',
    code: ['worker/edge/forwarder.ts', 'relay/switchboard.ts'],
    scenarios: ['network-initiated'],
    tests: [],
  },
  {
    id: '2.1 i',
    title: 'Inbound selector check',
    problem:
      'A check of the source against the SA fails where a NAT has changed the source, and dropping the check lets clients spoof.',
    answer:
      'The inner header is checked, which no NAT sees: source against what the member owns, then all of it against the selectors (RFC 4301 section 5.2, RFC 3948 section 3.1.1).',
    code: ['src/route/admit.ts', 'src/route/selectors.ts'],
    scenarios: ['spoofed-inner-source'],
    tests: ['test/unit/route/selectors.test.ts', 'test/unit/peer/anti-spoofing.test.ts'],
  },
  {
    id: '2.2 j',
    title: 'NATs that know UDP and TCP only',
    problem: 'Some NATs drop IP protocols 50 and 51, or serve one host only with them.',
    answer:
      'The gateway announces a NAT to every client, so that all ESP is in UDP; it sends no other ESP (RFC 7296 section 2.23, RFC 3948).',
    code: ['src/ike/nat-detection.ts'],
    scenarios: ['only-udp'],
    tests: ['test/sim/nat-behaviours.test.ts N19'],
  },
  {
    id: '2.2 k',
    title: 'Expiry of mappings',
    problem: 'NATs forget UDP mappings after a silence that differs from one to the next.',
    answer:
      'Keepalives are taken and never answered (RFC 3948 section 4). Behind a NAT of its own the gateway sends them, as often as it has learned that the mapping needs. A device that moves says so by MOBIKE and is asked for a proof (RFC 4555); without MOBIKE its newest valid packet is followed (RFC 7296 section 2.23). The report shows moves, lifetime and interval. Mappings of 5 min are shown in the simulator (N6), where time is virtual.',
    code: [
      'src/peer/keepalive.ts',
      'relay/keepalive.ts',
      'src/ike/mobike.ts',
      'src/ike/follow.ts',
      'src/peer/nat-report.ts',
    ],
    scenarios: [
      'mapping-10s',
      'mapping-20s',
      'mapping-30s',
      'gateway-keepalive',
      'nat-report',
      'nat-forgets-mapping',
      'nat-changes-address',
      'wifi-to-cellular',
      'wifi-to-cellular-without-mobike',
    ],
    tests: [
      'test/unit/peer/keepalive.test.ts',
      'test/exchange/nat-report.test.ts',
      'test/exchange/mobike.test.ts',
      'test/exchange/follow.test.ts',
      'test/sim/nat-behaviours.test.ts N5',
      'test/sim/nat-behaviours.test.ts N6',
      'test/sim/nat-behaviours.test.ts N7',
      'test/sim/nat-behaviours.test.ts N11',
      'test/sim/nat-behaviours.test.ts N33',
    ],
  },
  {
    id: '2.2 l',
    title: 'Outgoing fragments',
    problem: 'NATs translate fragments that hosts behind them send wrongly or not at all.',
    answer:
      'Inner packets are cut to the MTU of the network before they are sealed and TCP is told a segment that fits; IKE messages are split by IKE (RFC 7383, RFC 4301 section 7).',
    code: ['src/route/mtu.ts', 'src/wire/tcp-mss.ts', 'src/ike/protect.ts'],
    scenarios: ['fragments-dropped', 'fragments-shuffled', 'fragmented-auth', 'large-packets'],
    tests: ['test/unit/route/mtu.test.ts', 'test/sim/nat-behaviours.test.ts N24'],
  },
  {
    id: '2.2 m',
    title: 'Incoming fragments',
    problem: 'A NAT cannot tell whom a later fragment is for, since only the first one has ports.',
    answer: 'As for outgoing ones: neither ESP nor IKE is ever sent in IP fragments (RFC 7383).',
    code: ['src/route/mtu.ts', 'src/ike/protect.ts'],
    scenarios: ['fragments-dropped', 'fragments-shuffled', 'fragmented-auth'],
    tests: [
      'test/exchange/fragmentation.test.ts',
      'test/sim/nat-behaviours.test.ts N24',
      'test/sim/nat-behaviours.test.ts N25',
    ],
  },
  {
    id: '2.3 n',
    title: 'Helpers that track cookies',
    problem: 'NATs that tell clients apart by IKE cookies lose them when an IKE SA is rekeyed.',
    answer:
      'Clients leave port 500 after the first exchange, and may begin on 4500, where helpers do not look (RFC 7296 section 2.23).',
    code: ['src/wire/encap.ts', 'src/ike/sa-init.ts'],
    scenarios: ['only-port-4500', 'rekey-ike-by-client', 'rekey-ike-by-gateway'],
    tests: ['test/sim/nat-behaviours.test.ts N21'],
  },
  {
    id: '2.3 o',
    title: 'Special treatment of port 500',
    problem: 'NATs that never change source port 500 let one client out there.',
    answer: 'A second client begins on port 4500, and is answered there (RFC 7296 section 2.23).',
    code: ['src/wire/encap.ts', 'relay/udp.ts'],
    scenarios: ['static-port-500', 'low-source-port'],
    tests: ['test/sim/nat-behaviours.test.ts N20', 'test/sim/nat-behaviours.test.ts N21'],
  },
  {
    id: '2.3 p',
    title: 'Helpers that parse payloads',
    problem: 'NATs that parse IKE payloads stumble over their order and over vendor IDs, or strip NAT detection.',
    answer:
      'Payloads are taken in any order, and vendor IDs and NAT detection may be missing (RFC 7296 section 2.5). What a helper changes in IKE_SA_INIT, AUTH covers: no SA comes of it; a client that begins on 4500 meets no helper (RFC 7296 section 2.23).',
    code: ['src/ike/sa-init.ts', 'src/wire/payloads.ts'],
    scenarios: [],
    tests: ['test/sim/nat-behaviours.test.ts N21', 'test/exchange/quirks.test.ts', 'test/sim/handshake.test.ts'],
  },
];
