// Rekeys in the middle of TCP transfers in both directions, compared with the same transfers without a rekey.

import { eventually, expect } from '../expect.ts';
import type { Lab } from '../lab.ts';
import type { Device } from '../member.ts';
import { type Received, Transfer } from '../tcp.ts';
import { connectTwo } from './two-devices.ts';

export const REKEY_TOPOLOGY =
  'alice - NAT a - internet - NAT b - bob, gateway in the internet; TCP both ways at 250 kB/s';

export const REKEY_SIGHTS = [
  'three rekeys during the transfers, each with new SPIs at the client',
  'every octet arrives, with the same SHA-256 at both ends',
  'the longest pause is no more than one second above that of the same transfers without a rekey',
  'the device is connected as before, and authenticated only once',
];

const RATE = 250_000;
const REKEYS = 3;
/** Milliseconds that a rekey may add to the longest pause. */
const EXCESS = 1_000;

export async function expectRekeys(
  lab: Lab,
  kind: 'ike' | 'child',
  by: 'client' | 'gateway',
  note: (text: string) => void,
): Promise<void> {
  const [alice, bob] = await connectTwo(
    lab,
    'cert',
    await lab.nat('nat-a', 'masquerade-random'),
    await lab.nat('nat-b'),
  );
  const before = await both(alice, bob, 3, async () => {});
  const during = await both(alice, bob, 8, async (transfer) => {
    for (let turn = 1; turn <= REKEYS; turn++) {
      await transfer.reaches(turn / (REKEYS + 1));
      await rekey(lab, alice, kind, by);
    }
  });
  for (const [index, way] of ['from the device', 'to the device'].entries()) {
    const [calm, busy] = [before[index]!.longestGap, during[index]!.longestGap];
    note(`${way}: longest pause ${busy} ms, ${calm} ms without a rekey`);
    expect(busy - calm <= EXCESS, `${way}: a pause of ${busy} ms, without a rekey ${calm} ms`);
  }
  const authenticated = alice.daemon.count(/generating IKE_AUTH request 1 /);
  expect(authenticated === 1, `${alice.name} authenticated ${authenticated} times`);
}

/** Transfers both ways at once, with something in their middle. */
async function both(
  alice: Device,
  bob: Device,
  seconds: number,
  meanwhile: (transfer: Transfer) => Promise<void>,
): Promise<Received[]> {
  const plan = { octets: seconds * RATE, rate: RATE, limit: seconds * 4 + 30 };
  const out = await Transfer.start(alice.host, bob.host, await bob.virtualAddress(), plan);
  const back = await Transfer.start(bob.host, alice.host, await alice.virtualAddress(), plan);
  await meanwhile(back);
  return Promise.all([out.finish(), back.finish()]);
}

/** One rekey, to its end: the old SA is gone. */
async function rekey(lab: Lab, device: Device, kind: 'ike' | 'child', by: 'client' | 'gateway'): Promise<void> {
  const old = await spis(device, kind);
  if (by === 'gateway') await lab.gateway.rekey(kind, device.name);
  else await device.daemon.rekey(kind, kind === 'ike' ? device.ike : device.child);
  await eventually(
    async () => {
      const now = await spis(device, kind);
      return now.length === 1 && now[0] !== old[0];
    },
    `${device.name} did not get one new ${kind} SA in place of ${old.join(', ')}`,
    10_000,
  );
}

async function spis(device: Device, kind: 'ike' | 'child'): Promise<string[]> {
  const sas = (await device.daemon.sas()).filter((sa) => sa.state !== 'DELETING');
  if (kind === 'ike') return sas.map((sa) => `${sa.initiatorSpi}-${sa.responderSpi}`);
  const children = sas.flatMap((sa) => sa.children).filter((child) => child.state !== 'DELETED');
  return children.map((child) => `${child.spiIn}-${child.spiOut}`);
}
