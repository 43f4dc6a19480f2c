// RFC 3715 section 2.1 a: what stands in for AH, ESP that is authenticated but not encrypted (RFC 2410, RFC 4543).

import { expect, expectEqual, expectMatch } from '../../expect.ts';
import type { Host } from '../../namespace.ts';
import { runClient } from '../../own-client.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

const PINGS = 5;
/** Octets that ping writes into its requests, in hex. */
const PATTERN = 'c0ffee';

export const scenario: Scenario = {
  description:
    'ESP with NULL encryption and with GMAC is refused, until the network switches it on; then both come up, and others stay encrypted.',
  topology: 'alice (strongSwan: NULL) and carol (a client of our own: GMAC) - NAT a - internet - gateway',
  sees: [
    'before the switch, a client that offers NULL encryption alone is answered NO_PROPOSAL_CHOSEN',
    'after it, the same client has a child SA with NULL encryption, the ping is answered, and its octets can be read on the wire',
    'a client that offers GMAC alone gets it, and its pings are answered',
    'a client that offers encryption too gets encryption',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a');
    const alice = await lab.device('alice', { auth: 'cert', behind: nat });
    let usual = '';
    await alice.configure((_connection, child) => {
      usual = String(child.esp_proposals);
      child.esp_proposals = 'null-sha256';
    });
    expect(
      (await alice.tryConnect()).status !== 0,
      'the client came up without encryption, and nobody had switched it on',
    );
    expectMatch(alice.daemon.log(), /N\(NO_PROP\)/, 'the log of the client');
    await alice.disconnect();

    await gateway.configure({ nullEncryption: true });
    await alice.connect();
    const suite = (await alice.sa()).children[0]?.suite;
    expectMatch(suite ?? '', /^NULL\/HMAC_SHA2_256/, 'the suite of the client');
    await patternedPing(alice.host, gateway.virtualAddress);
    expect((await lab.capture('to-gateway').holding(PATTERN)) > 0, 'the octets of the ping are not on the wire');
    await alice.disconnect();

    const carol = await lab.bareDevice('carol', { auth: 'cert', behind: nat });
    const steps = ['connect', `ping ${gateway.virtualAddress} ${PINGS}`];
    const [, pings] = await runClient(carol, `${nat.inside}.11`, steps, { esp: 'aes256gmac' });
    expectEqual(pings!.answers, PINGS, 'echo replies under GMAC');
    const { esp } = await gateway.peer('carol');

    await alice.configure((_connection, child) => (child.esp_proposals = `null-sha256,${usual}`));
    await alice.connect();
    const chosen = (await alice.sa()).children[0]?.suite ?? '';
    expect(chosen !== '' && !chosen.includes('NULL'), `a client that offers encryption too got ${chosen}`);
    await expectPing(alice.host, gateway.virtualAddress);
    note(`${suite}; ${esp.join()}; with both offered ${chosen}`);
  },
};

async function patternedPing(from: Host, to: string): Promise<void> {
  await from.run(['ping', '-n', '-q', '-c', '3', '-i', '0.2', '-W', '3', '-s', '64', '-p', PATTERN, to]);
}
