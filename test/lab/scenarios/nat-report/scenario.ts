// RFC 3715 section 2.2 k and section 3: what the operator sees of the NATs on the way to a real client.

import { pause } from '../../command.ts';
import { eventually, expect, expectEqual } from '../../expect.ts';
import { dropLoss, forgetMappings } from '../../nat.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert, portOf } from '../culvert.ts';

const FRAGMENT_SIZE = 400;
/** ms of silence that the mapping bears, and after which it is lost. */
const BORNE = 6_000;
const LOST = 9_000;
const LOSS_PERCENT = 20;

export const scenario: Scenario = {
  description:
    'The NAT report of a client tells of its NAT, of each move, of what the mapping bears, of round-trip time, loss and fragments.',
  topology: 'alice - NAT a (random ports, loses datagrams at the end) - internet - gateway',
  sees: [
    'the client is behind a NAT, the gateway is not; the path is what the NAT has mapped, the relay and its socket are named',
    `after ${BORNE / 1000} s of silence at the same port, the mapping is said to live longer; after ${LOST / 1000} s and at another port, shorter`,
    'the move is there with both paths, and what moved the client',
    'the largest IKE fragment is no larger than the client makes them; a rekey by the gateway measures the round-trip time',
    `of a path that loses ${LOSS_PERCENT} % of what the client sends, a loss between half and twice as much is estimated`,
    '`culvert status --nat` shows the same',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a', 'masquerade-random');
    const settings = { fragment_size: String(FRAGMENT_SIZE), keep_alive: '0' };
    const alice = await lab.device('alice', { auth: 'cert', behind: nat, settings });
    await alice.configure((connection) => (connection.dpd_delay = '0s'));
    await alice.connect();
    const report = async () => {
      const row = await gateway.peer('alice');
      expect(row.report, 'there is no report');
      return { ...row.report, path: row.path, socket: row.relay };
    };
    await expectPing(alice.host, gateway.virtualAddress);
    const first = await report();
    expectEqual(first.behind, 'peer', 'which side is behind a NAT');
    expect(first.path.startsWith(`${nat.outside}:`) && portOf(first.path) !== 4500, `the path is ${first.path}`);
    expectEqual(first.socket, '203.0.113.1:4500', 'the socket of the relay');
    expectEqual(first.moved, 0, 'moves');
    expectEqual(first.keepalive, null, 'keepalives of the gateway');
    const { largest } = first.fragments;
    expect(largest !== null && largest > 200 && largest <= FRAGMENT_SIZE, `the largest fragment had ${largest} octets`);

    await gateway.rekey('ike', 'alice');
    const { roundTrip } = await eventually(async () => {
      const seen = await report();
      return seen.roundTrip !== null && seen;
    }, 'the rekey has measured no round-trip time');
    expect(roundTrip!.smoothed < 1_000, `the round-trip time is ${roundTrip!.smoothed} ms`);

    await pause(BORNE);
    await expectPing(alice.host, gateway.virtualAddress, 1);
    await pause(LOST);
    await forgetMappings(nat.router);
    await expectPing(alice.host, gateway.virtualAddress, 1);
    const second = await report();
    const { survived, expired } = second.lifetime;
    expect(survived !== null && survived >= BORNE, `the mapping has borne ${survived} ms`);
    expect(expired !== null && expired >= Math.max(LOST, survived), `the mapping was lost after ${expired} ms`);
    expectEqual(second.moved, 1, 'moves after the mapping was lost');
    const move = second.moves[0]!;
    expect(move.from.endsWith(first.path) && move.to.endsWith(second.path), `the move is ${move.from}, ${move.to}`);
    expectEqual(move.by, 'esp', 'what moved the client');

    await dropLoss(nat.router, LOSS_PERCENT);
    await alice.host.attempt(['ping', '-n', '-q', '-c', '200', '-i', '0.03', '-W', '1', gateway.virtualAddress]);
    const { loss } = await report();
    const part = loss ?? 0;
    expect(part > LOSS_PERCENT / 200 && part < LOSS_PERCENT / 50, `the loss is estimated at ${part}`);
    const [head, line] = (await gateway.command('status', '--nat')).trim().split('\n');
    for (const word of ['SEEN AS', 'MAPPING LIVES', 'LOSS']) expect(head?.includes(word), `no ${word} in: ${head}`);
    for (const word of ['alice', 'its own', second.path, `${largest} B`])
      expect(line?.includes(word), `no ${word} in: ${line}`);
    note(
      `lives ${survived} to ${expired} ms; ${roundTrip!.smoothed} ms; ${(100 * part).toFixed(1)} % of ${LOSS_PERCENT} % lost`,
    );
  },
};
