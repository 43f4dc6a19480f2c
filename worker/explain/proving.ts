// Who a device says that it is, and why that was not believed. The device itself learns AUTHENTICATION_FAILED and nothing else.

import type { AttemptEvidence } from '../edge/rpc.ts';
import type { Explanation, RowName } from './explanation.ts';
import type { Facts } from './facts.ts';
import { moment } from './moment.ts';
import { seenFrom } from './reaching.ts';

interface Words {
  readonly row: RowName;
  readonly title: string;
  readonly text: string;
  readonly next: readonly string[];
}

const NEW_PROFILE = 'Give the device a new profile and delete the old one on it: the new one takes its place.';

const WRONG_SECRET: Words = {
  row: 'wrong-secret',
  title: 'The password or pre-shared key is wrong.',
  text: 'The device named itself rightly, and the secret that it used is not the one that we have.',
  next: [
    'Type it again: mind blanks at the ends, and letters that look alike.',
    'A lost secret cannot be shown again: issue a new one on the page of the device.',
  ],
};

const WRONG_METHOD: Words = {
  row: 'wrong-method',
  title: 'It proves itself in another way than it should.',
  text: 'The device is known, and is to prove itself by another method than the one that it tried.',
  next: ['Choose the method on the device that its page shows, or use its profile.'],
};

const NOT_TRUSTED: Words = {
  row: 'gateway-not-trusted',
  title: 'The device does not trust the gateway.',
  text: 'We showed our certificate, and the device broke off. It lacks the certificate of our authority, or it dialled another name than the certificate has, or its clock is wrong. Windows calls this 13801; Apple says that user authentication failed.',
  next: [
    'Install the profile again: it brings the authority along. On iOS trust it when you are asked.',
    'Compare the server name and the remote ID on the device with the name of the gateway.',
    'Compare the clock of the device with the real time.',
  ],
};

const WORDS: Readonly<Record<string, Words>> = {
  // Not of the member: that is told before all else.
  revoked: {
    row: 'certificate-superseded',
    title: 'Its certificate was replaced.',
    text: 'The device shows the certificate of an earlier profile. Another one has taken its place, and the time for changing over has passed.',
    next: ['Give the device its present profile, and delete the old one on it.'],
  },
  'certificate-expired': {
    row: 'certificate-expired',
    title: 'Its certificate has expired.',
    text: 'The certificate in its profile was good once, and its time is over.',
    next: [NEW_PROFILE],
  },
  'certificate-not-yet-valid': {
    row: 'certificate-not-yet-valid',
    title: 'Its certificate is not valid yet.',
    text: 'The certificate begins later than now: a clock is wrong, or the profile was made ahead.',
    next: ['Compare the clock of the device with the real time.', NEW_PROFILE],
  },
  'certificate-unknown-issuer': {
    row: 'certificate-foreign',
    title: 'Its certificate is from somebody else.',
    text: 'The device showed a certificate that this organisation has not issued: another one on the device was taken, or it is left over from an earlier gateway.',
    next: ['Choose the certificate of this network on the device, or delete the others.', NEW_PROFILE],
  },
  'certificate-invalid': {
    row: 'certificate-foreign',
    title: 'Its certificate cannot be used.',
    text: 'The device showed a certificate that does not hold.',
    next: [NEW_PROFILE],
  },
  'certificate-identity-mismatch': {
    row: 'certificate-name',
    title: 'It names itself otherwise than its certificate does.',
    text: 'The identity that the device sends is not in its certificate: the field for the local identity holds the wrong text, or the certificate is that of another device.',
    next: ["Put the device's identity into the field 'local ID', exactly as it is shown on its page.", NEW_PROFILE],
  },
  'subject-as-name': {
    row: 'subject-as-name',
    title: 'It sends the subject of its certificate as if it were a name.',
    text: 'The device takes the subject (CN=…) for its identity, and sends it as a host name. It is none of the names in its certificate.',
    next: ["Put the device's identity into the field 'local ID', exactly as it is shown on its page.", NEW_PROFILE],
  },
  'certificate-missing': {
    row: 'certificate-missing',
    title: 'It sent no certificate.',
    text: 'The device signed, and did not say with which certificate.',
    next: ["Switch 'always send the certificate' on (strongSwan: send_cert = always).", NEW_PROFILE],
  },
  'wrong-signature': {
    row: 'certificate-foreign',
    title: 'Its signature does not fit its certificate.',
    text: 'Key and certificate on the device do not belong together.',
    next: [NEW_PROFILE],
  },
  'wrong-secret': WRONG_SECRET,
  'wrong-password': WRONG_SECRET,
  'unknown-identity': {
    row: 'unknown-name',
    title: 'Nobody of that name is known here.',
    text: 'The device named itself as nobody in this network is called: a slip in the name, or it was removed.',
    next: ["Compare the name on the device with 'identity' on its page, also behind the @."],
  },
  'wrong-method': WRONG_METHOD,
  'eap-method-refused': WRONG_METHOD,
  'eap-abandoned': NOT_TRUSTED,
  'gateway-not-trusted': NOT_TRUSTED,
  'no-signature-in-common': {
    row: 'gateway-not-trusted',
    title: "It cannot check the gateway's signature.",
    text: 'The device names the signatures that it can check, and ours is not one of them.',
    next: ['Update the device, or its IKEv2 software.'],
  },
  'failed-cp-required': {
    row: 'no-address-asked',
    title: 'It asked for no address.',
    text: 'A device gets its address in the network from us, and must ask for one; this one was set up like a site.',
    next: ['strongSwan: vips = 0.0.0.0, ::', 'On a router, enrol it as a site with its own prefixes.'],
  },
  'ts-unacceptable': {
    row: 'selectors-refused',
    title: 'It asked for addresses that it may not have.',
    text: 'What the device wants to carry through the tunnel has nothing in common with what it may.',
    next: [
      'Compare the prefixes on the device with those on its page; a site must name its prefixes exactly or within.',
    ],
  },
};

