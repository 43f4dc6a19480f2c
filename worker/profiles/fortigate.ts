// Sites with FortiGate, FortiOS 7: commands for the CLI. One pair of prefixes a phase 2.

import { emitPem } from '../ca/pem.ts';
import { certificateOf, rootOf, secretOf, textFile } from './file.ts';
import { rekeySeconds } from './lifetimes.ts';
import { bareWord, connectionName, displayName, objectName } from './names.ts';
import {
  formatPrefix,
  isAddress,
  isIpv4,
  type Prefix,
  readPrefixes,
  type SelectorPair,
  selectorPairs,
  withMask,
} from './prefixes.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';

const MIME = 'text/plain; charset=utf-8';
/** Of the name of an interface. */
const LONGEST_NAME = 15;
const LONGEST_COMMENT = 60;

export const fortigate: ProfileFormat = {
  id: 'fortigate',
  label: 'Fortinet FortiGate',
  for: ['site'],
  auth: ['cert', 'psk'],
  systems: ['fortigate'],
  extension: 'conf',
  mime: MIME,
  anyPort: false,
  enclosesPassword: true,
  steps,
  make(input: ProfileInput): ProfileFile[] {
    return [textFile(`${name(input)}.conf`, emitCommands(input), MIME)];
  },
};

/** A block of the CLI: what follows `config`, its entries and their lines. */
interface Block {
  readonly path: string;
  readonly entries: readonly (readonly [id: string, lines: readonly string[]])[];
}

function emitCommands(input: ProfileInput): string {
  const pairs = selectorPairs(input);
  const blocks: Block[] = [
    ...(input.member.auth === 'cert' ? certificateBlocks(input) : []),
    { path: 'vpn ipsec phase1-interface', entries: [[name(input), phase1(input)]] },
    {
      path: 'vpn ipsec phase2-interface',
      entries: pairs.map((pair, i) => [`${name(input)}-${i + 1}`, phase2(input, pair)]),
    },
    ...routeBlocks(input),
    { path: 'firewall policy', entries: [policy(input, 'out'), policy(input, 'in')] },
  ];
  const header = `# The site ${displayName(input.member.name)}: ${connectionName(input)}, for FortiOS 7.\n`;
  return (
    header +
    blocks
      .filter(({ entries }) => entries.length > 0)
      .map(emitBlock)
      .join('')
  );
}

function emitBlock({ path, entries }: Block): string {
  const texts = entries.map(([id, lines]) => {
    const set = lines.map((line) => `        set ${line}\n`).join('');
    return `    edit ${id === '0' ? id : quoted(id)}\n${set}    next\n`;
  });
  return `config ${path}\n${texts.join('')}end\n`;
}

function certificateBlocks(input: ProfileInput): Block[] {
  const { der, pkcs8 } = certificateOf(input);
  const pem = (text: string) => `"${text.trimEnd()}"`;
  return [
    {
      path: 'vpn certificate ca',
      entries: [['culvert-root', [`ca ${pem(emitPem('CERTIFICATE', rootOf(input)))}`]]],
    },
    {
      path: 'vpn certificate local',
      entries: [
        [
          name(input),
          [`private-key ${pem(emitPem('PRIVATE KEY', pkcs8))}`, `certificate ${pem(emitPem('CERTIFICATE', der))}`],
        ],
      ],
    },
    // Whose certificate is taken: without it, one of any authority that the box knows.
    {
      path: 'user peer',
      entries: [
        ['culvert-gateway', ['ca "culvert-root"', `cn ${quoted(bareWord(input.gateway.name, 'name of the gateway'))}`]],
      ],
    },
  ];
}

