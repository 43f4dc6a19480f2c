// RFC 3715 section 3, telecommuter and scaling: many clients on one private network.

import { expect } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Device } from '../../member.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert, portOf } from '../culvert.ts';

const CLIENTS = 8;

export const scenario: Scenario = {
  description: `${CLIENTS} devices behind one NAT are connected at once; each reaches its neighbour through the gateway.`,
  topology: `d1 to d${CLIENTS} - one NAT - internet - gateway`,
  sees: [
    'the gateway shows each at the same outside address and at a port of its own',
    'each has a virtual address of its own',
    'each pings the gateway, and the next one through it',
    'rekeys of all child SAs that the gateway begins leave them connected',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 240,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a');
    const devices: Device[] = [];
    for (let index = 1; index <= CLIENTS; index++)
      devices.push(await lab.device(`d${index}`, { auth: 'cert', behind: nat }));
    for (const device of devices) await device.connect();
    const peers = await Promise.all(devices.map(({ name }) => gateway.peer(name)));
    const ports = new Set(peers.map(({ path }) => portOf(path)));
    expect(
      peers.every(({ path }) => path.startsWith(`${nat.outside}:`)),
      'a device is not at the address of the NAT',
    );
    expect(ports.size === CLIENTS, `${CLIENTS} devices are at ${ports.size} ports`);
    const addresses = await Promise.all(devices.map((device) => device.virtualAddress()));
    expect(new Set(addresses).size === CLIENTS, `virtual addresses are shared: ${addresses.join(', ')}`);
    const around = async (): Promise<void> => {
      for (const [index, device] of devices.entries()) {
        await expectPing(device.host, gateway.virtualAddress, 1);
        await expectPing(device.host, addresses[(index + 1) % CLIENTS]!, 1);
      }
    };
    await around();
    for (const { name } of devices) await gateway.rekey('child', name);
    await around();
    expect((await gateway.connected()).length === CLIENTS, 'a device is no longer connected');
    note(`outside ports ${[...ports].join(', ')}`);
  },
};
