// Two devices behind two NATs that exchange ping and TCP: the core of several scenarios.

import { expect } from '../expect.ts';
import type { Lab, Lan } from '../lab.ts';
import type { Device } from '../member.ts';
import { expectPing } from '../ping.ts';
import { Transfer } from '../tcp.ts';

export async function expectTwoDevices(lab: Lab, auth: 'cert' | 'eap', note: (text: string) => void): Promise<void> {
  const [a, b] = [await lab.nat('nat-a', 'masquerade-random'), await lab.nat('nat-b', 'masquerade-random')];
  const [alice, bob] = await connectTwo(lab, auth, a, b);
  for (const device of [alice, bob]) {
    const sa = await device.sa();
    expect(sa.natLocal, `${device.name} does not know that it is behind a NAT`);
    await expectPing(device.host, lab.gateway.virtualAddress);
  }
  await expectReach(alice, bob, note);
}

export async function connectTwo(lab: Lab, auth: 'cert' | 'eap', a: Lan, b: Lan): Promise<[Device, Device]> {
  const alice = await lab.device('alice', { auth, behind: a });
  const bob = await lab.device('bob', { auth, behind: b });
  await alice.connect();
  await bob.connect();
  const addresses = [await alice.virtualAddress(), await bob.virtualAddress()];
  expect(addresses[0] !== addresses[1], `both devices got ${addresses[0]}`);
  return [alice, bob];
}

/** Ping and a megabyte of TCP in both directions at once. */
export async function expectReach(alice: Device, bob: Device, note: (text: string) => void): Promise<void> {
  const [a, b] = [await alice.virtualAddress(), await bob.virtualAddress()];
  await expectPing(alice.host, b, 5);
  await expectPing(bob.host, a, 5);
  const plan = { octets: 1_000_000, rate: 0, limit: 40 };
  const transfers = [
    await Transfer.start(alice.host, bob.host, b, plan),
    await Transfer.start(bob.host, alice.host, a, plan),
  ];
  const received = await Promise.all(transfers.map((transfer) => transfer.finish()));
  note(`1 MB each way in ${received.map(({ milliseconds }) => `${milliseconds} ms`).join(' and ')}`);
}
