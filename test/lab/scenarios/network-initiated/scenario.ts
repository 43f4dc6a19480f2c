// RFC 3715 section 2.1 h: a NAT lets nothing in that nobody inside has asked for.

import { pause } from '../../command.ts';
import { eventually, expect } from '../../expect.ts';
import type { Lab, Lan } from '../../lab.ts';
import type { Host } from '../../namespace.ts';
import { expectNoPing, expectPing } from '../../ping.ts';
import { setUdpTimeout } from '../../nat.ts';
import type { Scenario } from '../../scenario.ts';
import { transfer } from '../../tcp.ts';

const IDLE_SECONDS = 65;
/** The internet's router. */
const STRANGE = '198.51.100.254';

export const scenario: Scenario = {
  description: `After ${IDLE_SECONDS} s in which nobody sent anything, the side of the network begins: it reaches a device behind a NAT.`,
  topology:
    'alice - NAT a (mappings of 30 s) - internet - gateway - internet - NAT s - hq - LAN 10.20.0.0/24 with a host',
  sees: [
    'before the device connects, the LAN host does not reach its address',
    'after the pause the first packet comes from the LAN host: ping, then TCP towards the device',
    'the NAT has let in nothing from addresses that nobody inside had sent to',
  ],
  core: true,
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
    await expectClosed(lab, a, alice.host);
  },
};

/** Datagrams of the internet's router to the mapped port reach the NAT, and not the device: nobody had asked the router for anything. */
async function expectClosed(lab: Lab, { router, outside }: Lan, device: Host): Promise<void> {
  const { stdout } = await router.run(['conntrack', '-L', '-p', 'udp', '--orig-port-dst', '4500']);
  const port = /src=203\.0\.113\.1 dst=\S+ sport=4500 dport=(\d+)/.exec(stdout)?.[1];
  const watch = device.start('tcpdump-strange', ['tcpdump', '-i', 'uplink', '-n', '-l', `udp and src host ${STRANGE}`]);
  await eventually(() => /listening on/.test(watch.output()), 'tcpdump did not start');
  await lab.internet.attempt(['bash', '-c', `for i in 1 2 3 4 5; do echo -n x > /dev/udp/${outside}/${port}; done`]);
  await pause(500);
  const sent = await lab.capture('to-nat-a').count(`src host ${STRANGE} and udp dst port ${port}`);
  expect(sent === 5, `${sent} of 5 strange datagrams reached the NAT at port ${port}`);
  expect(!watch.output().includes(STRANGE), `unsolicited datagrams reached the device:\n${watch.output()}`);
}
