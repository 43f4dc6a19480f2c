// A profile for strongSwan: a folder that its SWANCTL_DIR takes as it is.

import { formatPrefix } from '../../src/wire/prefix.ts';
import { emitPem } from '../ca/pem.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { memberIdentity } from '../directory/names.ts';
import type { Network } from '../directory/networks.ts';
import type { Proof } from '../directory/proof.ts';
import { type ConfSection, emitComment, emitConf, secretValue } from './swanctl-conf.ts';

export interface ProfileSource {
  readonly network: Network;
  readonly record: MemberRecord;
  readonly proof: Proof;
  /** Last labels of FQDN identities. */
  readonly domain: string;
  readonly gateway: GatewayAddress;
  /** Families of all addresses that can be reached. */
  readonly families: readonly (4 | 6)[];
  /** Connects as soon as it is loaded. */
  readonly start: boolean;
}

export interface GatewayAddress {
  readonly identity: string;
  /** Name or address to dial. */
  readonly address: string;
  /** UDP port where it is not 500 and 4500: then that of NAT traversal, the only one that such a client uses. */
  readonly port: number | null;
  /** DER of the root. */
  readonly root: Uint8Array;
}

export interface ProfileFile {
  /** Below the profile's folder. */
  readonly path: string;
  readonly mode: 0o600;
  readonly content: string;
}

const ROOT_FILE = 'culvert-root.pem';
const IKE_PROPOSALS = 'aes256gcm16-prfsha384-ecp384, aes256gcm16-prfsha256-curve25519';
const ESP_PROPOSALS = 'aes256gcm16-ecp384, aes256gcm16-curve25519, aes256gcm16';
/** The client is to rekey before the gateway does, which begins at nine tenths. */
const REKEY_PART = 0.75;

/** swanctl looks into all of them, and complains of each that is not there. */
export const SWANCTL_FOLDERS: readonly string[] = [
  ...['x509', 'x509ca', 'x509ocsp', 'x509aa', 'x509ac', 'x509crl', 'pubkey'],
  ...['private', 'rsa', 'ecdsa', 'bliss', 'pkcs8', 'pkcs12'],
];

export function swanctlProfile(source: ProfileSource): ProfileFile[] {
  const { record, proof, gateway } = source;
  const files: ProfileFile[] = [file('swanctl.conf', `${header(source)}\n${emitConf(settings(source))}`)];
  if (proof.auth !== 'psk') files.push(file(`x509ca/${ROOT_FILE}`, emitPem('CERTIFICATE', gateway.root)));
  if (proof.auth === 'cert') {
    files.push(file(`x509/${record.name}.pem`, emitPem('CERTIFICATE', proof.certificate)));
    files.push(file(`private/${record.name}.pem`, emitPem('PRIVATE KEY', proof.privateKey)));
  }
  return files;
}

function header({ network, record, start }: ProfileSource): string {
  const connect = start
    ? 'swanctl --load-all (it connects by itself)'
    : `swanctl --load-all && swanctl --initiate --child ${network.name}`;
  const lines = [
    `The ${record.kind} '${record.name}' of the Culvert network '${network.name}', for strongSwan 5.9 or later.`,
    'This folder holds secrets of one member: one copy, on one machine.',
    `Connect: ${connect}`,
  ];
  if (record.kind === 'site') {
    lines.push(
      'With the plugin kernel-libipsec this machine needs an address of its own inside each prefix of local_ts.',
    );
  }
  return lines.map(emitComment).join('');
}

function settings(source: ProfileSource): ConfSection {
  const { network, record, proof } = source;
  const secret = proof.auth === 'cert' ? undefined : secretValue(proof.secret);
  const kind = proof.auth === 'psk' ? 'ike' : 'eap';
  return {
    connections: { [network.name]: connection(source) },
    secrets: secret === undefined ? undefined : { [`${kind}-${record.name}`]: { id: identity(source), secret } },
  };
}

function connection(source: ProfileSource): ConfSection {
  const { network, record, gateway, start } = source;
  const isSite = record.kind === 'site';
  return {
    version: '2',
    remote_addrs: gateway.address,
    remote_port: gateway.port === null ? undefined : String(gateway.port),
    vips: isSite ? undefined : record.addresses.map(({ length }) => (length === 4 ? '0.0.0.0' : '::')).join(', '),
    proposals: IKE_PROPOSALS,
    rekey_time: `${Math.floor(network.ikeLifetimeSeconds * REKEY_PART)}s`,
    dpd_delay: '30s',
    mobike: isSite ? 'no' : 'yes',
    keyingtries: start ? '0' : undefined,
    send_cert: 'always',
    local: local(source),
    remote: remote(source),
    children: { [network.name]: child(source) },
  };
}

function local(source: ProfileSource): ConfSection {
  const id = identity(source);
  switch (source.proof.auth) {
    case 'cert':
      return { auth: 'pubkey', certs: `${source.record.name}.pem`, id };
    case 'eap':
      return { auth: 'eap-mschapv2', id, eap_id: id };
    case 'psk':
      return { auth: 'psk', id };
  }
}

function remote({ proof, gateway }: ProfileSource): ConfSection {
  const { identity: id } = gateway;
  return proof.auth === 'psk' ? { auth: 'psk', id } : { auth: 'pubkey', id, cacerts: ROOT_FILE };
}

/** Asks for everything: the gateway narrows it to what can be reached, so that a new site needs no new profile. */
function child({ network, record, families, start }: ProfileSource): ConfSection {
  return {
    local_ts: record.kind === 'site' ? record.prefixes.map(formatPrefix).join(', ') : undefined,
    remote_ts: families.map((family) => (family === 4 ? '0.0.0.0/0' : '::/0')).join(', '),
    esp_proposals: ESP_PROPOSALS,
    rekey_time: `${Math.floor(network.childLifetimeSeconds * REKEY_PART)}s`,
    dpd_action: 'restart',
    start_action: start ? 'start' : undefined,
    close_action: start ? 'start' : undefined,
  };
}

function identity({ network, record, domain }: ProfileSource): string {
  const { name, kind, auth } = record;
  return memberIdentity({ name, network: network.label, kind, auth }, domain);
}

function file(path: string, content: string): ProfileFile {
  return { path, mode: 0o600, content };
}
