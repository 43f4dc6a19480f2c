// The gateway's own proof (RFC 7296 section 2.15, RFC 7427): IDr, CERT and AUTH.

import { chooseScheme, emitSignature, sharedKeyAuth, signedOctets } from '../crypto/auth.ts';
import { AuthMethod, CertEncoding } from '../wire/ike-numbers.ts';
import type { Identity, Payload } from '../wire/payload.ts';
import type { IkeSa, InitExchange } from './state.ts';
import type { Turn } from './turn.ts';

/**
 * The certificate goes along always: Apple asks for none and needs it (quirk 9).
 * @returns null when the peer can verify no signature of our key.
 */
export async function gatewayCertificateAuth(turn: Turn, sa: IkeSa, init: InitExchange): Promise<Payload[] | null> {
  const { primitives: p } = turn;
  const credential = await turn.pad.gateway();
  const octets = responderOctets(turn, sa, init, credential.identity);
  const kind = p.publicKeyKind(credential.publicKey);
  const choice = kind && chooseScheme(kind, sa.traits.signatureHashes);
  if (choice === null) return null;
  const signature = await credential.sign(choice.scheme, octets);
  return [
    { type: 'IDr', ...credential.identity },
    ...credential.chain.map((data): Payload => ({ type: 'CERT', encoding: CertEncoding.X509_SIGNATURE, data })),
    { type: 'AUTH', method: choice.method, data: emitSignature(choice, signature) },
  ];
}

/** With the pre-shared key of a site, or the MSK that EAP gave. */
export async function sharedSecretAuth(
  turn: Turn,
  sa: IkeSa,
  init: InitExchange,
  secret: Uint8Array,
): Promise<Payload[]> {
  const { identity } = await turn.pad.gateway();
  const data = sharedKeyAuth(turn.primitives, sa.suite.prf, secret, responderOctets(turn, sa, init, identity));
  return [
    { type: 'IDr', ...identity },
    { type: 'AUTH', method: AuthMethod.SHARED_KEY_MIC, data },
  ];
}

/** ResponderSignedOctets = RealMessage2 | NonceIData | MACedIDForR. */
function responderOctets(turn: Turn, sa: IkeSa, init: InitExchange, identity: Identity): Uint8Array {
  return signedOctets(turn.primitives, sa.suite.prf, {
    message: init.response,
    nonce: init.Ni,
    SK_p: sa.keys.SK_pr,
    identity,
  });
}
