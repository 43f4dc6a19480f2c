// Connections that end too soon, each time in the same way.

import { Peer } from '../../../src/peer/peer.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { WITHOUT_MOBIKE } from '../../sim/initiator/options.ts';
import { Device } from '../device.ts';
import { directory, type Enrolled, later, makePeer, type Office, pass } from '../office.ts';
import { eventually } from '../relay.ts';
import { cores } from '../worker.ts';
import { conversation, sends, SERVERS } from './flowing.ts';
import { connected, gone, type Scene, type Situation } from './situation.ts';

const MINUTE = 60_000;

export const lasting: readonly Situation[] = [
  {
    case: ['drops after a while', '8 min'],
    shows: 'short-lived',
    severity: 'failure',
    says: /MOBIKE/,
    arise: (office) => twice(office, async (who) => silentAfter(office, who, 7 * MINUTE)),
  },
  ...([24, 48, 60] as const).map(
    (minutes): Situation => ({
      case: ['drops after a while', `${minutes} min`],
      shows: 'short-lived',
      severity: 'failure',
      says: minutes === 60 ? /lifetime of their keys/ : /macOS renews its keys/,
      arise: (office) => twice(office, async (who) => closedAfter(office, who, minutes * MINUTE)),
    }),
  ),
  {
    case: ['drops after a while', '200 MiB'],
    shows: 'short-lived',
    severity: 'failure',
    says: /script for Windows/,
    arise: heavy,
  },
  {
    case: ['more', 'went silent'],
    shows: 'peer-vanished',
    severity: 'warning',
    says: /went to sleep/,
    arise: async (office) => {
      const { who, device } = await conversation(office);
      await silent(office, who, device);
      return { who, device };
    },
  },
  {
    case: ['two devices same cert', 'two devices'],
    shows: 'shared-identity',
    severity: 'failure',
    says: /A profile is for one device/,
    arise: async (office) => {
      const who = await office.enrol({ auth: 'cert' });
      await connected(office, who);
      await connected(office, who);
      return { who, device: await connected(office, who) };
    },
  },
];

async function twice(office: Office, live: (who: Enrolled) => Promise<Device>): Promise<Scene> {
  const who = await office.enrol({ auth: 'cert' });
  await live(who);
  later(MINUTE);
  return { who, device: await live(who) };
}

/** As macOS does when the renewal of its keys fails: it says goodbye. */
async function closedAfter(office: Office, who: Enrolled, ms: number): Promise<Device> {
  const device = await connected(office, who);
  later(ms);
  return closed(office, who, device);
}

async function closed(office: Office, who: Enrolled, device: Device): Promise<Device> {
  device.play(await device.initiator.close(Date.now()));
  await gone(office, who);
  return device;
}

/** As iOS does without MOBIKE: from the other network comes nothing that fits, and the gateway asks in vain. */
async function silentAfter(office: Office, who: Enrolled, ms: number): Promise<Device> {
  const device = await connected(office, who, { layout: WITHOUT_MOBIKE });
  later(ms);
  await silent(office, who, device);
  return device;
}

async function silent(office: Office, who: Enrolled, device: Device): Promise<void> {
  device.initiator.crash();
  await office.object.command(who.record.id, { kind: 'liveness' });
  for (let asked = 0; (await office.object.find(who.record.id)) !== null && asked < 60; asked++)
    await pass(MINUTE / 6, device);
  await gone(office, who);
}

/** Each octet counts as so many, so that 200 MiB need not be sent. */
const SCALE = 1_048_576;

class HeavyPeer extends Peer {
  override get carried() {
    const { octetsIn, octetsOut, ...rest } = super.carried;
    return { ...rest, octetsIn: octetsIn * SCALE, octetsOut: octetsOut * SCALE };
  }
}

/** Cut off when it has carried so much, whatever the time. */
async function heavy(office: Office): Promise<Scene> {
  const { who, device: first } = await conversation(office);
  await closed(office, who, first);
  later(2 * MINUTE);
  cores.make = (route, checkpoint) =>
    new HeavyPeer({ primitives: workerPrimitives(), pad: directory() }, route, checkpoint);
  try {
    for (const minutes of [3, 7]) {
      const device = await connected(office, who);
      later(minutes * MINUTE);
      // 34 octets each.
      for (let packet = 0; packet < 6; packet++) await sends(device, who, SERVERS.host, 7_000);
      await eventually(async () => (await device.stub.status())?.packetsIn === 6);
      await closed(office, who, device);
      later(2 * MINUTE);
    }
  } finally {
    cores.make = makePeer;
  }
  return { who, device: new Device().become(who.credentials) };
}
