// Android's own IKEv2 client, 11 and later: it imports no profile, so this is what to type, and the root to trust.

import { binaryFile, rootOf, textFile } from './file.ts';
import { connectionName, displayName } from './names.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';

const MIME = 'text/plain; charset=utf-8';
const ROOT_FILE = 'culvert-root.crt';

/** Its certificates must be RSA, and ours are not: a device with a certificate takes the app. */
export const androidNative: ProfileFormat = {
  id: 'android-native',
  label: 'Android without an app: what to type',
  for: ['device'],
  auth: ['eap', 'psk'],
  systems: ['android'],
  extension: 'txt',
  mime: MIME,
  anyPort: false,
  enclosesPassword: true,
  steps,
  make(input: ProfileInput): ProfileFile[] {
    const numbered = steps(input).map((step, i) => `${i + 1}. ${step}\n`);
    const files = [textFile('steps.txt', numbered.join(''), MIME)];
    if (input.member.auth === 'psk') return files;
    return [...files, binaryFile(ROOT_FILE, rootOf(input), 'application/x-x509-ca-cert')];
  },
};

function steps(input: ProfileInput): string[] {
  const { gateway, member, network } = input;
  const isPsk = member.auth === 'psk';
  return [
    ...(isPsk
      ? []
      : [
          `Open ${ROOT_FILE} on the phone, or Settings → Security → Encryption & credentials → Install a certificate → CA certificate, and install it. Its name is ${displayName(gateway.caCommonName)}.`,
        ]),
    'Settings → Network & internet → VPN → +',
    `Name: ${connectionName(input)}. Type: ${isPsk ? 'IKEv2/IPSec PSK' : 'IKEv2/IPSec MSCHAPv2'}.`,
    `Server address: ${gateway.address}`,
    ...(gateway.address === gateway.name
      ? []
      : [
          `The gateway calls itself ${gateway.name}: this client expects the server address there, so type that name instead if it resolves.`,
        ]),
    `IPSec identifier: ${member.identity}`,
    ...(isPsk
      ? ['IPSec pre-shared key: the one that was shown when the device was added.']
      : [
          `IPSec CA certificate: ${displayName(gateway.caCommonName)}. IPSec server certificate: received from server.`,
          `User name: ${member.identity}. Password: the one that was shown when the device was added.`,
        ]),
    `Save, then tap the entry to connect to ${displayName(network.name)}. Its gear offers "Always-on VPN", which connects by itself.`,
    'Names below the domains of the network are asked of its name servers only while all of the DNS goes there: this client knows no other way.',
  ];
}
