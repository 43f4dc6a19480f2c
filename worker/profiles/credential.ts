// A member's certificate and key as one PKCS#12 file, and who tells its password.

import { certificateOf } from './file.ts';
import { connectionName, displayName, objectName } from './names.ts';
import { emitPkcs12 } from './pkcs12.ts';
import type { ProfileInput } from './profile.ts';

export const PKCS12_MIME = 'application/x-pkcs12';

export function memberPkcs12(input: ProfileInput): Uint8Array {
  return emitPkcs12(certificateOf(input), certificateName(input), pkcs12Password(input));
}

/** As a person chooses it from a list, or a router's configuration calls it. */
export function certificateName(input: ProfileInput): string {
  const { member } = input;
  return member.kind === 'site'
    ? `culvert-${objectName(member.name)}`
    : `${connectionName(input)} ${displayName(member.name, 'device', 32)}`;
}

export function pkcs12Password({ options }: ProfileInput): string {
  return options.pkcs12Password || options.uuid('pkcs12-password');
}

/** The password where nobody was given one to type, and the file may hold it. */
export function enclosedPassword(input: ProfileInput): string | null {
  return input.options.pkcs12Password ? null : pkcs12Password(input);
}

/** How a step speaks of it. */
export function passwordWords(input: ProfileInput): string {
  const enclosed = enclosedPassword(input);
  return enclosed === null ? 'the certificate password that was shown with this profile' : `the password ${enclosed}`;
}
