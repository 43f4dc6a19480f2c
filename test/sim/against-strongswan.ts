// The initiator against a stock strongSwan: proof that the far end of the simulation speaks IKEv2 as the world does.
// As root, with charon-systemd installed: `npx tsx test/sim/against-strongswan.ts`.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { utf8 } from '../../src/bytes/octets.ts';
import type { SignatureScheme } from '../../src/crypto/primitives.ts';
import { AuthMethod, CfgAttribute } from '../../src/wire/ike-numbers.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import { createAuthority, issue, type KeyKind, keyHashOf, trusting } from './certificates.ts';
import { android, apple, strongswan, windows } from './initiator/clients.ts';
import { address, fqdn, mailbox } from './initiator/identities.ts';
import type { Authentication, InitiatorSettings } from './initiator/options.ts';
import { espOffer, ikeOffer } from './initiator/proposals.ts';
import { echoRequest } from './packets.ts';
import { GATEWAY_NAME } from './pad.ts';
import { LiveClient } from './strongswan/live-client.ts';
import {
  CLIENT_ADDRESS,
  CLIENT_ADDRESS_AFTER_MOVE,
  CLIENT_HOST,
  GATEWAY_ADDRESS,
  INNER_GATEWAY,
  PASSWORD,
  PSK,
  Responder,
  swanctl,
} from './strongswan/responder.ts';

interface Scenario {
  readonly name: string;
  readonly settings: Partial<InitiatorSettings>;
  readonly after?: (client: LiveClient, directory: string) => Promise<void>;
}

const psk: Partial<InitiatorSettings> = {
  identity: fqdn('device.example'),
  authentication: { kind: 'psk', secret: utf8(PSK) },
  gatewaySecret: utf8(PSK),
};
const eap: Partial<InitiatorSettings> = {
  identity: mailbox('user@example'),
  authentication: { kind: 'eap-mschapv2', userName: 'user@example', password: PASSWORD, identityAnswer: 'name' },
};

const suites = [
  ['aes256gcm16-prfsha256-x25519', 'aes256gcm16', 31],
  ['aes128gcm16-prfsha384-ecp384', 'aes128gcm16', 20],
  ['chacha20poly1305-prfsha512-ecp256', 'chacha20poly1305', 19],
  ['aes256-sha256-modp2048', 'aes256-sha256', 14],
  ['aes128-sha1-modp1024', 'aes128-sha1', 2],
  ['aes256-sha512-prfsha512-ecp256', 'aes256-sha512', 19],
  ['aes256-sha384-ecp384', 'aes128-sha384', 20],
] as const;

function scenarios(certificates: Record<string, Authentication>): Scenario[] {
  const list: Scenario[] = suites.map(([ike, esp, firstKe]) => ({
    name: `psk ${ike} / ${esp}`,
    settings: { ...psk, ike: [ikeOffer(ike)], esp: [espOffer(esp)], firstKe },
    after: rekeyBothWays,
  }));
  list.push({
    name: 'a wrong first guess of the group',
    settings: { ...psk, ike: [ikeOffer('aes256gcm16-prfsha256-modp4096-ecp256')], firstKe: 16 },
  });
  list.push({ name: 'from port 4500 at once', settings: { ...psk, startOn4500: true } });
  list.push({ name: 'EAP-MSCHAPv2', settings: eap, after: rekeyBothWays });
  list.push({ name: 'MOBIKE', settings: psk, after: move });
  for (const [name, authentication] of Object.entries(certificates)) {
    const identity = fqdn(`${name}.devices.example`);
    const signatureHashes = name === 'classic' || name === 'rsa-sha1' ? null : [1, 2, 3, 4, 5];
    list.push({
      name: `certificate ${name}`,
      settings: { identity, authentication, signatureHashes, fragmentOctets: 500 },
    });
  }
  const named = { ...eap, remoteIdentity: fqdn(GATEWAY_NAME) };
  for (const [name, client] of Object.entries({
    windows: windows(),
    apple: apple(),
    android: android(),
    strongswan: strongswan(),
  }))
    list.push({
      name: `as ${name}`,
      settings: { ...client, ...(name === 'windows' ? eap : named) },
      after: rekeyBothWays,
    });
  return list;
}

async function ping(client: LiveClient): Promise<void> {
  const { configuration } = client.initiator.session;
  const own = configuration.find(({ attribute }) => attribute === CfgAttribute.INTERNAL_IP4_ADDRESS)?.value;
  if (own === undefined) throw new Error('no address was assigned');
  const before = client.packets.length;
  const packet = echoRequest(own, address(INNER_GATEWAY), before + 1, utf8('there and back'));
  await client.run(client.initiator.sendPackets([packet], Date.now()));
  await client.until('an echo', () => client.packets.length > before);
}

/** Child and IKE SA, begun by the client and begun by strongSwan; a packet goes both ways after each. */
async function rekeyBothWays(client: LiveClient, directory: string): Promise<void> {
  const { initiator } = client;
  const child = () => initiator.session.child?.terms.ownSpi;
  const ike = () => initiator.session.current?.SPIi;
  const quiet = () => initiator.session.sas.length === 1 && initiator.session.children.size === 1;
  for (const [what, begin, read] of [
    ['rekeyed child', () => client.run(initiator.rekeyChild(Date.now())), child],
    ['rekeyed IKE SA', () => client.run(initiator.rekeyIke(Date.now())), ike],
    ['child rekeyed by strongSwan', async () => void swanctl(directory, '--rekey', '--child', 'net'), child],
    [
      'IKE SA rekeyed by strongSwan',
      async () => void swanctl(directory, '--rekey', '--ike', connection(directory)),
      ike,
    ],
    ['child rekeyed on that', () => client.run(initiator.rekeyChild(Date.now())), child],
  ] as const) {
    const before = read();
    await begin();
    await client.until(what, () => read() !== before && quiet());
    await ping(client);
  }
}

