// RFC 3715 section 2.2 k: the gateway behind a NAT keeps the mappings open, and learns how often (RFC 3948 section 4, RFC 7296 section 2.23).
// Requirements: rfc3948-2.3-keepalive rfc3948-4-send rfc7296-2.23-keepalives-behind-nat

import { pause } from '../../command.ts';
import { eventually, expect, expectEqual } from '../../expect.ts';
import { forgetMappings, setUdpTimeout } from '../../nat.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

/** The NATs forget after this; the gateway begins with a keepalive every 20 s. */
const LIFETIME = 15;
const FIRST = 20;
const KEEPALIVE = 'src host 203.0.113.1 and udp src port 4500 and udp[4:2] = 9 and udp[8] = 0xff';

export const scenario: Scenario = {
  description: `NATs before the gateway and before a device forget a silent mapping after ${LIFETIME} s; the device sends no keepalives, so the gateway's hold it, as soon as it has learned how often.`,
  topology: `alice, who sends no keepalives - NAT a - internet - NAT before the gateway; bob - NAT b; both NATs forget after ${LIFETIME} s`,
  sees: [
    `the status shows that the gateway is behind a NAT and sends a keepalive every ${FIRST} s`,
    'keepalives of one octet of 0xff come from the gateway',
    'a mapping that was lost in spite of them makes the interval shorter, which the status shows',
    'afterwards alice is silent for twice the lifetime, and bob reaches her at the port that she had',
  ],
  gateways: ['culvert'],
  gatewayBehindNat: true,
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a', 'masquerade-random');
    for (const router of [nat.router, lab.front]) await setUdpTimeout(router, LIFETIME);
    const alice = await lab.device('alice', { auth: 'cert', behind: nat, settings: { keep_alive: '0' } });
    await alice.configure((connection) => (connection.dpd_delay = '0s'));
    const bob = await lab.device('bob', { auth: 'cert', behind: await lab.nat('nat-b') });
    for (const device of [alice, bob]) await device.connect();
    await expectPing(alice.host, gateway.virtualAddress);
    const first = await gateway.peer('alice');
    expectEqual(first.report?.behind, 'both', 'which side is behind a NAT');
    expectEqual(first.report?.keepalive, FIRST, 'seconds between keepalives');

    // A mapping of this age lives longer than the timeout; from here on it does not.
    await forgetMappings(nat.router);
    await expectPing(alice.host, gateway.virtualAddress);
    await pause((LIFETIME + 2) * 1000);
    await expectPing(alice.host, gateway.virtualAddress, 1);
    const interval = async () => (await gateway.peer('alice')).report?.keepalive ?? FIRST;
    // The relay is told by the object's next alarm.
    await eventually(
      async () => (await interval()) < LIFETIME,
      `the interval is still ${FIRST} s after a mapping of ${LIFETIME} s was lost`,
    );
    const second = await gateway.peer('alice');
    const learned = second.report?.keepalive ?? FIRST;

    const capture = lab.capture('to-nat-a');
    const sent = await capture.count(KEEPALIVE);
    await pause(2 * LIFETIME * 1000);
    const keepalives = (await capture.count(KEEPALIVE)) - sent;
    expect(keepalives >= 2, `${keepalives} keepalives of the gateway in ${2 * LIFETIME} s`);
    await expectPing(bob.host, await alice.virtualAddress());
    expectEqual((await gateway.peer('alice')).path, second.path, 'where the gateway sees alice');
    note(`every ${FIRST} s, then every ${learned} s; ${keepalives} keepalives in ${2 * LIFETIME} s`);
  },
};
