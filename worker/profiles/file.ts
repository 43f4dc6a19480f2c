// Files of a profile: all hold or surround a secret, so only their owner reads them.

import { utf8 } from '../../src/bytes/octets.ts';
import { emitPem } from '../ca/pem.ts';
import type { MemberCertificate, ProfileFile, ProfileInput } from './profile.ts';

const OWNER_ONLY = 0o600;
const PEM_MIME = 'application/x-pem-file';

export function textFile(path: string, content: string, mime = 'text/plain; charset=utf-8'): ProfileFile {
  return binaryFile(path, utf8(content), mime);
}

export function binaryFile(path: string, content: Uint8Array, mime: string): ProfileFile {
  return { path, mode: OWNER_ONLY, mime, content };
}

export function certificateFile(path: string, der: Uint8Array): ProfileFile {
  return textFile(path, emitPem('CERTIFICATE', der), PEM_MIME);
}

export function privateKeyFile(path: string, pkcs8: Uint8Array): ProfileFile {
  return textFile(path, emitPem('PRIVATE KEY', pkcs8), PEM_MIME);
}

export function rootOf({ gateway }: ProfileInput): Uint8Array {
  return required(gateway.caCertificates[0], 'the gateway has no root certificate');
}

export function certificateOf({ member }: ProfileInput): MemberCertificate {
  return required(member.certificate, `${member.identity} has no certificate`);
}

export function secretOf({ member }: ProfileInput): string {
  return required(member.secret, `${member.identity} has no secret`);
}

function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(what);
  return value;
}
