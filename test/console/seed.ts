// A network with something in it, and what it carried in the last hour.

import type { ConsoleGateway } from './gateway.ts';

interface Joining {
  readonly network: string;
  readonly member: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
  readonly route: number;
  readonly prefixes: readonly { readonly address: Uint8Array; readonly length: number }[];
  readonly report: null;
}

/** As much of a network object as the tests call. */
export interface NetworkStub {
  join(joining: Joining): Promise<string>;
  leave(leaving: { member: string; route: number; reason: string }): Promise<void>;
  tell(telling: {
    member: string;
    route: number;
    report: Readonly<Record<string, unknown>>;
    carried: { at: number; octetsIn: number; octetsOut: number };
  }): Promise<void>;
  attempted(attempt: Readonly<Record<string, unknown>>): Promise<void>;
}

export async function networkStub(gateway: ConsoleGateway, id: string): Promise<NetworkStub> {
  const namespace = await gateway.miniflare.getDurableObjectNamespace('NETWORK');
  return namespace.get(namespace.idFromName(id)) as unknown as NetworkStub;
}

/** @param hostile what names and details hold where nobody is kept from writing it. */
export async function seed(
  gateway: ConsoleGateway,
  hostile = '',
): Promise<{ network: string; device: string; site: string; webhook: string }> {
  const { network } = (await gateway.api('POST', '/networks', { name: 'home' })) as { network: { id: string } };
  const names = ['laptop', 'anna-iphone', 'ben-pc', 'build-server', 'meeting-room'];
  const devices: string[] = [];
  for (const name of names) {
    const { device } = (await gateway.api('POST', '/networks/home/devices', { name, auth: 'eap' })) as {
      device: { id: string };
    };
    devices.push(device.id);
  }
  const { site } = (await gateway.api('POST', '/networks/home/sites', {
    name: 'office',
    prefixes: ['10.1.0.0/16'],
    auth: 'psk',
  })) as { site: { id: string } };
  await gateway.api('POST', '/networks/home/groups', { name: 'engineers' });
  await gateway.api('POST', '/networks/home/groups/engineers/members', { members: ['laptop', 'build-server'] });
  await gateway.api('PUT', '/networks/home/policy', {
    version: 0,
    default: 'allow',
    rules: [
      {
        source: { kind: 'group', name: 'engineers' },
        target: { kind: 'site', name: 'office' },
        services: ['tcp/22,443'],
        action: 'allow',
      },
      { source: { kind: 'everyone' }, target: { kind: 'site', name: 'office' }, services: ['any'], action: 'deny' },
    ],
  });
  const url = 'https://hooks.example.com/culvert';
  const { webhook } = (await gateway.api('POST', '/webhooks', { url, events: ['person.*'] })) as {
    webhook: { id: string };
  };
  await gateway.api('POST', `/webhooks/${webhook.id}/test`);
  await live(gateway, network.id, devices, site.id, hostile);
  if (hostile !== '') {
    await gateway.database
      .prepare('UPDATE organisations SET name = ?')
      .bind(`${hostile}${'x'.repeat(10_000)}`)
      .run();
    await gateway.database.prepare('UPDATE users SET name = ?').bind(hostile).run();
  }
  return { network: network.id, device: devices[0]!, site: site.id, webhook: webhook.id };
}

async function live(
  gateway: ConsoleGateway,
  network: string,
  devices: readonly string[],
  site: string,
  hostile: string,
): Promise<void> {
  const stub = await networkStub(gateway, network);
  const now = Date.now();
  const joining = (member: string, name: string, kind: 'device' | 'site', route: number): Joining => ({
    network,
    member,
    name,
    kind,
    route,
    prefixes: [],
    report: null,
  });
  await stub.join(joining(devices[0]!, 'laptop', 'device', 101));
  await stub.join(joining(devices[1]!, 'anna-iphone', 'device', 102));
  await stub.join(joining(devices[2]!, 'ben-pc', 'device', 103));
  await stub.leave({ member: devices[2]!, route: 103, reason: 'deleted by the peer' });
  await stub.join(joining(site, 'office', 'site', 104));
  let [octetsIn, octetsOut] = [0, 0];
  for (let minute = 60; minute > 0; minute--) {
    octetsIn += Math.round(2e6 * (1 + Math.sin(minute / 5)) + 3e5 * (minute % 7));
    octetsOut += Math.round(9e6 * (1 + Math.cos(minute / 8)) + 5e5 * (minute % 5));
    const packets = { packetsIn: Math.ceil(octetsIn / 1_200), packetsOut: Math.ceil(octetsOut / 1_200) };
    const carried = { at: now - minute * 60_000, octetsIn, octetsOut, ...packets };
    await stub.tell({ member: devices[0]!, route: 101, report: reportOf(devices[0]!, now, carried), carried });
  }
  const attempt = {
    path: '192.0.2.1:500 - 203.0.113.9:4500',
    from: '203.0.113.9',
    organisation: 'default',
    network,
    seen: {},
    notify: null,
  };
  const failed = {
    ...attempt,
    outcome: 'failed',
    reason: 'wrong-secret',
    detail: `the password differs ${hostile}`,
    identity: `${hostile}@home`,
  };
  await stub.attempted({ ...failed, at: now - 400_000, member: devices[3] });
  await stub.attempted({
    ...attempt,
    outcome: 'connected',
    reason: null,
    detail: '',
    identity: 'laptop@home',
    at: now - 90_000,
    member: devices[0],
  });
}

/** What a device behind a NAT says of itself. */
function reportOf(member: string, now: number, { octetsIn, octetsOut }: { octetsIn: number; octetsOut: number }) {
  return {
    ...{ member, name: 'laptop', kind: 'device', route: 101, state: 'connected', identity: 'laptop@home' },
    ...{
      software: 'strongSwan',
      nat: 'peer',
      suite: 'AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384',
      esp: ['AES_GCM_16_256'],
    },
    remote: { address: '203.0.113.9', port: 41_641 },
    local: { address: '192.0.2.1', port: 4500 },
    ...{ addresses: ['100.64.0.2'], unreached: [], children: 1, mtu: 1400, relay: 'relay' },
    ...{ since: now - 3_600_000, lastIn: now - 2_000, lastOut: now - 1_000 },
    ...{ packetsIn: Math.round(octetsIn / 900), octetsIn, packetsOut: Math.round(octetsOut / 900), octetsOut },
    drops: { replayed: 2 },
    report: {
      ...{ behind: 'peer', mobike: true, additional: [], moved: 1, keepalive: 20, loss: 0.002 },
      moves: [{ at: now - 600_000, from: '203.0.113.8:500', to: '203.0.113.9:41641', by: 'esp' }],
      lifetime: { survived: 120_000, expired: null },
      roundTrip: { smoothed: 18, variation: 3 },
      fragments: { supported: true, largest: 1280 },
    },
  };
}
