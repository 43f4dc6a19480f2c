// Whether the identity that a peer claims belongs to its certificate (RFC 4945 section 3.1, RFC 7296 section 3.5).

import { equal, text } from '../../src/bytes/octets.ts';
import { IdType, nameOf } from '../../src/wire/ike-numbers.ts';
import type { Identity } from '../../src/wire/payload.ts';
import type { CertificateView } from '../ca/certificate.ts';
import { comparable, shorten } from './names.ts';

/** @returns null when it does, else a sentence about what differs. */
export function identityMismatch(certificate: CertificateView, { idType, data }: Identity): string | null {
  switch (idType) {
    // Behind a NAT these are private addresses, and many peers have the same: they are neither believed nor refused.
    case IdType.IPV4_ADDR:
    case IdType.IPV6_ADDR:
      return null;
    case IdType.DER_ASN1_DN:
      return equal(data, certificate.subject)
        ? null
        : `the distinguished name is not '${certificate.subjectText}', the subject of the certificate`;
    case IdType.FQDN:
    case IdType.RFC822_ADDR:
    case IdType.KEY_ID:
      return textMismatch(certificate, text(data));
    default:
      return `identities of type ${nameOf(IdType, idType)} cannot be compared with a certificate`;
  }
}

function textMismatch({ names }: CertificateView, claimed: string): string | null {
  if (names.some((name) => comparable(name) === comparable(claimed))) return null;
  return `'${shorten(claimed)}' is none of the names in the certificate (${[...new Set(names)].join(', ')})`;
}
