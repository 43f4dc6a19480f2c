// Devices behind several NATs, one behind the other.

import { expect } from '../expect.ts';
import type { Lab, Lan } from '../lab.ts';
import { expectPing } from '../ping.ts';
import { connectTwo, expectReach } from './two-devices.ts';
import { culvert } from './culvert.ts';

export const NATS_SIGHTS = [
  'a datagram of alice passes each of the NATs: each has a mapping for it',
  'the gateway shows her at the address of the outermost NAT',
  'the address of the gateway in the network answers ping',
  'ping and TCP between the two devices, in both directions, with the same SHA-256 at both ends',
];

/** @param depth how many NATs stand before alice; bob has one. */
export async function expectThroughNats(lab: Lab, depth: number, note: (text: string) => void): Promise<void> {
  const nats: Lan[] = [await lab.nat('nat-1', 'masquerade-random')];
  while (nats.length < depth)
    nats.push(await lab.natBehind(nats.at(-1)!, `nat-${nats.length + 1}`, 'masquerade-random'));
  const [alice, bob] = await connectTwo(lab, 'cert', nats.at(-1)!, await lab.nat('nat-b'));
  await expectPing(alice.host, lab.gateway.virtualAddress);
  for (const { router, outside } of nats) {
    const { stdout } = await router.run(['conntrack', '-L', '-p', 'udp', '--orig-port-dst', '4500']);
    expect(stdout.includes(`dst=${outside} sport=4500`), `${router.name} has no mapping of its own:\n${stdout}`);
  }
  const { path } = await culvert(lab).peer('alice');
  expect(path.startsWith(`${nats[0]!.outside}:`), `the gateway sees alice at ${path}, not at ${nats[0]!.outside}`);
  await expectReach(alice, bob, note);
}
