// Configuration profiles of iOS, iPadOS and macOS: .mobileconfig, a property list of payloads (Apple, Device Management: TopLevel).

import { appleVpn } from './apple-vpn.ts';
import { enclosedPassword, memberPkcs12, pkcs12Password } from './credential.ts';
import { certificateOf, textFile } from './file.ts';
import { appleSteps } from './apple-steps.ts';
import { connectionName, displayName, objectName } from './names.ts';
import { emitPlist, type PlistDictionary } from './plist.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from './profile.ts';

const MIME = 'application/x-apple-aspen-config';
/** The system begins to offer an update so long before the certificate ends. */
const RENEW_MS = 14 * 86_400_000;

export const apple: ProfileFormat = {
  id: 'apple',
  label: 'Apple profile (.mobileconfig)',
  for: ['device'],
  auth: ['cert', 'eap', 'psk'],
  systems: ['ios', 'ipados', 'macos'],
  extension: 'mobileconfig',
  mime: MIME,
  anyPort: false,
  enclosesPassword: true,
  steps: appleSteps,
  make: makeApple,
};

function makeApple(input: ProfileInput): ProfileFile[] {
  const content = [vpnPayload(input), ...identityPayloads(input), ...authorityPayloads(input)];
  const { options, member } = input;
  const expires = member.auth === 'cert' ? new Date(certificateOf(input).notAfter - RENEW_MS) : undefined;
  const profile: PlistDictionary = {
    ...payload(input, 'profile', 'Configuration', connectionName(input)),
    PayloadDescription: `Connects this device to the network ${displayName(input.network.name)}.`,
    PayloadOrganization: displayName(options.organisationName),
    PayloadRemovalDisallowed: false,
    PayloadExpirationDate: expires,
    PayloadContent: content,
  };
  return [textFile(`${objectName(member.name)}.mobileconfig`, emitPlist(profile), MIME)];
}

/** What every payload begins with. A profile of the same PayloadIdentifier is replaced. */
function payload(input: ProfileInput, purpose: string, type: string, name: string): PlistDictionary {
  const profile = `net.culvert.${input.options.uuid('apple profile')}`;
  return {
    PayloadType: type,
    PayloadVersion: 1,
    PayloadIdentifier: purpose === 'profile' ? profile : `${profile}.${purpose}`,
    PayloadUUID: input.options.uuid(`apple ${purpose}`).toUpperCase(),
    PayloadDisplayName: name,
  };
}

function vpnPayload(input: ProfileInput): PlistDictionary {
  const identity = input.member.auth === 'cert' ? input.options.uuid('apple identity').toUpperCase() : null;
  return {
    ...payload(input, 'vpn', 'com.apple.vpn.managed', connectionName(input)),
    ...appleVpn(input, identity),
  };
}

function identityPayloads(input: ProfileInput): PlistDictionary[] {
  if (input.member.auth !== 'cert') return [];
  const name = `Certificate of ${displayName(input.member.name)}`;
  return [
    {
      ...payload(input, 'identity', 'com.apple.security.pkcs12', name),
      PayloadCertificateFileName: `${objectName(input.member.name)}.p12`,
      PayloadContent: memberPkcs12(input),
      Password: enclosedPassword(input) === null ? undefined : pkcs12Password(input),
      KeyIsExtractable: false,
    },
  ];
}

/** A root inside the PKCS#12 would not be trusted, so each authority is a payload of its own. */
function authorityPayloads(input: ProfileInput): PlistDictionary[] {
  if (input.member.auth === 'psk') return [];
  return input.gateway.caCertificates.map((der, i) => ({
    ...payload(
      input,
      `authority-${i}`,
      i === 0 ? 'com.apple.security.root' : 'com.apple.security.pkcs1',
      displayName(i === 0 ? input.gateway.caCommonName : `${input.gateway.caCommonName} ${i}`),
    ),
    PayloadCertificateFileName: `authority-${i}.cer`,
    PayloadContent: der,
  }));
}
