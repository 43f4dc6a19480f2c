// A certificate as it is looked at: names, validity, key identifiers, fingerprint.

import { toHex } from '../../src/bytes/octets.ts';
import {
  AuthorityKeyIdentifierExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from './x509.ts';

export interface CertificateView {
  readonly der: Uint8Array;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** DER of the subject's Name. */
  readonly subject: Uint8Array;
  /** RFC 4514 text of it. */
  readonly subjectText: string;
  /** Text of the alternative names that are names, and of the subject's common names. */
  readonly names: readonly string[];
  /** Milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Hexadecimal; null where the extension is missing. */
  readonly keyId: string | null;
  readonly authorityKeyId: string | null;
}

/** @returns null for what is no X.509 certificate. */
export function viewCertificate(der: Uint8Array): CertificateView | null {
  try {
    return viewOf(new X509Certificate(der.slice()));
  } catch {
    return null;
  }
}

/** Whether the certificate was signed with the key of that authority. Says nothing about time. */
export async function isSignedBy(certificate: Uint8Array, authority: Uint8Array): Promise<boolean> {
  try {
    const { publicKey } = new X509Certificate(authority.slice());
    return await new X509Certificate(certificate.slice()).verify({ publicKey, signatureOnly: true });
  } catch {
    return false;
  }
}

/** SHA-256 of the DER in hexadecimal. */
export async function fingerprintOf(der: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', der)));
}

function viewOf(certificate: X509Certificate): CertificateView {
  const alternatives = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  const named = alternatives.filter(({ type }) => type === 'dns' || type === 'email');
  return {
    der: new Uint8Array(certificate.rawData),
    publicKey: new Uint8Array(certificate.publicKey.rawData),
    subject: new Uint8Array(certificate.subjectName.toArrayBuffer()),
    subjectText: certificate.subject,
    names: [...named.map(({ value }) => value), ...certificate.subjectName.getField('CN')],
    notBefore: certificate.notBefore.getTime(),
    notAfter: certificate.notAfter.getTime(),
    keyId: certificate.getExtension(SubjectKeyIdentifierExtension)?.keyId ?? null,
    authorityKeyId: certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId ?? null,
  };
}