function phase1(input: ProfileInput): string[] {
  const { gateway, network, member } = input;
  const address = bareWord(gateway.address, 'address of the gateway');
  const byName = !isAddress(address);
  return [
    ...(byName ? ['type ddns', `remotegw-ddns ${quoted(address)}`] : ['type static', `remote-gw ${address}`]),
    'interface "wan1"',
    'ike-version 2',
    'proposal aes256gcm-prfsha384',
    'dhgrp 20',
    `keylife ${rekeySeconds(network.ikeLifetimeSeconds)}`,
    'localid-type fqdn',
    `localid ${quoted(bareWord(member.identity, 'identity'))}`,
    ...(member.auth === 'psk'
      ? ['authmethod psk', `psksecret ${quoted(bareWord(secretOf(input), 'pre-shared key'))}`]
      : ['authmethod signature', `certificate ${quoted(name(input))}`, 'peertype peer', 'peer "culvert-gateway"']),
    ...(member.auth === 'psk' ? ['peertype any'] : []),
    'net-device disable',
    // It misjudges NATs at times; the gateway is reached by UDP only.
    'nattraversal forced',
    'keepalive 20',
    'dpd on-idle',
    'dpd-retryinterval 30',
    `comments ${quoted(displayName(connectionName(input), 'Culvert', LONGEST_COMMENT))}`,
  ];
}

function phase2(input: ProfileInput, { local, remote }: SelectorPair): string[] {
  const selectors = isIpv4(local)
    ? [`src-subnet ${withMask(local)}`, `dst-subnet ${withMask(remote)}`]
    : [
        ...['src-addr-type subnet6', 'dst-addr-type subnet6'],
        ...[`src-subnet6 ${formatPrefix(local)}`, `dst-subnet6 ${formatPrefix(remote)}`],
      ];
  return [
    `phase1name ${quoted(name(input))}`,
    'proposal aes256gcm',
    'pfs enable',
    'dhgrp 20',
    `keylifeseconds ${rekeySeconds(input.network.childLifetimeSeconds)}`,
    'auto-negotiate enable',
    ...selectors,
  ];
}

function routeBlocks(input: ProfileInput): Block[] {
  const remotes = readPrefixes(input.network.reach);
  const entries = (list: readonly Prefix[], format: (prefix: Prefix) => string): Block['entries'] =>
    list.map((prefix) => ['0', [`dst ${format(prefix)}`, `device ${quoted(name(input))}`]]);
  return [
    { path: 'router static', entries: entries(remotes.filter(isIpv4), withMask) },
    {
      path: 'router static6',
      entries: entries(
        remotes.filter((prefix) => !isIpv4(prefix)),
        formatPrefix,
      ),
    },
  ];
}

function policy(input: ProfileInput, way: 'in' | 'out'): Block['entries'][number] {
  const tunnel = quoted(name(input));
  const [from, to] = way === 'out' ? ['"internal"', tunnel] : [tunnel, '"internal"'];
  return [
    '0',
    [
      `name ${quoted(`${name(input)}-${way}`)}`,
      ...[`srcintf ${from}`, `dstintf ${to}`, 'srcaddr "all"', 'dstaddr "all"'],
      ...(hasIpv6(input) ? ['srcaddr6 "all"', 'dstaddr6 "all"'] : []),
      ...['action accept', 'schedule "always"', 'service "ALL"', 'nat disable'],
    ],
  ];
}

function hasIpv6(input: ProfileInput): boolean {
  return selectorPairs(input).some(({ local }) => !isIpv4(local));
}

/** A question mark would call for help where commands are pasted, so it goes with what ends a string. */
function quoted(text: string): string {
  return `"${text.replace(/["\\?`$]/g, '-')}"`;
}

function name({ member }: ProfileInput): string {
  return objectName(`cv-${objectName(member.name)}`, LONGEST_NAME - 3);
}

function steps(input: ProfileInput): string[] {
  const own = name(input);
  return [
    'In the file, replace "wan1" by the interface that leads to the Internet, and "internal" by the one of the site. Work in the VDOM that holds them.',
    `Paste the commands of ${own}.conf into the CLI console, or use System → Configuration → Scripts.`,
    `What to check on the box: get vpn ike gateway ${own} says established; diagnose vpn tunnel list name ${own} shows an SA for each phase 2.`,
    'If it does not come up: diagnose vpn ike log filter name, diagnose debug application ike -1, diagnose debug enable. Both sides may begin at once and leave two SAs of a kind: that is harmless.',
    'The two firewall policies allow everything between the site and the network: narrow them as you need.',
    'When the network gets another site, take this configuration again: each pair of prefixes is a phase 2 of its own.',
    'Delete the file: it holds what proves this site.',
  ];
}
