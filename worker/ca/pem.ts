// PEM, RFC 7468: base64 between labels, 64 characters a line.

import { Buffer } from 'node:buffer';

export type PemLabel = 'CERTIFICATE' | 'PRIVATE KEY';

export function emitPem(label: PemLabel, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
