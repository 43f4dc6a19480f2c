// A Peer Authorization Database made of maps (RFC 4301 section 4.4.3).

import 'reflect-metadata';
import { X509Certificate } from '@peculiar/x509';
import { toHex } from '../../src/bytes/octets.ts';
import type { Primitives, SignatureScheme } from '../../src/crypto/primitives.ts';
import type { Admission, GatewayCredential, Member, Pad } from '../../src/ike/pad.ts';
import type { Identity } from '../../src/wire/payload.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { type Authority, type Issued, isIssuedBy, isNamed } from './certificates.ts';
import { address, fqdn, identityText } from './initiator/identities.ts';

export const GATEWAY_NAME = 'vpn.culvert.example';

type Method = 'cert' | 'eap' | 'psk';

interface Entry {
  readonly member: Member;
  readonly method: Method;
  readonly secret: Uint8Array;
  readonly password: string;
  barred: 'revoked' | 'suspended' | null;
}

export class MapPad implements Pad {
  legacy = false;
  readonly #primitives: Primitives;
  readonly #authority: Authority;
  readonly #gateway: Issued;
  readonly #entries = new Map<string, Entry>();

  constructor(primitives: Primitives, authority: Authority, gateway: Issued) {
    this.#primitives = primitives;
    this.#authority = authority;
    this.#gateway = gateway;
  }

  addPsk(identity: Identity, secret: Uint8Array, member: Member): void {
    this.#entries.set(keyOf(identity), { member, method: 'psk', secret, password: '', barred: null });
  }

  addPassword(userName: string, password: string, member: Member): void {
    this.#entries.set(userName, { member, method: 'eap', secret: new Uint8Array(0), password, barred: null });
  }

  addCertificate(identity: Identity, member: Member): void {
    this.#entries.set(keyOf(identity), {
      member,
      method: 'cert',
      secret: new Uint8Array(0),
      password: '',
      barred: null,
    });
  }

  revoke(member: string): void {
    for (const entry of this.#entries.values()) if (entry.member.member === member) entry.barred = 'revoked';
  }

  suspend(member: string): void {
    for (const entry of this.#entries.values()) if (entry.member.member === member) entry.barred = 'suspended';
  }

  async gateway(): Promise<GatewayCredential> {
    const { der, privateKey, publicKey } = this.#gateway;
    const sign = (scheme: SignatureScheme, message: Uint8Array) => this.#primitives.sign(privateKey, scheme, message);
    const authorities = [this.#authority.keyHash];
    return { identity: fqdn(GATEWAY_NAME), chain: [der], publicKey, sign, authorities, legacy: this.legacy };
  }

  async preShared(identity: Identity): Promise<Admission<{ readonly secret: Uint8Array }>> {
    return this.#admit(keyOf(identity), 'psk', ({ secret }) => ({ secret }));
  }

  async password(userName: string): Promise<Admission<{ readonly password: string }>> {
    return this.#admit(userName, 'eap', ({ password }) => ({ password }));
  }

  async certificate(
    chain: readonly Uint8Array[],
    identity: Identity,
    now: number,
  ): Promise<Admission<{ readonly publicKey: Uint8Array }>> {
    const [leaf] = chain;
    if (leaf === undefined) return { admitted: false, reason: 'certificate-invalid', detail: 'no certificate' };
    const certificate = new X509Certificate(leaf);
    if (!(await isIssuedBy(certificate, this.#authority)))
      return { admitted: false, reason: 'certificate-unknown-issuer' };
    const notAfter = certificate.notAfter.getTime();
    const notBefore = certificate.notBefore.getTime();
    if (now > notAfter) return { admitted: false, reason: 'certificate-expired', notAfter };
    if (now < notBefore) return { admitted: false, reason: 'certificate-not-yet-valid', notBefore };
    if (!isNamed(certificate, identity))
      return { admitted: false, reason: 'certificate-identity-mismatch', detail: identityText(identity) };
    const publicKey = new Uint8Array(certificate.publicKey.rawData);
    return this.#admit(keyOf(identity), 'cert', () => ({ publicKey }));
  }

  #admit<T extends object>(key: string, method: Method, proof: (entry: Entry) => T): Admission<T> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return { admitted: false, reason: 'unknown-identity' };
    const { member } = entry;
    if (entry.method !== method) return { admitted: false, reason: 'wrong-method', expected: entry.method, member };
    if (entry.barred) return { admitted: false, reason: entry.barred, member };
    return { admitted: true, member, ...proof(entry) };
  }
}

export interface MemberWish {
  readonly name: string;
  readonly network?: string;
  /** Given to a device, as text. */
  readonly addresses?: readonly string[];
  /** Behind a site, as text; makes it one. */
  readonly prefixes?: readonly string[];
  readonly reachable?: readonly string[];
  readonly legacy?: boolean;
  readonly nullEncryption?: boolean;
  readonly mtu?: number;
  readonly ikeLifetimeSeconds?: number;
  readonly childLifetimeSeconds?: number;
}

export function memberOf(wish: MemberWish): Member {
  const network = wish.network ?? 'office';
  const reachable = wish.reachable ?? ['100.64.0.0/16', '10.0.0.0/8', 'fd00:c::/48'];
  return {
    organisation: `org-${network}`,
    network,
    networkName: network,
    member: `${network}/${wish.name}`,
    name: wish.name,
    kind: wish.prefixes === undefined ? 'device' : 'site',
    addresses: (wish.addresses ?? []).map(address),
    prefixes: (wish.prefixes ?? []).map((prefix) => parsePrefix(prefix)!),
    reachable: reachable.map((prefix) => parsePrefix(prefix)!),
    dns: [address('100.64.0.1')],
    domains: [],
    gateway: [address('100.64.0.1')],
    mtu: wish.mtu ?? 1280,
    legacy: wish.legacy ?? false,
    nullEncryption: wish.nullEncryption ?? false,
    ikeLifetimeSeconds: wish.ikeLifetimeSeconds ?? 86_400,
    childLifetimeSeconds: wish.childLifetimeSeconds ?? 28_800,
  };
}

function keyOf(identity: Identity): string {
  return `${identity.idType}/${toHex(identity.data)}`;
}
