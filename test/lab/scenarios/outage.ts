// Something of the gateway goes away in the middle of TCP transfers; nobody may have to authenticate again.

import { expect } from '../expect.ts';
import { isSplit, type SplitGateway } from '../gateway.ts';
import type { Lab } from '../lab.ts';
import { expectPing } from '../ping.ts';
import { Transfer } from '../tcp.ts';
import { connectTwo } from './two-devices.ts';

export const OUTAGE_TOPOLOGY =
  'alice - NAT a - internet - NAT b - bob, gateway in the internet; TCP both ways at 250 kB/s';

export const OUTAGE_SIGHTS = [
  'the transfers complete, with the same SHA-256 at both ends',
  'the IKE SAs of both devices have the SPIs that they had before',
  'no device sent another IKE_AUTH',
];

const RATE = 250_000;
const SECONDS = 8;

/** Returns what the event returned. */
export async function expectSurvival<T>(
  lab: Lab,
  event: (gateway: SplitGateway) => Promise<T>,
  note: (text: string) => void,
): Promise<T> {
  const { gateway } = lab;
  expect(isSplit(gateway), 'this gateway is of one piece');
  const [alice, bob] = await connectTwo(
    lab,
    'cert',
    await lab.nat('nat-a', 'masquerade-random'),
    await lab.nat('nat-b'),
  );
  const spis = async () =>
    (await Promise.all([alice.sa(), bob.sa()])).map((sa) => `${sa.initiatorSpi}-${sa.responderSpi}`);
  const before = await spis();
  const plan = { octets: SECONDS * RATE, rate: RATE, limit: 90 };
  const out = await Transfer.start(alice.host, bob.host, await bob.virtualAddress(), plan);
  const back = await Transfer.start(bob.host, alice.host, await alice.virtualAddress(), plan);
  await out.reaches(0.4);
  const outcome = await event(gateway);
  for (const [way, transfer] of [
    ['from alice', out],
    ['from bob', back],
  ] as const) {
    const { longestGap, gapAt } = await transfer.finish();
    note(`${way}: longest pause ${longestGap} ms, ${(gapAt / 1000).toFixed(1)} s after the start`);
  }
  for (const device of [alice, bob]) {
    await expectPing(device.host, gateway.virtualAddress);
    const authenticated = device.daemon.count(/generating IKE_AUTH request 1 /);
    expect(authenticated === 1, `${device.name} authenticated ${authenticated} times`);
  }
  const after = await spis();
  expect(before.join() === after.join(), `the IKE SPIs changed from ${before.join(', ')} to ${after.join(', ')}`);
  return outcome;
}
