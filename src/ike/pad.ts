// The Peer Authorization Database as IKE sees it (RFC 4301 section 4.4.3): who may prove what, and what the proof opens.
// The control plane implements it; IKE only asks.

import type { SignatureScheme } from '../crypto/primitives.ts';
import type { Identity } from '../wire/payload.ts';
import type { Address, Prefix } from '../wire/prefix.ts';

/** What the gateway proves itself with: one for the whole deployment, because Windows sends no IDr to choose by. */
export interface GatewayCredential {
  readonly identity: Identity;
  /** DER, leaf first; the root that clients trust is left out. */
  readonly chain: readonly Uint8Array[];
  readonly publicKey: Uint8Array;
  sign(scheme: SignatureScheme, message: Uint8Array): Promise<Uint8Array>;
  /** SHA-1 of the SubjectPublicKeyInfo of each CA that a client certificate may come from (RFC 7296 section 3.7). */
  readonly authorities: readonly Uint8Array[];
  /** True while any network of the deployment has its legacy switch on: only then are weak suites chosen at IKE_SA_INIT. */
  readonly legacy: boolean;
}

/** A device or a site, as its network knows it. Plain data: it is stored with the SA. */
export interface Member {
  readonly organisation: string;
  readonly network: string;
  readonly networkName: string;
  readonly member: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
  /** Assigned to a device, sticky; empty for a site. */
  readonly addresses: readonly Address[];
  /** Behind a site; empty for a device. */
  readonly prefixes: readonly Prefix[];
  /** What the member may be given routes to: the bounds of TSr. */
  readonly reachable: readonly Prefix[];
  readonly dns: readonly Address[];
  /** Split-DNS domains (RFC 8598); empty when all names go through the tunnel. */
  readonly domains: readonly string[];
  /** The gateway's own virtual addresses in this network. */
  readonly gateway: readonly Address[];
  /** Largest inner packet, octets. */
  readonly mtu: number;
  /** Weak suites are tolerated for this network. */
  readonly legacy: boolean;
  /** ESP that authenticates and encrypts nothing is tolerated (RFC 2410, RFC 4543). */
  readonly nullEncryption: boolean;
  readonly ikeLifetimeSeconds: number;
  readonly childLifetimeSeconds: number;
}

/** Why the control plane knows nobody by that claim. Told to the tenant, never to the peer. */
export type NotAdmitted =
  | { readonly reason: 'unknown-identity' }
  | { readonly reason: 'wrong-method'; readonly expected: string; readonly member?: Member }
  | { readonly reason: 'revoked' | 'suspended'; readonly member: Member }
  | { readonly reason: 'certificate-unknown-issuer' }
  | { readonly reason: 'certificate-expired'; readonly notAfter: number; readonly member?: Member }
  | { readonly reason: 'certificate-not-yet-valid'; readonly notBefore: number; readonly member?: Member }
  | { readonly reason: 'certificate-invalid'; readonly detail: string }
  | { readonly reason: 'certificate-identity-mismatch'; readonly detail: string; readonly member?: Member };

export type Admission<T> =
  | ({ readonly admitted: true; readonly member: Member } & T)
  | ({ readonly admitted: false } & NotAdmitted);

export interface Pad {
  gateway(): Promise<GatewayCredential>;
  /** The secret of a site or device that names itself so. */
  preShared(identity: Identity): Promise<Admission<{ readonly secret: Uint8Array }>>;
  /** The password of `device@network`; MSCHAPv2 needs it in clear. */
  password(userName: string): Promise<Admission<{ readonly password: string }>>;
  /**
   * Checks a certificate and whether the claimed identity belongs to it. The chain is as received, leaf first; `now` is in ms.
   * @returns the SubjectPublicKeyInfo that the AUTH payload must verify under.
   */
  certificate(
    chain: readonly Uint8Array[],
    identity: Identity,
    now: number,
  ): Promise<Admission<{ readonly publicKey: Uint8Array }>>;
}
