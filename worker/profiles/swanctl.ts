// A profile for strongSwan: a folder that its SWANCTL_DIR takes as it is.

import { certificateFile, certificateOf, privateKeyFile, rootOf, secretOf, textFile } from './file.ts';
import { rekeySeconds } from './lifetimes.ts';
import { displayName, objectName } from './names.ts';
import { unusualPort } from './ports.ts';
import { familiesOf, formatPrefix, readPrefixes } from './prefixes.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';
import { ESP_PROPOSAL, IKE_PROPOSAL } from './suites.ts';
import { type ConfSection, emitComment, emitConf, secretValue } from './swanctl-conf.ts';

const ROOT_FILE = 'culvert-root.pem';
const IKE_PROPOSALS = `${IKE_PROPOSAL}, aes256gcm16-prfsha256-curve25519`;
const ESP_PROPOSALS = `${ESP_PROPOSAL}, aes256gcm16-curve25519, aes256gcm16`;

/** swanctl looks into all of them, and complains of each that is not there. */
export const SWANCTL_FOLDERS: readonly string[] = [
  ...['x509', 'x509ca', 'x509ocsp', 'x509aa', 'x509ac', 'x509crl', 'pubkey'],
  ...['private', 'rsa', 'ecdsa', 'bliss', 'pkcs8', 'pkcs12'],
];

export const swanctl: ProfileFormat = {
  id: 'swanctl',
  label: 'strongSwan on Linux (folder for swanctl)',
  for: ['device', 'site'],
  auth: ['cert', 'eap', 'psk'],
  systems: ['linux', 'strongswan'],
  extension: 'conf',
  mime: 'text/plain; charset=utf-8',
  anyPort: true,
  enclosesPassword: true,
  steps,
  make: makeSwanctl,
};

function makeSwanctl(input: ProfileInput): ProfileFile[] {
  const { member } = input;
  const name = objectName(member.name);
  const files = [textFile('swanctl.conf', `${header(input)}\n${emitConf(settings(input))}`)];
  if (member.auth !== 'psk') files.push(certificateFile(`x509ca/${ROOT_FILE}`, rootOf(input)));
  if (member.auth !== 'cert') return files;
  const { der, pkcs8 } = certificateOf(input);
  return [...files, certificateFile(`x509/${name}.pem`, der), privateKeyFile(`private/${name}.pem`, pkcs8)];
}

function header(input: ProfileInput): string {
  const { network, member, options } = input;
  const connect = options.start
    ? 'swanctl --load-all (it connects by itself)'
    : `swanctl --load-all && swanctl --initiate --child ${childName(input)}`;
  const lines = [
    `The ${member.kind} '${displayName(member.name)}' of the Culvert network '${displayName(network.name)}', for strongSwan 5.9 or later.`,
    'This folder holds secrets of one member: one copy, on one machine.',
    `Connect: ${connect}`,
  ];
  if (member.kind === 'site') {
    lines.push(
      'With the plugin kernel-libipsec this machine needs an address of its own inside each prefix of local_ts.',
    );
  }
  return lines.map(emitComment).join('');
}

function settings(input: ProfileInput): ConfSection {
  const { member } = input;
  const id = member.identity;
  const secrets =
    member.auth === 'cert'
      ? undefined
      : {
          [`${member.auth === 'psk' ? 'ike' : 'eap'}-${objectName(member.name)}`]: {
            id,
            secret: secretValue(secretOf(input)),
          },
        };
  return { connections: { [childName(input)]: connection(input) }, secrets };
}

function connection(input: ProfileInput): ConfSection {
  const { network, gateway, member, options } = input;
  const isSite = member.kind === 'site';
  const port = unusualPort(input);
  const vips = [...(network.ipv4 === null ? [] : ['0.0.0.0']), ...(network.ipv6 === null ? [] : ['::'])];
  return {
    version: '2',
    remote_addrs: gateway.address,
    remote_port: port === null ? undefined : String(port),
    vips: isSite ? undefined : vips.join(', '),
    proposals: IKE_PROPOSALS,
    rekey_time: `${rekeySeconds(network.ikeLifetimeSeconds)}s`,
    dpd_delay: '30s',
    mobike: isSite ? 'no' : 'yes',
    keyingtries: options.start ? '0' : undefined,
    send_cert: 'always',
    local: local(input),
    remote: remote(input),
    children: { [childName(input)]: child(input) },
  };
}

function local({ member }: ProfileInput): ConfSection {
  const id = member.identity;
  switch (member.auth) {
    case 'cert':
      return { auth: 'pubkey', certs: `${objectName(member.name)}.pem`, id };
    case 'eap':
      return { auth: 'eap-mschapv2', id, eap_id: id };
    case 'psk':
      return { auth: 'psk', id };
  }
}

function remote({ member, gateway }: ProfileInput): ConfSection {
  const { name: id } = gateway;
  return member.auth === 'psk' ? { auth: 'psk', id } : { auth: 'pubkey', id, cacerts: ROOT_FILE };
}

/** Asks for everything: the gateway narrows it to what can be reached, so that a new site needs no new profile. */
function child(input: ProfileInput): ConfSection {
  const { network, member, options } = input;
  const locals = readPrefixes(member.prefixes).map(formatPrefix).join(', ');
  return {
    local_ts: member.kind === 'site' ? locals : undefined,
    remote_ts: familiesOf(input)
      .map((family) => (family === 4 ? '0.0.0.0/0' : '::/0'))
      .join(', '),
    esp_proposals: ESP_PROPOSALS,
    rekey_time: `${rekeySeconds(network.childLifetimeSeconds)}s`,
    dpd_action: 'restart',
    start_action: options.start ? 'start' : undefined,
    close_action: options.start ? 'start' : undefined,
  };
}

function childName({ network }: ProfileInput): string {
  return objectName(network.name);
}

function steps(input: ProfileInput): string[] {
  const { member, options } = input;
  const initiate = `sudo swanctl --initiate --child ${childName(input)}`;
  return [
    'Install strongSwan 5.9 or later with swanctl: "sudo apt install charon-systemd strongswan-swanctl" on Debian and Ubuntu, with libcharon-extra-plugins where a password is used.',
    'Copy this folder to the machine. To keep it beside other connections, put swanctl.conf into /etc/swanctl/conf.d/ under a name of its own, and the contents of x509, x509ca and private into the folders of the same names.',
    options.start
      ? 'Load it: sudo swanctl --load-all (or SWANCTL_DIR=FOLDER swanctl --load-all for the folder by itself). It connects by itself and stays connected.'
      : `Load it and connect: sudo swanctl --load-all && ${initiate} (SWANCTL_DIR=FOLDER before swanctl takes the folder by itself).`,
    'Look at it: sudo swanctl --list-sas',
    ...(member.kind === 'site'
      ? [
          'Let the machine route: sudo sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1, kept in /etc/sysctl.d/.',
          'What to check on the box: the other machines of the site send traffic for the network to this one; its firewall forwards between them and the tunnel; source NAT on its way out leaves such packets alone.',
        ]
      : []),
  ];
}
