// Sites with OpenIKED 7 or later: iked.conf(5).

import { toHex, utf8 } from '../../src/bytes/octets.ts';
import { certificateFile, certificateOf, privateKeyFile, rootOf, secretOf, textFile } from './file.ts';
import { rekeySeconds } from './lifetimes.ts';
import { bareWord, connectionName, displayName, objectName } from './names.ts';
import { formatPrefix, selectorPairs } from './prefixes.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';

const MIME = 'text/plain; charset=utf-8';

export const openiked: ProfileFormat = {
  id: 'openiked',
  label: 'OpenIKED',
  for: ['site'],
  auth: ['cert', 'psk'],
  systems: ['openbsd', 'openiked'],
  extension: 'conf',
  mime: MIME,
  anyPort: false,
  enclosesPassword: true,
  steps,
  make(input: ProfileInput): ProfileFile[] {
    const conf = textFile('iked.conf', emitIkedConf(input), MIME);
    if (input.member.auth === 'psk') return [conf];
    const { der, pkcs8 } = certificateOf(input);
    return [
      conf,
      certificateFile('ca/culvert-root.crt', rootOf(input)),
      certificateFile(`certs/${bareWord(input.member.identity, 'identity')}.crt`, der),
      privateKeyFile('private/local.key', pkcs8),
    ];
  },
};

function emitIkedConf(input: ProfileInput): string {
  const { gateway, network, member, options } = input;
  const flows = selectorPairs(input).map(
    ({ local, remote }) => `    from ${formatPrefix(local)} to ${formatPrefix(remote)}`,
  );
  const policy = [
    `ikev2 "culvert-${objectName(member.name)}" ${options.start ? 'active' : 'passive'} esp`,
    ...flows,
    `    peer ${bareWord(gateway.address, 'address of the gateway')}`,
    '    ikesa enc aes-256-gcm prf hmac-sha2-384 group ecp384',
    '    childsa enc aes-256-gcm group ecp384',
    `    srcid ${bareWord(member.identity, 'identity')} dstid ${bareWord(gateway.name, 'name of the gateway')}`,
    `    ikelifetime ${rekeySeconds(network.ikeLifetimeSeconds)}`,
    `    lifetime ${rekeySeconds(network.childLifetimeSeconds)}`,
    // In hexadecimal, whatever its characters.
    ...(member.auth === 'psk' ? [`    psk 0x${toHex(utf8(secretOf(input)))}`] : []),
  ];
  return `# The site ${displayName(member.name)}: ${connectionName(input)}, for OpenIKED 7 or later.

# A certificate does not fit into one datagram of every path.
set fragmentation
set dpd_check_interval 30

${policy.join(' \\\n')}
`;
}

function steps({ member }: ProfileInput): string[] {
  return [
    'Put iked.conf into /etc/, or its policy into the one that is there, owned by root and with mode 600: doas install -m 600 iked.conf /etc/iked.conf',
    ...(member.auth === 'cert'
      ? [
          'Copy the folders ca, certs and private into /etc/iked/. The key in private/local.key takes the place of the one that the system made; keep that if other policies use it.',
        ]
      : []),
    'Check the syntax: doas iked -n',
    'Let the machine route: doas sysctl net.inet.ip.forwarding=1 net.inet6.ip6.forwarding=1, kept in /etc/sysctl.conf; and let pf(4) pass enc0, and UDP 500 and 4500 to the gateway.',
    'doas rcctl enable iked && doas rcctl start iked',
    'What to check on the box: doas ikectl show sa lists the SAs; doas iked -dvv tells why not.',
    'When the network gets another site, take this configuration again: the policy names its prefixes.',
  ];
}
