// A client of our own on real sockets, for what stock clients refuse to do: runs in a host, with a profile's credentials.
// FOLDER LOCAL GATEWAY ODDITIES STEP...: what each step came to goes out as a line of JSON; it stays until it is ended.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuthMethod, CfgAttribute } from '../../src/wire/ike-numbers.ts';
import { formatAddress } from '../../src/wire/prefix.ts';
import type { Primitives } from '../../src/crypto/primitives.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import { trusting } from '../sim/certificates.ts';
import { address, addressIdentity, mailbox } from '../sim/initiator/identities.ts';
import type { InitiatorSettings } from '../sim/initiator/options.ts';
import { espOffer } from '../sim/initiator/proposals.ts';
import { echoRequest } from '../sim/packets.ts';
import { LiveClient } from '../sim/strongswan/live-client.ts';
import type { Oddities } from './own-client.ts';
import { firstSection, parseConf, sectionAt } from './swanctl-conf.ts';

const ANSWER_MS = 1_500;

function der(folder: string): Uint8Array {
  const pem = readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8');
  const body = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem)![1]!;
  return new Uint8Array(Buffer.from(body, 'base64'));
}

/** The random octets of a client that chooses its SPIs, which are the only ones of their lengths. */
function choosing(primitives: Primitives, { ike, esp }: NonNullable<Oddities['spis']>): Primitives {
  const chosen = [ike, esp].map((hex) => new Uint8Array(Buffer.from(hex, 'hex')));
  return {
    ...primitives,
    random: (count) => chosen.find(({ length }) => length === count)?.slice() ?? primitives.random(count),
  };
}

function settings(folder: string, local: string, gateway: string, oddities: Oddities): InitiatorSettings {
  const { claims, esp, spis, withoutNatDetection } = oddities;
  const conf = parseConf(readFileSync(join(folder, 'swanctl.conf'), 'utf8'));
  const connection = sectionAt(conf, 'connections', firstSection(sectionAt(conf, 'connections')));
  return {
    primitives: spis ? choosing(workerPrimitives(), spis) : workerPrimitives(),
    localAddress: address(local),
    gatewayAddress: address(gateway),
    identity: claims ? addressIdentity(claims) : mailbox(String(sectionAt(connection, 'local').id)),
    authentication: {
      kind: 'certificate',
      chain: [der(join(folder, 'x509'))],
      privateKey: der(join(folder, 'private')),
      method: AuthMethod.DIGITAL_SIGNATURE,
      scheme: { kind: 'ecdsa', hash: 'sha256', raw: false },
    },
    trust: trusting(der(join(folder, 'x509ca'))),
    configuration: [CfgAttribute.INTERNAL_IP4_ADDRESS],
    keepaliveMs: 20_000,
    ...(esp ? { esp: [espOffer(esp)] } : {}),
    ...(withoutNatDetection ? { natDetection: 'none', startOn4500: true } : {}),
  };
}

function tell(report: object): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

const [folder, local, gateway, oddities, ...steps] = process.argv.slice(2) as [string, string, string, string];
const client = new LiveClient(settings(folder, local, gateway, JSON.parse(oddities) as Oddities));
let own = new Uint8Array(4);
let sent = 0;

/** Sends echo requests one after another; counts what came out of the tunnel meanwhile. */
async function echo(source: Uint8Array, to: string, count: number): Promise<number> {
  const before = client.packets.length;
  for (let index = 0; index < count; index++) {
    const packet = echoRequest(source, address(to), ++sent, new Uint8Array(32));
    await client.run(client.initiator.sendPackets([packet], Date.now()));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  return client.packets.length - before;
}

const STEPS: Readonly<Record<string, (...args: string[]) => Promise<object>>> = {
  async connect() {
    await client.established();
    const { session } = client.initiator;
    own = session.configuration.find(({ attribute }) => attribute === CfgAttribute.INTERNAL_IP4_ADDRESS)!.value.slice();
    return { address: formatAddress(own), natHere: session.natHere, natThere: session.natThere };
  },
  ping: async (to, count) => ({ answers: await echo(own, to!, Number(count)) }),
  spoof: async (source, to, count) => ({ answers: await echo(address(source!), to!, Number(count)) }),
};

try {
  await client.bind(local);
  for (const step of steps as string[]) {
    const [name, ...args] = step.split(' ');
    tell({ step: name, ...(await STEPS[name!]!(...args)) });
  }
  tell({ step: 'end' });
} catch (error) {
  tell({ error: error instanceof Error ? error.message : String(error) });
}
