// RFC 3715 section 2.2 k: mappings that expire. Two devices behind NATs alike, of which one sends keepalives.

import { pause } from '../command.ts';
import { expect } from '../expect.ts';
import { forgetMappings, setUdpTimeout } from '../nat.ts';
import { expectNoPing, expectPing } from '../ping.ts';
import type { Lab, Lan } from '../lab.ts';
import type { Device } from '../member.ts';
import type { Scenario } from '../scenario.ts';

/** @param seconds after which the NATs forget; @param keepalive seconds between the keepalives of the device that sends them. */
export function mappingScenario(seconds: number, keepalive: number): Scenario {
  return {
    description: `NATs forget a silent mapping after ${seconds} s: a device with a keepalive every ${keepalive} s stays within reach, one without does not.`,
    topology: `alice (keepalives) - NAT a, carol (none) - NAT c, bob - NAT b; NATs a and c forget after ${seconds} s; gateway in the internet`,
    sees: [
      'while nobody sends anything else, keepalives of one octet pass, and no datagram of the gateway answers them',
      'the outside port of alice is what it was; bob reaches her',
      'the mapping of carol is gone: bob does not reach her',
      'as soon as carol sends something, bob reaches her again, without another IKE_AUTH',
    ],
    gateways: ['culvert', 'strongswan'],
    limit: 180,
    run: (lab, note) => expectKept(lab, seconds, keepalive, note),
  };
}

async function expectKept(lab: Lab, seconds: number, keepalive: number, note: (text: string) => void): Promise<void> {
  const [a, b, c] = [await lab.nat('nat-a', 'masquerade-random'), await lab.nat('nat-b'), await lab.nat('nat-c')];
  for (const nat of [a, c]) await setUdpTimeout(nat.router, seconds);
  const alice = await device(lab, 'alice', a, keepalive);
  const bob = await device(lab, 'bob', b, 20);
  const carol = await device(lab, 'carol', c, 0);
  for (const each of [alice, carol]) await expectPing(bob.host, await each.virtualAddress());
  // The timeouts of what existed before may be longer.
  for (const nat of [a, c]) await forgetMappings(nat.router);
  for (const each of [alice, carol]) await expectPing(each.host, lab.gateway.virtualAddress);
  const before = await outsidePort(a);
  const capture = lab.capture('to-nat-a');
  const [sent, answered] = [await capture.count(KEEPALIVE), await capture.count(FROM_GATEWAY)];
  await pause((2 * seconds + 5) * 1000);
  const keepalives = (await capture.count(KEEPALIVE)) - sent;
  const answers = (await capture.count(FROM_GATEWAY)) - answered;
  expect(keepalives >= 2, `${keepalives} keepalives were seen in ${2 * seconds + 5} s`);
  expect(answers === 0, `the gateway sent ${answers} datagrams while nothing but keepalives came`);
  expect((await outsidePort(a)) === before, `the mapping of alice was lost in spite of ${keepalives} keepalives`);
  expect((await outsidePort(c)) === undefined, 'the mapping of carol outlived its time');
  await expectPing(bob.host, await alice.virtualAddress());
  await expectNoPing(bob.host, await carol.virtualAddress());
  await expectPing(carol.host, lab.gateway.virtualAddress);
  await expectPing(bob.host, await carol.virtualAddress());
  const authenticated = carol.daemon.count(/generating IKE_AUTH request 1 /);
  expect(authenticated === 1, `carol authenticated ${authenticated} times`);
  note(`${keepalives} keepalives in ${2 * seconds + 5} s; alice stayed at outside port ${before}`);
}

const KEEPALIVE = 'dst host 203.0.113.1 and udp dst port 4500 and udp[4:2] = 9 and udp[8] = 0xff';
const FROM_GATEWAY = 'src host 203.0.113.1 and udp';

/** Without liveness checks of its own, which would keep the mapping. */
async function device(lab: Lab, name: string, behind: Lan, keepalive: number): Promise<Device> {
  const made = await lab.device(name, { auth: 'cert', behind, settings: { keep_alive: String(keepalive) } });
  await made.configure((connection) => (connection.dpd_delay = '0s'));
  await made.connect();
  return made;
}

async function outsidePort({ router }: Lan): Promise<string | undefined> {
  const { stdout } = await router.run(['conntrack', '-L', '-p', 'udp', '--orig-port-dst', '4500']);
  return /src=203\.0\.113\.1 dst=\S+ sport=4500 dport=(\d+)/.exec(stdout)?.[1];
}
