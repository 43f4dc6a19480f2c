// Sites with Cisco IOS-XE 17: commands for the configuration mode. A tunnel interface with one SA a line of its access list.

import { Buffer } from 'node:buffer';
import { emitPem } from '../ca/pem.ts';
import { enclosedPassword, memberPkcs12, passwordWords, pkcs12Password } from './credential.ts';
import { rootOf, secretOf, textFile } from './file.ts';
import { rekeySeconds } from './lifetimes.ts';
import { bareWord, connectionName, displayName, objectName } from './names.ts';
import { isAddress, isIpv4, readPrefixes, selectorPairs, withMask, withWildcard } from './prefixes.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';

const MIME = 'text/plain; charset=utf-8';
const TUNNEL = 'Tunnel100';
const LIFETIME = { least: 120, most: 86_400 };

export const cisco: ProfileFormat = {
  id: 'cisco',
  label: 'Cisco IOS-XE',
  for: ['site'],
  auth: ['cert', 'psk'],
  systems: ['cisco'],
  extension: 'txt',
  mime: MIME,
  anyPort: false,
  enclosesPassword: true,
  steps,
  make(input: ProfileInput): ProfileFile[] {
    return [textFile(`${name(input)}.txt`, emitCommands(input), MIME)];
  },
};

function emitCommands(input: ProfileInput): string {
  const sections = [
    `! The site ${displayName(input.member.name)}: ${connectionName(input)}, for IOS-XE 17.`,
    ...(input.member.auth === 'cert' ? trust(input) : keyring(input)),
    ...ike(input),
    ...ipsec(input),
    ...tunnel(input),
  ];
  return `${sections.join('\n')}\n`;
}

/** The import asks for what follows it, line by line. */
function trust(input: ProfileInput): string[] {
  const own = name(input);
  const pkcs12 =
    Buffer.from(memberPkcs12(input))
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const password = enclosedPassword(input) === null ? 'PASSWORD' : pkcs12Password(input);
  return [
    'crypto pki trustpoint culvert-root',
    ' enrollment terminal pem',
    ' revocation-check none',
    'crypto pki authenticate culvert-root',
    emitPem('CERTIFICATE', rootOf(input)).trimEnd(),
    'quit',
    `crypto pki import ${own} pkcs12 terminal password ${bareWord(password, 'password of the certificate')}`,
    ...pkcs12,
    'quit',
    `crypto pki trustpoint ${own}`,
    ' revocation-check none',
  ];
}

function keyring(input: ProfileInput): string[] {
  return [
    `crypto ikev2 keyring ${name(input)}`,
    ' peer culvert',
    // Who begins looks a key up by address. One that is not known in advance is any: the profile says who may answer.
    `  address ${isAddress(input.gateway.address) ? input.gateway.address : '0.0.0.0 0.0.0.0'}`,
    `  pre-shared-key ${bareWord(secretOf(input), 'pre-shared key')}`,
  ];
}

function ike(input: ProfileInput): string[] {
  const { gateway, network, member } = input;
  const own = name(input);
  const remote = isAddress(gateway.name) ? 'address' : 'fqdn';
  return [
    `crypto ikev2 proposal ${own}`,
    ' encryption aes-gcm-256',
    ' prf sha384',
    ' group 20',
    `crypto ikev2 policy ${own}`,
    ' match fvrf any',
    ` proposal ${own}`,
    `crypto ikev2 profile ${own}`,
    ` match identity remote ${remote} ${bareWord(gateway.name, 'name of the gateway')}`,
    ` identity local fqdn ${bareWord(member.identity, 'identity')}`,
    ...(member.auth === 'psk'
      ? [' authentication local pre-share', ' authentication remote pre-share', ` keyring local ${own}`]
      : [
          ...[' authentication local ecdsa-sig', ' authentication remote ecdsa-sig'],
          ...[` pki trustpoint ${own} sign`, ' pki trustpoint culvert-root verify'],
        ]),
    ' no config-exchange request',
    ` lifetime ${lifetime(network.ikeLifetimeSeconds)}`,
    ' dpd 30 5 periodic',
    ' nat keepalive 20',
    'crypto ikev2 fragmentation mtu 1200',
  ];
}

