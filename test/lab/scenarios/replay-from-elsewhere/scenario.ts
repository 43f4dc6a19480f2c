// RFC 3715 section 3, security; RFC 7296 section 2.23: only a new and valid packet may move an endpoint.
// Requirements: rfc3715-3-no-vulnerability rfc7296-2.23-only-new

import { pause } from '../../command.ts';
import { expect, expectEqual } from '../../expect.ts';
import type { Host } from '../../namespace.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo } from '../two-devices.ts';
import { culvert } from '../culvert.ts';

const COPIES = 5;

export const scenario: Scenario = {
  description:
    'Somebody who has seen datagrams of a client sends copies, and forgeries, from an address of its own: the client stays where it is.',
  topology: 'alice - NAT a - internet - NAT b - bob, mallory 192.0.2.10, gateway in the internet',
  sees: [
    'the copies of ESP, of IKE and of a keepalive have reached the gateway, and ESP that is none too',
    'the gateway shows alice where she was, and counts the copies of ESP as replayed and the forgeries as wrong',
    'nothing of what bob sends to alice goes to mallory',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const [alice, bob] = await connectTwo(lab, 'cert', await lab.nat('nat-a'), await lab.nat('nat-b'));
    const open = await lab.open('router');
    const mallory = await lab.stranger('mallory', open);
    await expectPing(alice.host, gateway.virtualAddress);
    const { path } = await gateway.peer('alice');
    const seen = await lab.capture('to-gateway').datagrams();
    const hers = seen.filter(({ source, destination }) => source === path && destination === '203.0.113.1:4500');
    const esp = hers.filter(({ payload }) => payload.length > 8 && payload[0] !== 0).at(-1)?.payload;
    const ike = hers.filter(({ payload }) => payload.subarray(0, 4).every((octet) => octet === 0)).at(-1)?.payload;
    expect(esp && ike, `no ESP or no IKE of alice at ${path} was captured, among ${seen.length} datagrams`);
    const forged = esp.slice();
    forged[7] = 0xee;
    for (const octets of [esp, ike, Uint8Array.of(0xff), forged]) await send(mallory, octets);
    await pause(1_000);
    const arrived = await lab.capture('to-gateway').count('src host 192.0.2.10 and udp dst port 4500');
    expectEqual(arrived, 4 * COPIES, 'datagrams of mallory at the gateway');
    const after = await gateway.peer('alice');
    expectEqual(after.path, path, 'where the gateway sees alice');
    expectEqual(after.drops.replayed, COPIES, 'replayed packets that the gateway counts');
    expectEqual(after.drops['wrong-icv'], COPIES, 'forged packets that the gateway counts');
    const before = await lab.capture('to-gateway').count('dst host 192.0.2.10 and udp');
    await expectPing(bob.host, await alice.virtualAddress(), 5);
    const strayed = (await lab.capture('to-gateway').count('dst host 192.0.2.10 and udp')) - before;
    expectEqual(strayed, 0, 'datagrams for alice that went to mallory');
    note(`drops: ${JSON.stringify(after.drops)}; ${before} answers to mallory, of IKE that was repeated`);
  },
};

async function send(from: Host, octets: Uint8Array): Promise<void> {
  const program = `const s = require('node:dgram').createSocket('udp4');
    const octets = Buffer.from('${Buffer.from(octets).toString('hex')}', 'hex');
    let left = ${COPIES};
    const next = () => (left-- > 0 ? s.send(octets, 4500, '203.0.113.1', next) : s.close());
    next();`;
  await from.run([process.execPath, '-e', program]);
}
