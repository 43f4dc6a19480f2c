// RFC 3715 section 2.1 f: clients choose their SPIs by themselves, and may choose the same. Stock clients do not do so to order: ours does.

import { expect, expectEqual } from '../../expect.ts';
import { runClient } from '../../own-client.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

const NAMES = ['alice', 'bob', 'carol'] as const;
const SPIS = { ike: '1122334455667789', esp: 'c0000001' };
const PINGS = 5;

export const scenario: Scenario = {
  description: `Three clients behind one NAT choose the same SPIs, ${SPIS.ike} for IKE and ${SPIS.esp} for ESP; each gets what is meant for it.`,
  topology: 'alice, bob, carol - one NAT - internet - gateway',
  sees: [
    'all three are connected at once, at one outside address',
    'ESP of the gateway with that SPI went to three ports of the NAT',
    'the address of the gateway in the network answers every ping of each, and each ping to the next one is answered',
    'what the gateway counts for each member is what that member sent, and nothing was dropped',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a', 'masquerade-random');
    const clients = [];
    for (const name of NAMES) clients.push(await lab.bareDevice(name, { auth: 'cert', behind: nat }));
    const steps = ['connect', `ping ${gateway.virtualAddress} ${PINGS}`];
    const reports = await Promise.all(
      clients.map((client, index) => runClient(client, `${nat.inside}.${10 + index}`, steps, { spis: SPIS })),
    );
    for (const [index, name] of NAMES.entries()) {
      expectEqual(reports[index]![1]!.answers, PINGS, `echo replies to ${name}`);
      const peer = await gateway.peer(name);
      expectEqual(peer.packetsIn, PINGS, `packets of ${name} in the status`);
      expectEqual(JSON.stringify(peer.drops), '{}', `what was dropped of ${name}`);
      expect(peer.path.startsWith(`${nat.outside}:`), `${name} is at ${peer.path}, not at the NAT`);
    }
    const addresses = reports.map(([connected]) => connected!.address);
    expect(new Set(addresses).size === NAMES.length, `virtual addresses are shared: ${addresses.join(', ')}`);
    const sent = (await lab.capture('to-gateway').datagrams()).filter(
      ({ source, payload }) =>
        source === '203.0.113.1:4500' && Buffer.from(payload.subarray(0, 4)).toString('hex') === SPIS.esp,
    );
    const ports = new Set(sent.map(({ destination }) => destination));
    expectEqual(ports.size, NAMES.length, `places to which ESP with SPI ${SPIS.esp} went`);
    note(`ESP with SPI ${SPIS.esp} to ${[...ports].join(', ')}`);
  },
};