async function move(client: LiveClient): Promise<void> {
  await client.run(client.initiator.move(address(CLIENT_ADDRESS_AFTER_MOVE), Date.now()));
  await client.until('UPDATE_SA_ADDRESSES', () => client.initiator.session.current?.flight === null);
  await ping(client);
  await client.run(client.initiator.liveness(Date.now()));
  await client.until('liveness', () => client.initiator.session.current?.flight === null);
}

function connection(directory: string): string {
  return /list-sa event \{(\S+) /.exec(swanctl(directory, '--list-sas', '--raw'))?.[1] ?? 'psk';
}

async function inside(directory: string): Promise<void> {
  const certificates = materials(directory);
  const { trust, certificateRequest } = authorityIn(directory);
  const only = process.argv[4];
  let failed = 0;
  for (const { name, settings, after } of scenarios(certificates)) {
    if (only !== undefined && !name.includes(only)) continue;
    const client = new LiveClient({
      primitives: workerPrimitives(),
      localAddress: address(CLIENT_ADDRESS),
      gatewayAddress: address(GATEWAY_ADDRESS),
      configuration: [CfgAttribute.INTERNAL_IP4_ADDRESS, CfgAttribute.INTERNAL_IP4_DNS],
      trust,
      certificateRequest,
      ...settings,
    } as InitiatorSettings);
    for (const on of [CLIENT_ADDRESS, CLIENT_ADDRESS_AFTER_MOVE]) await client.bind(on);
    const failure = await run(client, directory, after).catch((error: Error) => error.message);
    const { complaints } = client.initiator.journal;
    const bad = failure !== null || complaints.length > 0;
    if (bad) failed++;
    console.log(`${bad ? 'FAIL' : 'ok  '} ${name}${failure === null ? '' : `: ${failure}`}`, complaints.join('; '));
    if (bad) console.log(client.initiator.journal.arrows().join('\n'), client.initiator.journal.ignored);
    client.stop();
  }
  process.exitCode = failed === 0 ? 0 : 1;
}

async function run(client: LiveClient, directory: string, after: Scenario['after']): Promise<null> {
  await client.established();
  await ping(client);
  await after?.(client, directory);
  await client.run(client.initiator.close(Date.now()));
  await client.until('Delete', () => client.initiator.phase === 'closed');
  return null;
}

const CERTIFICATES: Record<string, { kind: KeyKind; method: number; scheme: SignatureScheme }> = {
  classic: { kind: 'p256', method: AuthMethod.ECDSA_SHA256_P256, scheme: { kind: 'ecdsa', hash: 'sha256', raw: true } },
  'rsa-sha1': { kind: 'rsa', method: AuthMethod.RSA_SIGNATURE, scheme: { kind: 'rsa-pkcs1', hash: 'sha1' } },
  ecdsa: { kind: 'p384', method: AuthMethod.DIGITAL_SIGNATURE, scheme: { kind: 'ecdsa', hash: 'sha384', raw: false } },
  rsa: { kind: 'rsa', method: AuthMethod.DIGITAL_SIGNATURE, scheme: { kind: 'rsa-pkcs1', hash: 'sha256' } },
  pss: {
    kind: 'rsa',
    method: AuthMethod.DIGITAL_SIGNATURE,
    scheme: { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 },
  },
};

/** What the outer process made, read again in the namespace. */
function materials(directory: string): Record<string, Authentication> {
  const read = (name: string) => new Uint8Array(readFileSync(join(directory, 'client', name)));
  const certificates: Record<string, Authentication> = {};
  for (const [name, { method, scheme }] of Object.entries(CERTIFICATES)) {
    const [chain, privateKey] = [[read(`${name}.der`)], read(`${name}.key`)];
    certificates[name] = { kind: 'certificate', chain, privateKey, method, scheme };
  }
  return certificates;
}

function authorityIn(directory: string) {
  const der = new Uint8Array(readFileSync(join(directory, 'swanctl/x509ca/authority.der')));
  return { trust: trusting(der), certificateRequest: keyHashOf(der) };
}

async function outside(): Promise<void> {
  const authority = await createAuthority('Culvert test');
  const gateway = await issue(authority, { name: GATEWAY_NAME, dns: [GATEWAY_NAME], forServer: true });
  const responder = new Responder();
  try {
    mkdirSync(join(responder.directory, 'client'));
    for (const [name, { kind }] of Object.entries(CERTIFICATES)) {
      const issued = await issue(authority, { name, dns: [`${name}.devices.example`], kind });
      writeFileSync(join(responder.directory, 'client', `${name}.der`), issued.der);
      writeFileSync(join(responder.directory, 'client', `${name}.key`), issued.privateKey);
    }
    responder.start(authority, gateway);
    await responder.load();
    const again = ['--import', 'tsx', fileURLToPath(import.meta.url), '--inside', responder.directory];
    const only = process.argv.slice(2);
    execFileSync('ip', ['netns', 'exec', CLIENT_HOST, process.execPath, ...again, ...only], { stdio: 'inherit' });
  } catch (error) {
    console.log(responder.log().split('\n').slice(-150).join('\n'));
    throw error;
  } finally {
    responder.stop();
  }
}

await (process.argv[2] === '--inside' ? inside(process.argv[3]!) : outside());
