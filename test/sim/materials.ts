// What every simulated gateway starts from, made once for a test file: an authority, the gateway's certificate, one member for each way to prove oneself.

import { utf8 } from '../../src/bytes/octets.ts';
import type { Primitives, SignatureScheme } from '../../src/crypto/primitives.ts';
import { AuthMethod } from '../../src/wire/ike-numbers.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import { type Authority, createAuthority, type Issued, issue, type KeyKind, trusting } from './certificates.ts';
import { distinguishedName, fqdn, mailbox } from './initiator/identities.ts';
import type { Authentication, InitiatorOptions } from './initiator/options.ts';
import { GATEWAY_NAME, MapPad, type MemberWish, memberOf } from './pad.ts';

export type AuthKind = 'psk' | 'eap' | 'cert';

/** Of a client: who it says it is and how it proves that, and how it knows the gateway. */
export type Credentials = Pick<InitiatorOptions, 'identity' | 'authentication' | 'trust' | 'gatewaySecret'>;

let made: Promise<{ readonly authority: Authority; readonly gateway: Issued }> | null = null;

async function materials() {
  made ??= createAuthority('Culvert test CA').then(async (authority) => {
    const gateway = await issue(authority, { name: GATEWAY_NAME, dns: [GATEWAY_NAME], forServer: true });
    return { authority, gateway };
  });
  return made;
}

export async function createPad(primitives: Primitives = workerPrimitives()): Promise<MapPad> {
  const { authority, gateway } = await materials();
  return new MapPad(primitives, authority, gateway);
}

/** Enters a member into the PAD and gives the credentials that its client needs. */
export async function enrol(
  pad: MapPad,
  kind: AuthKind,
  wish: MemberWish,
  certificate: CertificateWish = {},
): Promise<Credentials> {
  const { authority } = await materials();
  const member = memberOf(wish);
  const name = `${wish.name}.${member.network}.example`;
  const trust = trusting(authority.der);
  if (kind === 'psk') {
    const secret = utf8(`secret of ${name}`);
    pad.addPsk(fqdn(name), secret, member);
    return { identity: fqdn(name), authentication: { kind: 'psk', secret }, trust, gatewaySecret: secret };
  }
  if (kind === 'eap') {
    const userName = `${wish.name}@${member.network}`;
    const password = `password of ${userName}`;
    pad.addPassword(userName, password, member);
    const authentication: Authentication = { kind: 'eap-mschapv2', userName, password, identityAnswer: 'name' };
    return { identity: mailbox(userName), authentication, trust, gatewaySecret: null };
  }
  const issued = await issueCached(authority, name, certificate.kind ?? 'p256');
  const identity = certificate.identity === 'subject' ? distinguishedName(issued.subject) : fqdn(name);
  pad.addCertificate(identity, member);
  const { method, scheme } = certificate.signature ?? DEFAULT_SIGNATURE;
  const authentication: Authentication = {
    kind: 'certificate',
    chain: [issued.der],
    privateKey: issued.privateKey,
    method,
    scheme,
  };
  return { identity, authentication, trust, gatewaySecret: null };
}

export interface CertificateWish {
  readonly kind?: KeyKind;
  readonly identity?: 'name' | 'subject';
  readonly signature?: { readonly method: number; readonly scheme: SignatureScheme };
}

const DEFAULT_SIGNATURE = {
  method: AuthMethod.DIGITAL_SIGNATURE,
  scheme: { kind: 'ecdsa', hash: 'sha256', raw: false },
} as const;

const issuedBefore = new Map<string, Promise<Issued>>();

function issueCached(authority: Authority, name: string, kind: KeyKind): Promise<Issued> {
  const key = `${kind}/${name}`;
  const known = issuedBefore.get(key) ?? issue(authority, { name, dns: [name], kind });
  issuedBefore.set(key, known);
  return known;
}
