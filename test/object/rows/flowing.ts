// The tunnel stands: what goes through it, and what does not.

import { utf8 } from '../../../src/bytes/octets.ts';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { address, selector } from '../../sim/initiator/identities.ts';
import { udpPacket } from '../../sim/packets.ts';
import type { Device } from '../device.ts';
import { type Enrolled, later, type Office } from '../office.ts';
import { eventually } from '../relay.ts';
import { connected, type Scene, type Situation } from './situation.ts';

/** Where the network's DNS server and another host are, behind a site. */
export const SERVERS = { dns: '10.9.0.53', host: '10.9.0.80', prefix: '10.9.0.0/24' } as const;

export const flowing: readonly Situation[] = [
  {
    case: ['CHILD up, no ESP in', 'no ESP in'],
    shows: 'nothing-sent',
    severity: 'failure',
    says: /prefixes of the network/,
    arise: async (office) => {
      const who = await office.enrol({ auth: 'cert' });
      const device = await connected(office, who);
      later(20_000);
      return { who, device };
    },
  },
  {
    case: ['ESP in, nothing back', 'policy denies'],
    shows: 'policy-denies',
    severity: 'failure',
    says: /stopped by the rules/,
    arise: policyDenies,
  },
  {
    case: ['ESP in, nothing back', 'site down'],
    shows: 'site-down',
    severity: 'failure',
    says: /page of the site/,
    arise: async (office) => {
      await office.enrol({ auth: 'psk', prefixes: ['10.20.0.0/24'] });
      const who = await office.enrol({ auth: 'cert' });
      const device = await connected(office, who);
      await sends(device, who, '10.20.0.5', 7_000);
      await drops(device, 'offline');
      return { who, device };
    },
  },
  {
    case: ['ESP in, nothing back', 'no return route'],
    shows: 'no-way-back',
    severity: 'warning',
    says: /router/,
    arise: async (office) => {
      const mute = await office.enrol({ auth: 'cert' });
      const silent = await connected(office, mute);
      const who = await office.enrol({ auth: 'cert' });
      const device = await connected(office, who);
      await sends(device, who, addressOf(mute), 7_000);
      await silent.until(() => silent.packets.length > 0);
      return { who, device };
    },
  },
  {
    case: ['DNS fails but IP works', 'never asked'],
    shows: 'split-dns',
    severity: 'warning',
    says: /corp\.example/,
    arise: async (office) => {
      const { who, device } = await conversation(office);
      for (let packet = 0; packet < 10; packet++) await sends(device, who, SERVERS.host, 7_000);
      await sends(device, who, '10.9.0.99', 53);
      await received(device, 12);
      later(60_000);
      return { who, device };
    },
  },
  {
    case: ['DNS fails but IP works', 'never answered'],
    shows: 'dns-silent',
    severity: 'warning',
    says: /UDP port 53/,
    arise: async (office) => {
      const { who, device } = await conversation(office);
      for (let question = 0; question < 3; question++) await sends(device, who, SERVERS.dns, 53);
      await received(device, 4);
      return { who, device };
    },
  },
];

async function policyDenies(office: Office): Promise<Scene> {
  const other = await office.enrol({ auth: 'cert' });
  await connected(office, other);
  const who = await office.enrol({ auth: 'cert' });
  const source = { kind: 'device', name: who.record.name };
  const rule = { id: 'no-games', source, target: { kind: 'everyone' }, services: ['udp/7000'], action: 'deny' };
  await office.change('PUT', '/policy', { version: await office.policyVersion(), default: 'allow', rules: [rule] });
  const device = await connected(office, who);
  await eventually(async () => (await device.stub.inspect()).epoch > 0);
  await sends(device, who, addressOf(other), 7_000);
  await drops(device, 'policy:no-games');
  return { who, device };
}

let site: { readonly who: Enrolled; readonly device: Device } | null = null;

/** A device that has heard from a host behind the site of the servers. */
export async function conversation(office: Office): Promise<Scene & { readonly site: Device }> {
  site ??= await connectedSite(office);
  const who = await office.enrol({ auth: 'cert' });
  const device = await connected(office, who);
  const before = site.device.packets.length;
  await sends(device, who, SERVERS.host, 7_000);
  await site.device.until(() => site!.device.packets.length > before);
  await answers(site.device, who, SERVERS.host, 7_000);
  await device.until(() => device.packets.length > 0);
  return { who, device, site: site.device };
}

async function connectedSite(office: Office): Promise<{ who: Enrolled; device: Device }> {
  const who = await office.enrol({ auth: 'psk', prefixes: [SERVERS.prefix] });
  return { who, device: await connected(office, who, { TSi: [selector(SERVERS.prefix)] }) };
}

export function sends(device: Device, who: Enrolled, to: string, destination: number): Promise<void> {
  const ports = { source: 40_000, destination };
  return device.send(udpPacket(address(addressOf(who)), address(to), utf8('to you'), ports));
}

export function answers(from: Device, who: Enrolled, server: string, source: number): Promise<void> {
  const ports = { source, destination: 40_000 };
  return from.send(udpPacket(address(server), address(addressOf(who)), utf8('to you too'), ports));
}

function addressOf({ record }: Enrolled): string {
  return formatAddress(record.addresses[0]!);
}

/** Its object has opened so many packets. */
async function received(device: Device, packets: number): Promise<void> {
  await eventually(async () => (await device.stub.status())?.packetsIn === packets);
}

async function drops(device: Device, reason: string): Promise<void> {
  await eventually(async () => ((await device.stub.status())?.drops[reason] ?? 0) > 0);
}
