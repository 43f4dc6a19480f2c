// Windows 10 and 11: a PowerShell script that makes the connection, because one made by hand offers MODP-1024 only.

import { enclosedPassword, memberPkcs12, passwordWords } from './credential.ts';
import { rootOf, textFile } from './file.ts';
import { connectionName, objectName } from './names.ts';
import { formatPrefix, isIpv4, readPrefixes } from './prefixes.ts';
import { psOctets, psString, psStrings } from './powershell.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';
import { WINDOWS_SCRIPT } from './windows-script.ts';

const MIME = 'text/plain; charset=utf-8';
/** All unicast addresses there are: Windows takes no route to ::/0, and keeps its own default route. */
const ALL_IPV6 = '2000::/3';
/** What the name of a connection must not hold, because it names a section and a file. */
const NOT_IN_NAMES = /[\\/:*?"<>|[\]]/g;

export const windows: ProfileFormat = {
  id: 'windows',
  label: 'Windows script (.ps1)',
  for: ['device'],
  auth: ['cert', 'eap'],
  systems: ['windows'],
  extension: 'ps1',
  mime: MIME,
  anyPort: false,
  enclosesPassword: true,
  steps,
  make(input: ProfileInput): ProfileFile[] {
    return [textFile(fileName(input), emitScript(input), MIME)];
  },
};

function emitScript(input: ProfileInput): string {
  const { gateway, network, member, options } = input;
  const isCert = member.auth === 'cert';
  const password = isCert ? enclosedPassword(input) : null;
  const settings = [
    `$Name = ${psString(windowsName(input))}`,
    `$Server = ${psString(gateway.address)}`,
    `$AuthenticationMethod = ${psString(isCert ? 'MachineCertificate' : 'Eap')}`,
    `$SplitTunneling = ${options.fullTunnel ? '$false' : '$true'}`,
    `$Routes = ${psStrings(routes(input))}`,
    `$DnsServers = ${psStrings(network.dns)}`,
    `$DnsSuffixes = ${psStrings(network.dns.length > 0 ? network.domains : [])}`,
    `$Authority = ${psOctets(rootOf(input))}`,
    `$Identity = ${isCert ? psOctets(memberPkcs12(input)) : '$null'}`,
    `$IdentityPassword = ${password === null ? '$null' : psString(password)}`,
  ];
  // The system's own line ends, though it would take others.
  return `${WINDOWS_SCRIPT.begin}\n${settings.join('\n')}\n${WINDOWS_SCRIPT.end}`.replace(/\r?\n/g, '\r\n');
}

/** Windows derives no routes from what the gateway grants. */
function routes({ network, options }: ProfileInput): string[] {
  const prefixes = readPrefixes(network.reach);
  if (options.fullTunnel) return prefixes.every(isIpv4) ? [] : [ALL_IPV6];
  return prefixes.map((prefix) => (prefix.length === 0 && !isIpv4(prefix) ? ALL_IPV6 : formatPrefix(prefix)));
}

function windowsName(input: ProfileInput): string {
  return connectionName(input).replace(NOT_IN_NAMES, '-').replace(/^\.+/, '');
}

function fileName({ member }: ProfileInput): string {
  return `${objectName(member.name)}.ps1`;
}

function steps(input: ProfileInput): string[] {
  const { member } = input;
  const name = windowsName(input);
  const file = fileName(input);
  const run = `powershell -ExecutionPolicy Bypass -File "$HOME\\Downloads\\${file}"`;
  return [
    `Save ${file} in the folder Downloads, signed in as the person who will use the connection. That account must be an administrator: the connection belongs to whoever runs the script.`,
    'Open the Start menu, type "powershell", and choose "Run as administrator". Without that the script says so and changes nothing.',
    `In that window run: ${run}`,
    ...(member.auth === 'cert' && enclosedPassword(input) === null
      ? [`When it asks for the certificate password, type ${passwordWords(input)}.`]
      : []),
    `Connect: click the network symbol in the task bar → VPN → "${name}" → Connect.`,
    ...(member.auth === 'eap'
      ? [
          `Sign in with the user name ${member.identity} and the password that was shown when the device was added. A user name typed wrong the first time is kept: correct it in the settings of the connection.`,
        ]
      : []),
    'When a site is added to the network later, get the script again and run it: Windows takes routes from the script only.',
    `To remove all of it: ${run} -Remove`,
    'Delete the file: whoever has it can connect as this device.',
  ];
}
