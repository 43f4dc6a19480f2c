// The directory as IKE's Peer Authorization Database (RFC 4301 section 4.4.3). What can be revoked is read anew each time.

import { text } from '../../src/bytes/octets.ts';
import type { Admission, GatewayCredential, NotAdmitted, Pad } from '../../src/ike/pad.ts';
import { IdType } from '../../src/wire/ike-numbers.ts';
import type { Identity } from '../../src/wire/payload.ts';
import { fingerprintOf, isSignedBy, viewCertificate } from '../ca/certificate.ts';
import type { CertificateView } from '../ca/certificate.ts';
import { Vault } from '../ca/vault.ts';
import type { Env } from '../env.ts';
import { type Known, knownByFingerprint, knownByName } from './admission.ts';
import { type Authority, authorityByKeyId } from './authorities.ts';
import { octetsOf } from './blob.ts';
import { identityMismatch } from './certificate-identity.ts';
import { gatewayCredential } from './gateway-credential.ts';
import type { MemberAuth } from './member-record.ts';
import { deploymentDomain, readIdentity } from './names.ts';
import { isAcceptedStill } from './renew.ts';

type Refused = { readonly admitted: false } & NotAdmitted;
type OutOfTime = Extract<NotAdmitted, { reason: 'certificate-expired' | 'certificate-not-yet-valid' }>;
type PadEnv = Pick<Env, 'DB' | 'DEPLOYMENT_KEY' | 'GATEWAY_NAME' | 'PUBLIC_ADDRESS' | 'DEPLOYMENT_DOMAIN'>;

const METHODS: Readonly<Record<MemberAuth, string>> = {
  cert: 'certificates',
  eap: 'EAP-MSCHAPv2',
  psk: 'a pre-shared key',
};

/** Identities that are text; an address says nothing about who somebody is (RFC 3715 section 2.1 c). */
const TEXTUAL: readonly number[] = [IdType.FQDN, IdType.RFC822_ADDR, IdType.KEY_ID];

const AUTHORITIES = 256;

/** @param clock ms. */
export function directoryPad(env: PadEnv, clock: () => number = Date.now): Pad {
  return new DirectoryPad(env, clock);
}

class DirectoryPad implements Pad {
  readonly #env: PadEnv;
  readonly #clock: () => number;

  constructor(env: PadEnv, clock: () => number) {
    this.#env = env;
    this.#clock = clock;
  }

  gateway(): Promise<GatewayCredential> {
    return gatewayCredential(this.#env, this.#clock());
  }

  async preShared(identity: Identity): Promise<Admission<{ readonly secret: Uint8Array }>> {
    const named = TEXTUAL.includes(identity.idType) ? text(identity.data) : '';
    const known = await this.#admit(named, 'psk');
    return known.admitted ? { admitted: true, member: known.member, secret: await this.#secretOf(known) } : known;
  }

  async password(userName: string): Promise<Admission<{ readonly password: string }>> {
    const known = await this.#admit(userName, 'eap');
    return known.admitted
      ? { admitted: true, member: known.member, password: text(await this.#secretOf(known)) }
      : known;
  }

  async certificate(
    chain: readonly Uint8Array[],
    identity: Identity,
    now: number,
  ): Promise<Admission<{ readonly publicKey: Uint8Array }>> {
    const leaf = chain[0] ? viewCertificate(chain[0]) : null;
    if (!leaf)
      return refused({ reason: 'certificate-invalid', detail: 'what was sent first is not an X.509 certificate' });
    const issuer = await issuerOf(this.#env.DB, leaf, now);
    if (!issuer || !(await isSignedBy(leaf.der, issuer.view.der)))
      return refused({ reason: 'certificate-unknown-issuer' });
    const fingerprint = await fingerprintOf(leaf.der);
    const known = await knownByFingerprint(this.#env.DB, fingerprint);
    const outOfTime = timeRefusal(leaf, now) ?? timeRefusal(issuer.view, now) ?? retired(issuer, now);
    // Its tenant is to know whose it was.
    if (outOfTime) return refused(known ? { ...outOfTime, member: known.member } : outOfTime);
    if (!known)
      return refused({ reason: 'certificate-invalid', detail: 'its network is no more, or it was never handed out' });
    const { record, member } = known;
    // A member's certificate that is not its present one was taken out of force, unless it is on its way out only.
    const isPresent = record.certificate?.fingerprint === fingerprint;
    if (record.revokedAt !== null || !(isPresent || (await isAcceptedStill(this.#env.DB, fingerprint, now))))
      return refused({ reason: 'revoked', member });
    if (record.suspendedAt !== null) return refused({ reason: 'suspended', member });
    if (record.auth !== 'cert') return refused({ reason: 'wrong-method', expected: METHODS[record.auth], member });
    const mismatch = identityMismatch(leaf, identity);
    if (mismatch !== null) return refused({ reason: 'certificate-identity-mismatch', detail: mismatch, member });
    return { admitted: true, member, publicKey: leaf.publicKey };
  }

  /** Whom the text names in either form, provided that this is its method. */
  async #admit(named: string, auth: MemberAuth): Promise<({ readonly admitted: true } & Known) | Refused> {
    const name = readIdentity(named, deploymentDomain(this.#env));
    const known = name && (await knownByName(this.#env.DB, name));
    if (!known) return refused({ reason: 'unknown-identity' });
    const { record, member } = known;
    if (record.revokedAt !== null) return refused({ reason: 'revoked', member });
    if (record.suspendedAt !== null) return refused({ reason: 'suspended', member });
    if (record.auth !== auth) return refused({ reason: 'wrong-method', expected: METHODS[record.auth], member });
    return { admitted: true, ...known };
  }

  async #secretOf({ record }: Known): Promise<Uint8Array> {
    if (record.secret === null) throw new Error(`the member ${record.id} has no secret`);
    return (await Vault.open(this.#env.DEPLOYMENT_KEY)).open('member-secret', record.id, octetsOf(record.secret));
  }
}

/** By key identifier, for a moment: an authority never changes, but one that was replaced is not accepted for ever. */
const authorities = new Map<string, { readonly authority: Authority; readonly until: number }>();

const HELD_MS = 10_000;

/** An organisation's authority; the root signs no clients. */
async function issuerOf(db: D1Database, { authorityKeyId }: CertificateView, now: number): Promise<Authority | null> {
  if (authorityKeyId === null) return null;
  const held = authorities.get(authorityKeyId);
  if (held && now < held.until) return held.authority;
  const authority = await authorityByKeyId(db, authorityKeyId);
  if (authority === null || authority.organisation === null) return null;
  if (authorities.size >= AUTHORITIES) authorities.clear();
  authorities.set(authorityKeyId, { authority, until: now + HELD_MS });
  return authority;
}

/** Its own certificate may still be good: what it has signed counts as expired. */
function retired({ acceptedUntil }: Authority, now: number): OutOfTime | null {
  return acceptedUntil !== null && now > acceptedUntil
    ? { reason: 'certificate-expired', notAfter: acceptedUntil }
    : null;
}

function timeRefusal({ notBefore, notAfter }: CertificateView, now: number): OutOfTime | null {
  if (now < notBefore) return { reason: 'certificate-not-yet-valid', notBefore };
  return now > notAfter ? { reason: 'certificate-expired', notAfter } : null;
}

function refused(reason: NotAdmitted): Refused {
  return { admitted: false, ...reason };
}
