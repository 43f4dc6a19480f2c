// Checking the peer's proof (RFC 7296 section 2.15): a secret that both know, or a signature under a certificate.

import { equalConstantTime } from '../bytes/octets.ts';
import { sharedKeyAuth, signedOctets, verifyAuth } from '../crypto/auth.ts';
import { AuthMethod, CertEncoding } from '../wire/ike-numbers.ts';
import type { Identity, Payload, PayloadOf } from '../wire/payload.ts';
import { all } from './find.ts';
import type { Member, NotAdmitted } from './pad.ts';
import type { IkeSa, InitExchange } from './state.ts';
import type { Turn } from './turn.ts';

export type Proof =
  /** `secret` is what the gateway answers with; null when it proves itself by certificate. */
  | { readonly proved: true; readonly member: Member; readonly secret: Uint8Array | null }
  | { readonly proved: false; readonly reason: string; readonly detail: string; readonly member: Member | null };

const MAX_CERTIFICATES = 8;

export async function verifyPeer(
  turn: Turn,
  sa: IkeSa,
  init: InitExchange,
  identity: Identity,
  auth: PayloadOf<'AUTH'>,
  payloads: readonly Payload[],
): Promise<Proof> {
  if (auth.method === AuthMethod.SHARED_KEY_MIC) {
    const admission = await turn.pad.preShared(identity);
    if (!admission.admitted) return notProved(admission);
    const { member, secret } = admission;
    if (!verifySharedSecret(turn, sa, init, identity, auth, secret)) {
      return { proved: false, reason: 'wrong-secret', detail: 'the pre-shared key differs', member };
    }
    return { proved: true, member, secret };
  }
  const chain = all(payloads, 'CERT').filter((cert) => cert.encoding === CertEncoding.X509_SIGNATURE);
  if (chain.length === 0)
    return {
      proved: false,
      reason: 'certificate-missing',
      detail: 'a signature came without its certificate',
      member: null,
    };
  const admission = await turn.pad.certificate(
    chain.slice(0, MAX_CERTIFICATES).map((cert) => cert.data),
    identity,
    turn.now,
  );
  if (!admission.admitted) return notProved(admission);
  const octets = initiatorOctets(turn, sa, init, identity);
  if (!(await verifyAuth(turn.primitives, auth.method, auth.data, admission.publicKey, octets))) {
    return {
      proved: false,
      reason: 'wrong-signature',
      detail: 'the signature is not made with the key of the certificate',
      member: admission.member,
    };
  }
  return { proved: true, member: admission.member, secret: null };
}

export function verifySharedSecret(
  turn: Turn,
  sa: IkeSa,
  init: InitExchange,
  identity: Identity,
  auth: PayloadOf<'AUTH'>,
  secret: Uint8Array,
): boolean {
  if (auth.method !== AuthMethod.SHARED_KEY_MIC) return false;
  const right = sharedKeyAuth(turn.primitives, sa.suite.prf, secret, initiatorOctets(turn, sa, init, identity));
  return equalConstantTime(right, auth.data);
}

/** InitiatorSignedOctets = RealMessage1 | NonceRData | MACedIDForI. */
function initiatorOctets(turn: Turn, sa: IkeSa, init: InitExchange, identity: Identity): Uint8Array {
  return signedOctets(turn.primitives, sa.suite.prf, {
    message: init.request,
    nonce: init.Nr,
    SK_p: sa.keys.SK_pi,
    identity,
  });
}

function notProved(refused: NotAdmitted): Proof {
  const member = 'member' in refused ? (refused.member ?? null) : null;
  return { proved: false, reason: refused.reason, detail: explain(refused), member };
}

function explain(refused: NotAdmitted): string {
  switch (refused.reason) {
    case 'unknown-identity':
      return 'no device and no site goes by this identity';
    case 'wrong-method':
      return `this identity is enrolled for ${refused.expected}`;
    case 'revoked':
      return `${refused.member.name} has been revoked`;
    case 'suspended':
      return `${refused.member.name} is suspended`;
    case 'certificate-unknown-issuer':
      return 'the certificate comes from no authority of this deployment';
    case 'certificate-expired':
      return `the certificate ended on ${day(refused.notAfter)}`;
    case 'certificate-not-yet-valid':
      return `the certificate begins on ${day(refused.notBefore)}`;
    case 'certificate-invalid':
    case 'certificate-identity-mismatch':
      return refused.detail;
  }
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
