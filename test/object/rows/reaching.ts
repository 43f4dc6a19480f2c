// What arrives: nothing, one port, some of the pieces.

import type { Datagram } from '../../../src/wire/path.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { emitChallenge, makeCookie, readInitialRequest } from '../../../src/ike/cookie.ts';
import { ikeOffer } from '../../sim/initiator/proposals.ts';
import { flip } from '../device.ts';
import { type Office, later, pass } from '../office.ts';
import { clientOf, type Scene, type Situation } from './situation.ts';

const MINUTE = 60_000;

export const reaching: readonly Situation[] = [
  {
    case: ['nothing from your IP in 60 s', 'nothing'],
    shows: 'nothing-heard',
    severity: 'failure',
    says: /809/,
    arise: async (office) => {
      const who = await office.enrol({ auth: 'eap' });
      const device = await clientOf(who);
      device.blocks = () => true;
      await device.begin();
      later(MINUTE);
      return { who, device, waiting: 60 };
    },
  },
  {
    case: ['IKE_SA_INIT on 500, never 4500', 'never 4500'],
    shows: 'port-4500-blocked',
    severity: 'failure',
    says: /UDP 4500/,
    arise: (office) => stopped(office, ({ path }) => path.localPort === 4500),
  },
  {
    case: ['AUTH arrives in pieces, fragment n missing', 'fragment missing'],
    shows: 'fragments-lost',
    severity: 'failure',
    says: /number 2 never came/,
    arise: (office) => {
      let pieces = 0;
      return stopped(office, ({ path }) => path.localPort === 4500 && ++pieces === 2);
    },
  },
  {
    case: ['more', 'began and stopped'],
    shows: 'answer-lost',
    severity: 'failure',
    says: /never came whole/,
    arise: (office) => {
      let datagrams = 0;
      return stopped(office, () => ++datagrams > 1, { startOn4500: true });
    },
  },
  {
    case: ['INVALID_KE retry loop / COOKIE', 'INVALID_KE'],
    shows: 'key-exchange-retry',
    severity: 'note',
    says: /one more round trip/,
    arise: (office) => guessing(office, 1),
  },
  {
    case: ['INVALID_KE retry loop / COOKIE', 'INVALID_KE loop'],
    shows: 'key-exchange-retry',
    severity: 'warning',
    says: /names the right key exchange first/,
    arise: (office) => guessing(office, 3),
  },
  {
    case: ['INVALID_KE retry loop / COOKIE', 'COOKIE'],
    shows: 'cookie-asked',
    severity: 'note',
    says: /one more round trip/,
    arise: (office) => challenged(office, 1),
  },
  {
    case: ['INVALID_KE retry loop / COOKIE', 'COOKIE loop'],
    shows: 'cookie-asked',
    severity: 'warning',
    says: /our answers get lost/,
    arise: (office) => challenged(office, 3),
  },
];

/** A handshake of which something never comes, until its half-open SA is forgotten. */
async function stopped(office: Office, blocks: (datagram: Datagram) => boolean, how = {}): Promise<Scene> {
  const who = await office.enrol({ auth: 'cert' });
  const device = await clientOf(who, { fragmentOctets: 400, ...how });
  device.blocks = blocks;
  await device.begin();
  await device.until(() => device.initiator.phase === 'auth');
  await device.relay.arrived();
  await pass(MINUTE, device);
  return { who, device };
}

/** Begins with a key exchange that it does not even offer, and never hears what it is told. */
async function guessing(office: Office, times: number): Promise<Scene> {
  const who = await office.enrol({ auth: 'cert' });
  const how = { ike: [ikeOffer('aes256gcm16-prfsha384-ecp384')], firstKe: 19 };
  const device = await clientOf(who, how);
  for (let time = 1; time <= times; time++) {
    device.become(who.credentials, how);
    await device.begin();
    await device.relay.until(() => device.relay.datagrams.length === time);
  }
  return { who, device };
}

/** A relay under load asks for a cookie, lets in who brings it back, and our answer never arrives. */
async function challenged(office: Office, times: number): Promise<Scene> {
  const who = await office.enrol({ auth: 'cert' });
  const device = await clientOf(who);
  for (let time = 1; time <= times; time++) {
    device.become(who.credentials);
    const { send } = await device.initiator.start(Date.now());
    device.play(await device.initiator.receive(challengeTo(send[0]!), Date.now()));
    await device.relay.until(() => device.relay.datagrams.length === time);
  }
  return { who, device };
}

function challengeTo({ path, octets }: Datagram): Datagram {
  const request = readInitialRequest(octets)!;
  const secret = { version: 1, secret: new Uint8Array(32), notAfter: Number.POSITIVE_INFINITY };
  const source = { address: path.localAddress, port: path.localPort };
  const cookie = makeCookie(workerPrimitives().hmac, secret, request, source);
  return flip({ path, octets: emitChallenge(request.SPIi, cookie) });
}
