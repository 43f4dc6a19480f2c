// RFC 3715 sections 2.1 i and 5: hosts A and C. Stock clients check what they send; ours does not.
// Requirements: rfc3715-5-anti-spoofing rfc3948-3.1.1-inner-source

import { expect, expectEqual } from '../../expect.ts';
import { runClient } from '../../own-client.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

const SPOOFED = 7;
const HONEST = 3;

export const scenario: Scenario = {
  description:
    'A contractor sends packets through its own tunnel with the address of an employee as their source: none is forwarded.',
  topology: 'employee - NAT a - internet - NAT c - contractor, gateway in the internet',
  sees: [
    'packets of the contractor with its own source are answered by the employee',
    'packets with the source of the employee, or of nobody, reach neither the employee nor the gateway, and nobody answers',
    'the gateway counts each of them as foreign-source of the contractor',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const employee = await lab.device('employee', { auth: 'cert', behind: await lab.nat('nat-a') });
    await employee.connect();
    const address = await employee.virtualAddress();
    const behind = await lab.nat('nat-c');
    const contractor = await lab.bareDevice('contractor', { auth: 'cert', behind });
    const [, honest, asEmployee, asNobody] = await runClient(contractor, `${behind.inside}.10`, [
      'connect',
      `ping ${address} ${HONEST}`,
      `spoof ${address} ${gateway.virtualAddress} ${SPOOFED}`,
      `spoof 10.66.0.1 ${address} ${SPOOFED}`,
    ]);
    expectEqual(honest!.answers, HONEST, 'answers to packets with the right source');
    expectEqual(asEmployee!.answers, 0, 'answers to packets with the source of the employee');
    expectEqual(asNobody!.answers, 0, 'answers to packets with the source of nobody');
    const { drops, packetsIn } = await gateway.peer('contractor');
    expectEqual(drops['foreign-source'], 2 * SPOOFED, 'packets that the gateway counts as foreign-source');
    expectEqual(packetsIn, HONEST, 'packets that the gateway took from the contractor');
    const { packetsOut } = await gateway.peer('employee');
    expect(packetsOut === HONEST, `the employee got ${packetsOut} packets, ${HONEST} were honest`);
    note(`drops: ${JSON.stringify(drops)}`);
  },
};
