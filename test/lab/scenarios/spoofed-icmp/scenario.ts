// RFC 3715 section 3, security: ICMP errors are not authenticated, and anybody can send them (RFC 5927).
// Requirements: rfc3715-3-no-vulnerability rfc4555-3.4-hints

import { expect } from '../../expect.ts';
import type { Host } from '../../namespace.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { Transfer } from '../../tcp.ts';
import { checksum } from '../../../../src/wire/checksum.ts';
import { address } from '../../../sim/initiator/identities.ts';
import { connectTwo } from '../two-devices.ts';
import { culvert, portOf } from '../culvert.ts';

const COPIES = 20;
/** Type and code: host, port unreachable, administratively prohibited, time exceeded, and a path of 68 octets. */
const ERRORS = [
  [3, 1],
  [3, 3],
  [3, 13],
  [11, 0],
  [3, 4],
] as const;

export const scenario: Scenario = {
  description:
    'In the middle of a transfer somebody sends ICMP errors about the datagrams of the gateway: the tunnel goes on.',
  topology: 'alice - NAT a - internet - NAT b - bob, mallory 192.0.2.10, gateway in the internet',
  sees: [
    `${COPIES} errors of each of ${ERRORS.length} kinds have reached the gateway, each about a datagram of it to alice`,
    'the transfer completes, with the same SHA-256 at both ends',
    'the IKE SA has the SPIs that it had before, and the gateway answers ping',
    'no datagram was fragmented for the sake of the path of 68 octets',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const [alice, bob] = await connectTwo(lab, 'cert', await lab.nat('nat-a'), await lab.nat('nat-b'));
    const mallory = await lab.stranger('mallory', await lab.open('router'));
    const { responderSpi } = await alice.sa();
    const { path } = await gateway.peer('alice');
    const plan = { octets: 1_500_000, rate: 250_000, limit: 60 };
    const transfer = await Transfer.start(bob.host, alice.host, await alice.virtualAddress(), plan);
    await transfer.reaches(0.2);
    for (const [type, code] of ERRORS) await sendError(mallory, type, code, path);
    const arrived = await lab.capture('to-gateway').count('icmp and src host 192.0.2.10');
    expect(arrived === COPIES * ERRORS.length, `${arrived} ICMP errors reached the gateway`);
    const { longestGap } = await transfer.finish();
    await expectPing(alice.host, gateway.virtualAddress);
    expect((await alice.sa()).responderSpi === responderSpi, 'the device has another IKE SA than before');
    const fragments = await lab.capture('to-gateway').count('src host 203.0.113.1 and ip[6:2] & 0x3fff != 0');
    note(`longest pause ${longestGap} ms; ${fragments} fragments`);
    expect(fragments === 0, `${fragments} IP fragments left the gateway after a forged path MTU`);
  },
};

/** Perl opens the raw socket, which Node cannot. */
async function sendError(from: Host, type: number, code: number, path: string): Promise<void> {
  const octets = icmpError(type, code, path.slice(0, path.lastIndexOf(':')), portOf(path));
  const program =
    'socket(my $s, AF_INET, SOCK_RAW, 1) or die $!; my $to = sockaddr_in(0, inet_aton("203.0.113.1"));' +
    `for (1..${COPIES}) { send($s, pack("H*", $ARGV[0]), 0, $to) or die $! }`;
  await from.run(['perl', '-MSocket', '-e', program, Buffer.from(octets).toString('hex')]);
}

/** RFC 792, about a datagram from port 4500 of the gateway; bytes 6 and 7 are the MTU of "fragmentation needed". */
function icmpError(type: number, code: number, to: string, port: number): Uint8Array {
  const octets = new Uint8Array(8 + 28);
  const view = new DataView(octets.buffer);
  octets.set([type, code]);
  if (code === 4) view.setUint16(6, 68);
  octets.set([0x45, 0, 0x05, 0x78, 0, 0, 0x40, 0, 60, 17], 8);
  octets.set(address('203.0.113.1'), 20);
  octets.set(address(to), 24);
  view.setUint16(18, checksum(octets, 8, 28));
  view.setUint16(28, 4500);
  view.setUint16(30, port);
  view.setUint16(32, 1380);
  view.setUint16(2, checksum(octets, 0, octets.length));
  return octets;
}
