// Sites with libreswan 4 or later: ipsec.conf(5), ipsec.secrets(5), and a PKCS#12 file for its certificate store.

import { certificateName, memberPkcs12, passwordWords, PKCS12_MIME } from './credential.ts';
import { binaryFile, certificateFile, rootOf, secretOf, textFile } from './file.ts';
import { toHex, utf8 } from '../../src/bytes/octets.ts';
import { rekeySeconds } from './lifetimes.ts';
import { bareWord, connectionName, displayName, objectName } from './names.ts';
import { unusualPort } from './ports.ts';
import { formatPrefix, isAddress, selectorPairs } from './prefixes.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';

const MIME = 'text/plain; charset=utf-8';

export const libreswan: ProfileFormat = {
  id: 'libreswan',
  label: 'libreswan',
  for: ['site'],
  auth: ['cert', 'psk'],
  systems: ['linux', 'libreswan'],
  extension: 'conf',
  mime: MIME,
  anyPort: true,
  enclosesPassword: false,
  steps,
  make(input: ProfileInput): ProfileFile[] {
    const name = connName(input);
    const conf = textFile(`${name}.conf`, emitConns(input), MIME);
    if (input.member.auth === 'psk') return [conf, textFile(`${name}.secrets`, emitSecret(input), MIME)];
    return [
      conf,
      binaryFile(`${name}.p12`, memberPkcs12(input), PKCS12_MIME),
      certificateFile('culvert-root.pem', rootOf(input)),
    ];
  },
};

/** One connection a pair of prefixes, which share an IKE SA and all that stands in the first one. */
function emitConns(input: ProfileInput): string {
  const { gateway, network, member, options } = input;
  const name = connName(input);
  const port = unusualPort(input);
  const isPsk = member.auth === 'psk';
  const common = [
    ['ikev2', 'insist'],
    ['authby', isPsk ? 'secret' : 'ecdsa'],
    ['left', '%defaultroute'],
    ['leftid', idOf(member.identity)],
    ...(isPsk
      ? []
      : [
          ['leftcert', certificateName(input)],
          ['leftsendcert', 'always'],
        ]),
    ['right', bareWord(gateway.address, 'address of the gateway')],
    ...(port === null ? [] : [['rightikeport', String(port)]]),
    ['rightid', idOf(gateway.name)],
    ['ike', 'aes_gcm256-sha2_384;dh20'],
    ['esp', 'aes_gcm256-null'],
    // With the group of IKE.
    ['pfs', 'yes'],
    ['ikelifetime', `${rekeySeconds(network.ikeLifetimeSeconds)}s`],
    ['salifetime', `${rekeySeconds(network.childLifetimeSeconds)}s`],
    ['fragmentation', 'yes'],
    ['mobike', 'no'],
    ['dpddelay', '30s'],
    ['dpdtimeout', '120s'],
  ];
  const pairs = selectorPairs(input).map(({ local, remote }, i) =>
    conn(`${name}-${i + 1}`, [
      ['also', name],
      ['leftsubnet', formatPrefix(local)],
      ['rightsubnet', formatPrefix(remote)],
      ['auto', options.start ? 'start' : 'add'],
    ]),
  );
  const header = `# The site ${displayName(member.name)}: ${connectionName(input)}, for libreswan 4 or later.\n`;
  return [header, conn(name, common), ...pairs].join('\n');
}

function conn(name: string, settings: readonly (readonly string[])[]): string {
  return `conn ${name}\n${settings.map(([key, value]) => `    ${key}=${value}\n`).join('')}`;
}

/** In hexadecimal, whatever its characters. */
function emitSecret(input: ProfileInput): string {
  const { member, gateway } = input;
  return `${idOf(member.identity)} ${idOf(gateway.name)} : PSK 0x${toHex(utf8(secretOf(input)))}\n`;
}

/** A host name begins with @, so that it is not looked up. */
function idOf(identity: string): string {
  const word = bareWord(identity, 'identity');
  return isAddress(word) || word.includes('@') ? word : `@${word}`;
}

function connName({ member }: ProfileInput): string {
  return `culvert-${objectName(member.name)}`;
}

function steps(input: ProfileInput): string[] {
  const name = connName(input);
  const { auth } = input.member;
  return [
    ...(auth === 'cert'
      ? [
          `Import the certificate: sudo ipsec import ${name}.p12, with ${passwordWords(input)}.`,
          'Trust the root: sudo certutil -A -d sql:/var/lib/ipsec/nss -n culvert-root -t CT,, -i culvert-root.pem (before libreswan 4: sql:/etc/ipsec.d).',
          `Check that sudo certutil -L -d sql:/var/lib/ipsec/nss lists the certificate under the name that stands after leftcert= in ${name}.conf; write its name there if not.`,
        ]
      : []),
    `sudo install -m 600 -o root ${name}.conf${auth === 'psk' ? ` ${name}.secrets` : ''} /etc/ipsec.d/`,
    'Take packets for the tunnel: sudo sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1, kept in /etc/sysctl.d/.',
    `sudo ipsec restart, or for the first time: sudo systemctl enable --now ipsec`,
    `What to check on the box: sudo ipsec trafficstatus shows ${name}-1 and the others; sudo ipsec status tells why not.`,
    'Source NAT of the box must leave packets between the prefixes alone: sudo iptables -t nat -I POSTROUTING -m policy --dir out --pol ipsec -j ACCEPT',
    'When the network gets another site, take this configuration again: libreswan asks for named prefixes only.',
  ];
}
