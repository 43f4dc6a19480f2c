// Rules of access between two devices, and a change of them in the middle of a transfer.

import { eventually, expect, expectMatch } from '../../expect.ts';
import type { Host } from '../../namespace.ts';
import { expectNoPing, expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { Transfer } from '../../tcp.ts';
import { culvert } from '../culvert.ts';
import { connectTwo } from '../two-devices.ts';

const alice = { kind: 'device', name: 'alice' };
const bob = { kind: 'device', name: 'bob' };

/** Ports of transfers, and no others. */
const transfers = { source: alice, target: bob, services: ['tcp/7000-7999'], action: 'allow' };
const ping = { source: alice, target: bob, services: ['icmp'], action: 'allow' };

const RATE = 400_000;

export const scenario: Scenario = {
  description:
    'What the policy allows passes, what it denies is refused at once, and a change acts in the middle of a transfer.',
  topology: 'alice - NAT a - internet - NAT b - bob, gateway in the internet',
  sees: [
    'in a network that denies, TCP to an allowed port arrives whole, with its answers',
    'a denied port is refused with ICMP "administratively prohibited", which the client reports at once',
    'nobody reaches the other way',
    'a change that still allows a transfer does not disturb it; one that does not stops it within two seconds',
    'the peers count what was denied by the rule',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const [a, b] = await connectTwo(lab, 'cert', await lab.nat('nat-a'), await lab.nat('nat-b'));
    const [from, to] = [await a.virtualAddress(), await b.virtualAddress()];
    await expectPing(b.host, from);
    await gateway.setPolicy({ default: 'deny', rules: [transfers] });
    await expectNoPing(a.host, to, 1);
    await expectNoPing(b.host, from, 1);
    const refused = await refusalTime(a.host, to);
    const filtered = await a.host.attempt(['ping', '-n', '-c', '1', '-W', '2', to]);
    expectMatch(
      filtered.stdout,
      /^From 100\.64\.0\.1 .*Packet filtered/m,
      'what alice is told of a ping that is denied',
    );

    const plan = { octets: 8 * RATE, rate: RATE, limit: 60 };
    const kept = await Transfer.start(a.host, b.host, to, plan);
    await eventually(() => kept.arrived() > RATE, 'the transfer does not begin');
    await gateway.setPolicy({ default: 'deny', rules: [ping, { ...transfers, target: { kind: 'everyone' } }] });
    await expectPing(a.host, to);
    await expectNoPing(b.host, from, 1);
    const { longestGap } = await kept.finish();
    expect(longestGap < 5_000, `the transfer that is still allowed paused for ${longestGap} ms`);

    const cut = await Transfer.start(a.host, b.host, to, plan);
    await eventually(() => cut.arrived() > RATE, 'the second transfer does not begin');
    const began = performance.now();
    await gateway.setPolicy({ default: 'deny', rules: [ping] });
    const told = Math.round(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const after = cut.arrived();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(cut.arrived() === after, `${cut.arrived() - after} octets arrived after the change`);
    expect(after < plan.octets, 'the transfer was over before the change');
    const { drops } = await gateway.peer('alice');
    expect((drops['policy:default'] ?? 0) > 0, `what was denied is not counted: ${JSON.stringify(drops)}`);
    note(`a denied port is refused in ${refused} ms`);
    note(`policy in force after ${told} ms, the longest pause of a transfer that stays allowed ${longestGap} ms`);
  },
};

/** How long curl takes to give up on a port that is denied, ms. Without a word about it, it would try for five seconds. */
async function refusalTime(host: Host, address: string): Promise<number> {
  const began = performance.now();
  const { status, stderr } = await host.attempt(['curl', '-sS', '--max-time', '5', `http://${address}:6000/`]);
  const elapsed = Math.round(performance.now() - began);
  expect(status === 7, `curl ended with ${status}: ${stderr}`);
  expect(elapsed < 4_000, `the refusal took ${elapsed} ms: ${stderr}`);
  return elapsed;
}
