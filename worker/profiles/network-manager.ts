// Linux desktops: a key file of NetworkManager for its strongSwan plugin, and the certificates beside it.

import { certificateFile, certificateOf, privateKeyFile, rootOf, secretOf, textFile } from './file.ts';
import { emitKeyfile } from './keyfile.ts';
import { connectionName, objectName } from './names.ts';
import { unusualPort } from './ports.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';
import { ESP_PROPOSAL, IKE_PROPOSAL } from './suites.ts';

const MIME = 'text/plain; charset=utf-8';
const SERVICE = 'org.freedesktop.NetworkManager.strongswan';
/** The plugin refuses shorter ones. */
const LEAST_PSK = 20;

export const networkManager: ProfileFormat = {
  id: 'networkmanager',
  label: 'Linux desktop: NetworkManager (.nmconnection)',
  for: ['device'],
  auth: ['cert', 'eap', 'psk'],
  systems: ['linux'],
  extension: 'nmconnection',
  mime: MIME,
  anyPort: true,
  enclosesPassword: true,
  steps,
  make(input: ProfileInput): ProfileFile[] {
    const files = [textFile(`${fileName(input)}.nmconnection`, emitKeyfile(groups(input)), MIME)];
    if (input.member.auth !== 'psk') files.push(certificateFile('root.pem', rootOf(input)));
    if (input.member.auth !== 'cert') return files;
    const { der, pkcs8 } = certificateOf(input);
    return [...files, certificateFile('certificate.pem', der), privateKeyFile('key.pem', pkcs8)];
  },
};

function groups(input: ProfileInput): Parameters<typeof emitKeyfile>[0] {
  const { network, member, options } = input;
  const port = unusualPort(input);
  const search = network.domains.length > 0 ? `${network.domains.join(';')};` : undefined;
  const family = {
    method: 'auto',
    'dns-search': search,
    // Routes to what the gateway grants come from the plugin.
    'never-default': options.fullTunnel ? undefined : 'true',
  };
  return {
    connection: {
      id: connectionName(input),
      uuid: options.uuid('networkmanager'),
      type: 'vpn',
      autoconnect: options.onDemand ? undefined : 'false',
    },
    vpn: {
      'service-type': SERVICE,
      address: input.gateway.address,
      'server-port': port === null ? undefined : String(port),
      'remote-identity': input.gateway.name,
      'local-identity': member.identity,
      ...proof(input),
      virtual: 'yes',
      proposal: 'yes',
      ike: IKE_PROPOSAL,
      esp: ESP_PROPOSAL,
    },
    ...(member.auth === 'cert' ? {} : { 'vpn-secrets': { password: passwordOf(input) } }),
    ipv4: family,
    ipv6: family,
  };
}

function proof(input: ProfileInput): Record<string, string> {
  const folder = folderOf(input);
  const { auth, identity } = input.member;
  switch (auth) {
    case 'cert':
      return {
        ...{ certificate: `${folder}/root.pem`, method: 'cert', 'cert-source': 'file' },
        ...{ usercert: `${folder}/certificate.pem`, userkey: `${folder}/key.pem` },
      };
    case 'eap':
      return { certificate: `${folder}/root.pem`, method: 'eap', user: identity, 'password-flags': '0' };
    case 'psk':
      return { method: 'psk', user: identity, 'password-flags': '0' };
  }
}

function passwordOf(input: ProfileInput): string {
  const secret = secretOf(input);
  if (input.member.auth === 'psk' && secret.length < LEAST_PSK) {
    throw new Error(`NetworkManager takes pre-shared keys of ${LEAST_PSK} characters or more`);
  }
  return secret;
}

function folderOf(input: ProfileInput): string {
  return `/etc/NetworkManager/culvert/${fileName(input)}`;
}

function fileName({ network, member }: ProfileInput): string {
  return `${objectName(network.name)}-${objectName(member.name)}`;
}

function steps(input: ProfileInput): string[] {
  const name = fileName(input);
  const folder = folderOf(input);
  const certificates = { cert: 'root.pem certificate.pem key.pem', eap: 'root.pem', psk: '' }[input.member.auth];
  return [
    'Install the plugin: "sudo apt install network-manager-strongswan" on Debian and Ubuntu, "sudo dnf install NetworkManager-strongswan-gnome" on Fedora.',
    ...(certificates === ''
      ? []
      : [`In the folder of this profile: sudo install -D -m 600 -o root -t ${folder} ${certificates}`]),
    `sudo install -m 600 -o root ${name}.nmconnection /etc/NetworkManager/system-connections/`,
    'sudo nmcli connection reload',
    `Connect: nmcli connection up uuid ${input.options.uuid('networkmanager')} — or "${connectionName(input)}" under VPN in the network menu of the desktop.`,
    'Delete the copies that you took the files from: whoever has them can connect as this device.',
  ];
}
