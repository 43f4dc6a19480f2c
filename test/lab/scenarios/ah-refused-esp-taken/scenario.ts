// RFC 3715 section 2.1 a: AH cannot pass a NAT, so it is never negotiated.

import { expect, expectMatch } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';

export const scenario: Scenario = {
  description: 'A client that offers AH alone is refused cleanly, and the same client comes up with ESP.',
  topology: 'alice - NAT a - internet - gateway',
  sees: [
    'the client sent a proposal of AH and was answered NO_PROPOSAL_CHOSEN; it has no child SA',
    'with ESP the same client gets a child SA, and the address of the gateway in the network answers ping',
    'no packet of IP protocol 51 was on the wire',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab) {
    const alice = await lab.device('alice', { auth: 'cert', behind: await lab.nat('nat-a') });
    let esp = '';
    await alice.configure((_connection, child) => {
      esp = String(child.esp_proposals);
      delete child.esp_proposals;
      child.ah_proposals = 'sha256-ecp384,sha256';
    });
    const refused = await alice.tryConnect();
    expect(refused.status !== 0, 'the client came up with AH');
    expectMatch(alice.daemon.log(), /configured proposals: AH:/, 'the log of the client');
    expectMatch(alice.daemon.log(), /N\(NO_PROP\)/, 'the log of the client');
    const children = (await alice.daemon.sas()).flatMap((sa) => sa.children);
    expect(children.length === 0, `the client has ${children.length} child SAs without a proposal in common`);
    await alice.disconnect();
    await alice.configure((_connection, child) => {
      delete child.ah_proposals;
      child.esp_proposals = esp;
    });
    await alice.connect();
    await expectPing(alice.host, lab.gateway.virtualAddress);
    const ah = await lab.capture('to-gateway').count('ip proto 51');
    expect(ah === 0, `${ah} packets of AH were on the wire`);
  },
};
