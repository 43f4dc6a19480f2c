// Every suite that the gateway offers, negotiated and used; but no extended sequence numbers: the client's userland ESP has none.

import { eventually, expect, expectEqual } from '../../expect.ts';
import type { Device } from '../../member.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { ESP_SUITES, IKE_SUITES, PFS_GROUPS } from '../../suites.ts';

export const scenario: Scenario = {
  description: 'Every IKE and every ESP suite of the gateway in turn, as the only one that the client offers.',
  topology: 'alice - NAT a - internet - gateway',
  sees: [
    'the client lists exactly the suite that it offered',
    'the address of the gateway in the network answers ping',
    'with perfect forward secrecy also after a rekey, which used the group',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 240,
  async run(lab, note) {
    const alice = await lab.device('alice', { auth: 'cert', behind: await lab.nat('nat-a') });
    for (const suite of IKE_SUITES) {
      await offer(alice, suite.proposal, 'aes256gcm16');
      await alice.connect();
      expectEqual((await alice.sa()).suite, suite.listed, `IKE suite ${suite.proposal}`);
      await expectPing(alice.host, lab.gateway.virtualAddress);
      await alice.disconnect();
    }
    for (const [index, suite] of ESP_SUITES.entries()) {
      const group = PFS_GROUPS[index]!;
      await offer(alice, IKE_SUITES[0]!.proposal, suite.proposal);
      await alice.connect();
      expectEqual(await childSuite(alice), suite.listed, `ESP suite ${suite.proposal}`);
      await expectPing(alice.host, lab.gateway.virtualAddress);
      await alice.disconnect();
      const withPfs = `${suite.proposal}-${group.proposal}`;
      await offer(alice, IKE_SUITES[0]!.proposal, withPfs);
      await alice.connect();
      await expectPing(alice.host, lab.gateway.virtualAddress);
      await rekeyChild(alice);
      expectEqual(await childSuite(alice), `${suite.listed}/${group.listed}`, `ESP suite ${withPfs}`);
      await expectPing(alice.host, lab.gateway.virtualAddress);
      await alice.disconnect();
    }
    note(`${IKE_SUITES.length} IKE suites, ${ESP_SUITES.length} ESP suites with and without a group`);
  },
};

async function offer(device: Device, ike: string, esp: string): Promise<void> {
  await device.configure((connection, child) => {
    connection.proposals = ike;
    child.esp_proposals = esp;
  });
}

async function childSuite(device: Device): Promise<string> {
  const children = (await device.sa()).children.filter((child) => child.state === 'INSTALLED');
  expect(children.length === 1, `${device.name} has ${children.length} child SAs, not one`);
  return children[0]!.suite;
}

async function rekeyChild(device: Device): Promise<void> {
  const old = (await device.sa()).children.find((child) => child.state === 'INSTALLED')?.spiIn;
  await device.daemon.rekey('child', device.child);
  await eventually(async () => {
    const children = (await device.sa()).children.filter((child) => child.state === 'INSTALLED');
    return children.length === 1 && children[0]!.spiIn !== old;
  }, `${device.name} did not rekey its child SA`);
}
