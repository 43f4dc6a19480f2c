// RFC 3715 section 2.1 h: a NAT lets nothing in that nobody inside has asked for.

import { pause } from '../../command.ts';
import { expect } from '../../expect.ts';
import { expectNoPing, expectPing } from '../../ping.ts';
import { setUdpTimeout } from '../../nat.ts';
import type { Scenario } from '../../scenario.ts';
import { transfer } from '../../tcp.ts';

const IDLE_SECONDS = 90;

export const scenario: Scenario = {
  description: `After ${IDLE_SECONDS} s in which nobody sent anything, the side of the network begins: it reaches a device behind a NAT.`,
  topology:
    'alice - NAT a (mappings of 30 s) - internet - gateway - internet - NAT s - hq - LAN 10.20.0.0/24 with a host',
  sees: [
    'before the device connects, the LAN host does not reach its address',
    'after the pause the first packet comes from the LAN host: ping, then TCP towards the device',
    'the NAT has let in nothing from addresses that nobody inside had sent to',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 240,
  async run(lab, note) {
    const [a, s] = [await lab.nat('nat-a', 'masquerade-random'), await lab.nat('nat-s')];
    await setUdpTimeout(a.router, 30);
    const hq = await lab.site('hq', { auth: 'psk', behind: s, lan: '10.20.0' });
    await hq.connect();
    const alice = await lab.device('alice', { auth: 'cert', behind: a });
    await alice.connect();
    const address = await alice.virtualAddress();
    await alice.disconnect();
    await expectNoPing(hq.lanHost, address);
    await alice.connect();
    await pause(IDLE_SECONDS * 1000);
    await expectPing(hq.lanHost, address);
    const { milliseconds } = await transfer(hq.lanHost, alice.host, address, { octets: 300_000, rate: 0, limit: 30 });
    note(`300 kB towards the device in ${milliseconds} ms after ${IDLE_SECONDS} s of silence`);
    const before = await received(alice.host);
    await lab.internet.attempt(['bash', '-c', `for i in 1 2 3 4 5; do echo -n x > /dev/udp/${a.outside}/4500; done`]);
    await pause(500);
    expect((await received(alice.host)) === before, 'unsolicited datagrams reached the device through its NAT');
  },
};

/** Packets from the address of the internet's router, which has never been asked for anything. */
async function received(host: { run(command: readonly string[]): Promise<{ stdout: string }> }): Promise<number> {
  const { stdout } = await host.run(['cat', '/proc/net/snmp']);
  const [names, values] = stdout
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '));
  return Number(values![names!.indexOf('NoPorts')]);
}
