// RFC 3715 section 2.1 d: any source port, and rekeys to the floated one.
// Requirements: rfc7296-2.23-any-port

import { eventually, expect } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert, portOf } from '../culvert.ts';

export const scenario: Scenario = {
  description: 'A NAT maps IKE and ESP to ports below 1024; the gateway answers there, and rekeys to there.',
  topology: 'alice - NAT a, which maps to ports 600 to 700 - internet - gateway',
  sees: [
    'the gateway shows the client at a port from 600 to 700',
    'rekeys of the child SA and of the IKE SA that the gateway begins reach the client',
    'the address of the gateway in the network answers ping, before and after',
    'no datagram of the gateway went to another port of the NAT',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a', 'low-ports');
    const alice = await lab.device('alice', { auth: 'cert', behind: nat });
    await alice.connect();
    const { path } = await gateway.peer('alice');
    const port = portOf(path);
    expect(port >= 600 && port <= 700, `the client is at ${path}, not at a low port`);
    await expectPing(alice.host, gateway.virtualAddress);
    for (const kind of ['child', 'ike'] as const) {
      const spi = async (): Promise<string | undefined> => {
        const sas = (await alice.daemon.sas()).filter((sa) => sa.state === 'ESTABLISHED');
        if (sas.length !== 1) return undefined;
        return kind === 'ike'
          ? sas[0]!.initiatorSpi
          : sas[0]!.children.find(({ state }) => state === 'INSTALLED')?.spiIn;
      };
      const before = await spi();
      await gateway.rekey(kind, 'alice');
      await eventually(async () => {
        const now = await spi();
        return now !== undefined && now !== before;
      }, `the ${kind} rekey of the gateway did not reach the client at port ${port}`);
    }
    await expectPing(alice.host, gateway.virtualAddress);
    const stray = await lab.capture('to-gateway').count('src host 203.0.113.1 and udp and not dst portrange 600-700');
    expect(stray === 0, `${stray} datagrams went to other ports than the NAT had mapped`);
    note(`the client is at ${path}`);
  },
};
