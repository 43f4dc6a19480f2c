// strongSwan for Android: .sswan, a JSON object (strongSwan, Android VPN client profiles).

import { Buffer } from 'node:buffer';
import { memberPkcs12, passwordWords } from './credential.ts';
import { rootOf, secretOf, textFile } from './file.ts';
import { connectionName, objectName } from './names.ts';
import { unusualPort } from './ports.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';
import { ESP_PROPOSAL, IKE_PROPOSAL } from './suites.ts';

const MIME = 'application/vnd.strongswan.profile';
/** Bounds that the app sets. */
const LEAST_MTU = 1280;
const MOST_MTU = 1500;

export const sswan: ProfileFormat = {
  id: 'sswan',
  label: 'strongSwan for Android (.sswan)',
  for: ['device'],
  auth: ['cert', 'eap'],
  systems: ['android'],
  extension: 'sswan',
  mime: MIME,
  anyPort: true,
  enclosesPassword: false,
  steps,
  make(input: ProfileInput): ProfileFile[] {
    const profile = `${JSON.stringify(sswanProfile(input), null, 2)}\n`;
    return [textFile(`${objectName(input.member.name)}.sswan`, profile, MIME)];
  },
};

/** The app proposes all addresses and the gateway narrows, so no subnets stand here: a new site needs no new profile. */
function sswanProfile(input: ProfileInput): object {
  const { gateway, network, member, options } = input;
  const port = unusualPort(input);
  return {
    uuid: options.uuid('sswan'),
    name: connectionName(input),
    type: member.auth === 'cert' ? 'ikev2-cert' : 'ikev2-eap',
    remote: {
      addr: gateway.address,
      ...(port === null ? {} : { port }),
      id: gateway.name,
      cert: base64(rootOf(input)),
      // The authorities of the deployment publish no lists.
      revocation: { crl: false, ocsp: false },
    },
    local:
      member.auth === 'cert'
        ? { id: member.identity, p12: base64(memberPkcs12(input)) }
        : { id: member.identity, eap_id: member.identity, shared_secret: secretOf(input) },
    'ike-proposal': IKE_PROPOSAL,
    'esp-proposal': ESP_PROPOSAL,
    mtu: Math.max(LEAST_MTU, Math.min(MOST_MTU, network.mtu)),
    ...(options.fullTunnel ? { 'split-tunneling': { 'block-ipv4': true, 'block-ipv6': true } } : {}),
  };
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}

function steps(input: ProfileInput): string[] {
  const { member } = input;
  return [
    'Install "strongSwan VPN Client" from Google Play or F-Droid.',
    'Open the link on the phone, or point its camera at the QR code, and choose strongSwan to open the profile. From the app Downloads it opens only if the server named its type; in strongSwan: ⋮ → Import VPN profile.',
    ...(member.auth === 'cert'
      ? [
          `Tap "Import certificate from VPN profile". Android asks for a password: type ${passwordWords(input)}. Choose "VPN & app user certificate" if it asks what for.`,
          'If Android says that the password is wrong though it is not, take the profile again: the file was changed on its way.',
        ]
      : []),
    'Tap Import, then the new profile, and allow strongSwan to make VPN connections.',
    ...(input.options.fullTunnel
      ? ['With this profile nothing leaves the phone beside the tunnel while it is connected.']
      : []),
    'Only one VPN runs at a time on Android: end any other one first.',
    'Delete the downloaded file: whoever has it can connect as this device. A later profile takes the place of this one.',
  ];
}