export function notProved(attempt: AttemptEvidence, { member, gateway }: Facts): Explanation | null {
  const reason = isSubjectAsName(attempt) ? 'subject-as-name' : (attempt.reason ?? '');
  const words = Object.hasOwn(WORDS, reason) ? WORDS[reason] : undefined;
  if (!words) return null;
  const expiry = member?.certificateNotAfter ?? null;
  return {
    ...words,
    severity: 'failure',
    evidence: [
      ['called itself', attempt.identity || 'nothing'],
      ...(member ? [['should call itself', member.identity] as const] : []),
      ...(expiry !== null ? [['certificate ends', moment(expiry)] as const] : []),
      ...(words.row === 'gateway-not-trusted' ? [['name of the gateway', gateway] as const] : []),
      ...(attempt.detail ? [['in detail', attempt.detail] as const] : []),
      ...seenFrom(attempt),
    ],
  };
}

/** We proved ourselves, and nothing came of it any more: what is said aloud by few clients. */
export function brokeOff({ gateway }: Facts, ends: Explanation['evidence']): Explanation {
  return { ...NOT_TRUSTED, severity: 'failure', evidence: [['name of the gateway', gateway], ...ends] };
}

/** A distinguished name that was sent as text (RFC 4514), where a name should be. */
function isSubjectAsName({ reason, identity }: AttemptEvidence): boolean {
  return reason === 'certificate-identity-mismatch' && /^[A-Za-z]+=/.test(identity);
}

/** A failure that has no words of its own yet keeps its evidence. */
export function otherwise(attempt: AttemptEvidence): Explanation {
  return {
    row: 'handshake-failed',
    severity: 'failure',
    title: 'The handshake failed.',
    text: `The gateway refused it: ${attempt.detail || attempt.reason}.`,
    next: ['Use the profile for its system, unchanged.', 'If it stays so, copy the report and send it to support.'],
    evidence: [['reason', attempt.reason ?? ''], ...seenFrom(attempt)],
  };
}
