// RFC 3715 section 3, backward compatibility: a client without RFC 7383.
// Requirements: rfc7383-2.4-both

import { expect, expectMatch } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';

export const scenario: Scenario = {
  description: 'A client that knows neither IKE fragmentation nor MOBIKE connects, is rekeyed and stays.',
  topology: 'alice - NAT a - internet - gateway',
  sees: [
    'the client announces neither, and the gateway answers without an encrypted fragment and without MOBIKE',
    'the address of the gateway in the network answers ping, before and after a rekey of the IKE SA',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab) {
    const alice = await lab.device('alice', { auth: 'cert', behind: await lab.nat('nat-a') });
    await alice.configure((connection) => {
      connection.fragmentation = 'no';
      connection.mobike = 'no';
    });
    await alice.connect();
    await expectPing(alice.host, lab.gateway.virtualAddress);
    await alice.daemon.rekey('ike', alice.ike);
    await expectPing(alice.host, lab.gateway.virtualAddress);
    const log = alice.daemon.log();
    expectMatch(log, /generating IKE_SA_INIT request/, 'the log of the client');
    const init = log.split('\n').filter((line) => /(generating|parsed) IKE_SA_INIT/.test(line));
    expect(init.length >= 2, 'the log of the client shows no IKE_SA_INIT exchange');
    expect(!init.some((line) => line.includes('FRAG_SUP')), `fragmentation was announced:\n${init.join('\n')}`);
    expect(!/\[ EF\(|N\(MOBIKE_SUP\)/.test(log), 'encrypted fragments or MOBIKE were used unasked');
  },
};
