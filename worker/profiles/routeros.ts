// Sites with MikroTik RouterOS 7: a script for the terminal or /import.

import { utf8 } from '../../src/bytes/octets.ts';
import { enclosedPassword, memberPkcs12, passwordWords, PKCS12_MIME, pkcs12Password } from './credential.ts';
import { binaryFile, certificateFile, rootOf, secretOf, textFile } from './file.ts';
import { rekeySeconds } from './lifetimes.ts';
import { connectionName, displayName, objectName } from './names.ts';
import { unusualPort } from './ports.ts';
import { formatPrefix, isAddress, isIpv4, readPrefixes, selectorPairs } from './prefixes.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';

const MIME = 'text/plain; charset=utf-8';
const ROOT_FILE = 'culvert-root.pem';

export const routeros: ProfileFormat = {
  id: 'routeros',
  label: 'MikroTik RouterOS',
  for: ['site'],
  auth: ['cert', 'psk'],
  systems: ['mikrotik'],
  extension: 'rsc',
  mime: MIME,
  anyPort: true,
  enclosesPassword: true,
  steps,
  make(input: ProfileInput): ProfileFile[] {
    const script = textFile(`${name(input)}.rsc`, emitScript(input), MIME);
    if (input.member.auth === 'psk') return [script];
    return [
      script,
      binaryFile(`${name(input)}.p12`, memberPkcs12(input), PKCS12_MIME),
      certificateFile(ROOT_FILE, rootOf(input)),
    ];
  },
};

function emitScript(input: ProfileInput): string {
  const { gateway, network, member } = input;
  const own = quoted(name(input));
  const port = unusualPort(input);
  const pairs = selectorPairs(input).filter(({ local }) => isIpv4(local));
  const lines = [
    `# The site ${displayName(member.name)}: ${connectionName(input)}, for RouterOS 7.`,
    ...(member.auth === 'cert' ? certificateLines(input) : []),
    `/ip ipsec profile add name=${own} hash-algorithm=sha384 prf-algorithm=sha384 enc-algorithm=aes-256 dh-group=ecp384 lifetime=${rekeySeconds(network.ikeLifetimeSeconds)}s nat-traversal=yes dpd-interval=30s dpd-maximum-failures=4`,
    `/ip ipsec proposal add name=${own} auth-algorithms="" enc-algorithms=aes-256-gcm pfs-group=ecp384 lifetime=${rekeySeconds(network.childLifetimeSeconds)}s`,
    `/ip ipsec peer add name=${own} address=${quoted(gateway.address)}${port === null ? '' : ` port=${port}`} exchange-mode=ike2 profile=${own} send-initial-contact=yes`,
    `/ip ipsec identity add peer=${own} ${identityOf(input)} my-id=${idOf(member.identity)} remote-id=${idOf(gateway.name)} generate-policy=no`,
    ...pairs.map(
      ({ local, remote }) =>
        `/ip ipsec policy add peer=${own} proposal=${own} tunnel=yes level=unique src-address=${formatPrefix(local)} dst-address=${formatPrefix(remote)}`,
    ),
    // Before masquerading, which would hide what the tunnel is for.
    ...pairs.map(({ local, remote }) =>
      first(
        `nat add chain=srcnat action=accept src-address=${formatPrefix(local)} dst-address=${formatPrefix(remote)} comment=${own}`,
      ),
    ),
    ...['in', 'out'].map((way) =>
      first(`filter add chain=forward action=accept ipsec-policy=${way},ipsec comment=${own}`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** A rule before all others; where there is none yet, its place has no number. */
function first(rule: string): string {
  return `:do { /ip firewall ${rule} place-before=0 } on-error={ /ip firewall ${rule} }`;
}

/** Twice, because the first time takes the certificates and the second one the key. */
function certificateLines(input: ProfileInput): string[] {
  const own = quoted(name(input));
  const file = quoted(`${name(input)}.p12`);
  const password = enclosedPassword(input) === null ? '"PASSWORD"' : quoted(pkcs12Password(input));
  const command = `/certificate import file-name=${file} name=${own} passphrase=${password}`;
  return [command, command, `/certificate import file-name=${quoted(ROOT_FILE)} name="culvert-root" passphrase=""`];
}

function identityOf(input: ProfileInput): string {
  return input.member.auth === 'psk'
    ? `auth-method=pre-shared-key secret=${quoted(secretOf(input))}`
    : `auth-method=digital-signature certificate=${quoted(name(input))} match-by=remote-id`;
}

function idOf(identity: string): string {
  const kind = isAddress(identity) ? 'address' : identity.includes('@') ? 'user-fqdn' : 'fqdn';
  return quoted(`${kind}:${identity}`);
}

/** A string in which nothing is expanded: all but letters, digits and harmless signs as \XX of UTF-8. */
function quoted(text: string): string {
  const units = [...utf8(text)].map((octet) => {
    const character = String.fromCharCode(octet);
    return /[\w .:@/,+=-]/.test(character) ? character : `\\${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return `"${units.join('')}"`;
}

function name({ member }: ProfileInput): string {
  return `culvert-${objectName(member.name, 20)}`;
}

function steps(input: ProfileInput): string[] {
  const isCert = input.member.auth === 'cert';
  const script = `${name(input)}.rsc`;
  const hasIpv6 = readPrefixes(input.member.prefixes).some((prefix) => !isIpv4(prefix));
  return [
    isCert
      ? `Upload ${script}, ${name(input)}.p12 and ${ROOT_FILE} under Files (Winbox, WebFig or scp).`
      : `Upload ${script} under Files (Winbox, WebFig or scp).`,
    ...(isCert && enclosedPassword(input) === null
      ? [`Before you upload ${script}, replace both words PASSWORD in it by ${passwordWords(input)}.`]
      : []),
    `In the terminal: /import file-name=${script}. It stops at the first line that fails; a second run stops because names are taken already.`,
    ...(isCert
      ? ['/certificate print must show the letters K and T for the certificate of the router, and T for the root.']
      : []),
    'If the firewall uses fasttrack, except IPsec: add connection-mark=no-mark to that rule and mark IPsec connections, or disable it.',
    'What to check on the box: /ip ipsec active-peers print says established; /ip ipsec policy print shows A for each pair; /log print where topics~"ipsec" tells why not.',
    ...(hasIpv6 ? ['IPv6 prefixes of the site are not part of this script.'] : []),
    'When the network gets another site, take this configuration again: each pair of prefixes is a policy of its own.',
    'Delete the uploaded files afterwards: /file remove [find name~"culvert-"]',
  ];
}