function ipsec(input: ProfileInput): string[] {
  const own = name(input);
  const lines = pairsOf(input).map(({ local, remote }) => ` permit ip ${withWildcard(local)} ${withWildcard(remote)}`);
  return [
    `ip access-list extended ${own}`,
    ...lines,
    `crypto ipsec transform-set ${own} esp-gcm 256`,
    ' mode tunnel',
    `crypto ipsec profile ${own}`,
    ` set transform-set ${own}`,
    ' set pfs group20',
    ` set security-association lifetime seconds ${lifetime(input.network.childLifetimeSeconds)}`,
    ' set security-association lifetime kilobytes disable',
    ` set ikev2-profile ${own}`,
    // A peer that restarted is told about SAs that it has lost.
    'crypto isakmp invalid-spi-recovery',
  ];
}

function tunnel(input: ProfileInput): string[] {
  const own = name(input);
  const { mtu } = input.network;
  const routes = readPrefixes(input.network.reach).filter(isIpv4);
  return [
    `interface ${TUNNEL}`,
    ` description ${displayName(connectionName(input))}`,
    ' ip unnumbered GigabitEthernet1',
    ` ip mtu ${mtu}`,
    ` ip tcp adjust-mss ${mtu - 40}`,
    ' tunnel source GigabitEthernet1',
    ' tunnel mode ipsec ipv4',
    ` tunnel destination ${bareWord(input.gateway.address, 'address of the gateway')}`,
    ` tunnel protection ipsec policy ipv4 ${own}`,
    ` tunnel protection ipsec profile ${own}`,
    'exit',
    ...routes.map((prefix) => `ip route ${withMask(prefix)} ${TUNNEL}`),
    'end',
  ];
}

/** IPv4 only: an interface of this mode carries no other. */
function pairsOf(input: ProfileInput): ReturnType<typeof selectorPairs> {
  return selectorPairs(input).filter(({ local }) => isIpv4(local));
}

function lifetime(seconds: number): number {
  return Math.max(LIFETIME.least, Math.min(LIFETIME.most, rekeySeconds(seconds)));
}

function name({ member }: ProfileInput): string {
  return `culvert-${objectName(member.name, 20)}`;
}

function steps(input: ProfileInput): string[] {
  const isCert = input.member.auth === 'cert';
  const hasIpv6 = readPrefixes(input.member.prefixes).some((prefix) => !isIpv4(prefix));
  return [
    `In the file, replace GigabitEthernet1 by the interface that leads to the Internet, and ${TUNNEL} if that number is taken.`,
    ...(isCert && enclosedPassword(input) === null ? [`Replace the word PASSWORD by ${passwordWords(input)}.`] : []),
    ...(isCert
      ? [
          'Paste the certificates by themselves first: the router asks whether to accept the root, to which the answer is yes.',
        ]
      : []),
    `Enter configure terminal and paste ${name(input)}.txt. Several SAs on one tunnel interface take IOS-XE 16.12 or later.`,
    'Except the prefixes of the network from NAT: deny them at the top of the access list that NAT uses.',
    'What to check on the box: show crypto ikev2 sa says READY; show crypto ipsec sa interface Tunnel100 shows an SA for each line of the access list; show crypto session detail tells since when.',
    'If it does not come up: debug crypto ikev2 error. Save with write memory once it works.',
    ...(hasIpv6 ? ['IPv6 prefixes of the site are not part of this configuration.'] : []),
    'When the network gets another site, take this configuration again: each pair of prefixes is a line of the access list.',
    'Delete the file: it holds what proves this site.',
  ];
}
