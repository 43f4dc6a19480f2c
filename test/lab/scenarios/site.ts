// A site behind its own NAT and a device that reaches its LAN: with a pre-shared key or with a certificate.

import { expect } from '../expect.ts';
import type { Lab } from '../lab.ts';
import { expectPing } from '../ping.ts';
import { Transfer } from '../tcp.ts';

export const SITE_TOPOLOGY =
  'device - NAT a - internet - NAT s - site gateway (strongSwan) - LAN 10.20.0.0/24 with a host, gateway in the internet';

export const SITE_SIGHTS = [
  'the site is connected from behind its NAT',
  'the device pings the LAN host and the LAN host pings the device',
  'TCP in both directions, with the same SHA-256 at both ends',
];

export async function expectSite(lab: Lab, auth: 'psk' | 'cert', note: (text: string) => void): Promise<void> {
  const site = await lab.site('hq', { auth, behind: await lab.nat('nat-s'), lan: '10.20.0' });
  await site.connect();
  const device = await lab.device('alice', { auth: 'cert', behind: await lab.nat('nat-a', 'masquerade-random') });
  await device.connect();
  const sa = await site.sa();
  expect(sa.natLocal, 'the site does not know that it is behind a NAT');
  const address = await device.virtualAddress();
  await expectPing(device.host, site.lanAddress, 5);
  await expectPing(site.lanHost, address, 5);
  const plan = { octets: 1_000_000, rate: 0, limit: 40 };
  const transfers = [
    await Transfer.start(device.host, site.lanHost, site.lanAddress, plan),
    await Transfer.start(site.lanHost, device.host, address, plan),
  ];
  const received = await Promise.all(transfers.map((transfer) => transfer.finish()));
  note(`1 MB each way in ${received.map(({ milliseconds }) => `${milliseconds} ms`).join(' and ')}`);
}
