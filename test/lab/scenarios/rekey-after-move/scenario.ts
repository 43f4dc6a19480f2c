// RFC 3715 section 3, security: "IKE MUST be allowed to re-key in a bi-directional manner", also after a mapping has moved.
// Requirements: rfc3715-3-rekey-both-ways rfc7296-2.23-follow

import { eventually, expect, expectEqual } from '../../expect.ts';
import type { Device } from '../../member.ts';
import { forgetMappings } from '../../nat.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

const KINDS = ['child', 'ike'] as const;

export const scenario: Scenario = {
  description:
    'A NAT forgets its mapping and gives the device another port; then either side rekeys, with MOBIKE and without.',
  topology: 'alice with MOBIKE and carol without - NAT a (random ports) - internet - gateway',
  sees: [
    'the device begins: its own request is the first datagram from the new port, and the rekey goes through',
    'the gateway begins, after a packet of the device has come from the new port: the rekey goes through',
    'both for the child SA and for the IKE SA, each time with new SPIs at the device',
    'the address of the gateway in the network answers ping after each rekey, and nobody authenticated again',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a', 'masquerade-random');
    const alice = await lab.device('alice', { auth: 'cert', behind: nat });
    const carol = await lab.device('carol', { auth: 'cert', behind: nat });
    await carol.configure((connection) => (connection.mobike = 'no'));
    for (const device of [alice, carol]) {
      await device.connect();
      await expectPing(device.host, gateway.virtualAddress);
      for (const kind of KINDS) {
        const own = await spi(device, kind);
        await forgetMappings(nat.router);
        await device.daemon.rekey(kind, kind === 'ike' ? device.ike : device.child);
        await expectNew(device, kind, own);
        await expectPing(device.host, gateway.virtualAddress);

        const theirs = await spi(device, kind);
        const { path } = await gateway.peer(device.name);
        await forgetMappings(nat.router);
        await expectPing(device.host, gateway.virtualAddress, 1);
        const moved = await gateway.peer(device.name);
        expect(moved.path !== path, `the NAT did not change the port of ${path}`);
        await gateway.rekey(kind, device.name);
        await expectNew(device, kind, theirs);
        await expectPing(device.host, gateway.virtualAddress);
      }
      expectEqual(device.daemon.count(/generating IKE_AUTH request 1 /), 1, `times that ${device.name} authenticated`);
      note(`${device.name}: ${(await gateway.peer(device.name)).report?.moved} moves`);
    }
  },
};

/** Of the only established SA; undefined while there are two. */
async function spi(device: Device, kind: 'ike' | 'child'): Promise<string | undefined> {
  const sas = (await device.daemon.sas()).filter(({ state }) => state === 'ESTABLISHED');
  if (sas.length !== 1) return undefined;
  const { initiatorSpi, responderSpi, children } = sas[0]!;
  const installed = children.filter(({ state }) => state === 'INSTALLED');
  if (kind === 'ike') return `${initiatorSpi}-${responderSpi}`;
  return installed.length === 1 ? installed[0]!.spiIn : undefined;
}

async function expectNew(device: Device, kind: 'ike' | 'child', old: string | undefined): Promise<void> {
  await eventually(
    async () => {
      const now = await spi(device, kind);
      return now !== undefined && now !== old;
    },
    `${device.name} did not get a new ${kind} SA`,
    20_000,
  );
}
