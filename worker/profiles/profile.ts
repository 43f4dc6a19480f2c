// What a profile is made of and what comes out: one member of one network, for one kind of system.

export interface ProfileInput {
  readonly gateway: {
    /** Its identity in IKE, which stands in its certificate. */
    readonly name: string;
    /** Name or address to dial. */
    readonly address: string;
    readonly portIke: number;
    readonly portNatT: number;
    /** DER, root first. */
    readonly caCertificates: readonly Uint8Array[];
    readonly serverCertificateKind: 'ECDSA256' | 'ECDSA384' | 'RSA';
    /** Common name of whoever issued the gateway's certificate. */
    readonly caCommonName: string;
  };
  readonly network: {
    readonly id: string;
    readonly name: string;
    readonly label: string;
    /** Pools as prefixes; null: none of this family. */
    readonly ipv4: string | null;
    readonly ipv6: string | null;
    readonly dns: readonly string[];
    readonly domains: readonly string[];
    /** Prefixes that this member reaches: pools, and what stands behind other sites. */
    readonly reach: readonly string[];
    readonly mtu: number;
    readonly ikeLifetimeSeconds: number;
    readonly childLifetimeSeconds: number;
  };
  readonly member: {
    readonly id: string;
    readonly name: string;
    readonly kind: 'device' | 'site';
    readonly auth: 'cert' | 'eap' | 'psk';
    /** What it calls itself in IKE. */
    readonly identity: string;
    /** Of a site; empty for a device. */
    readonly prefixes: readonly string[];
    readonly certificate: MemberCertificate | null;
    /** EAP password or pre-shared key. */
    readonly secret: string | null;
  };
  readonly options: {
    readonly fullTunnel: boolean;
    /** Connects whenever there is a network, where the system can. */
    readonly onDemand: boolean;
    /** Connects as soon as it is loaded: what a site does. */
    readonly start: boolean;
    /** Of PKCS#12 files; null: made of the member's identifiers, and written where the system would ask for it. */
    readonly pkcs12Password: string | null;
    readonly organisationName: string;
    /** Stable for this member and the purpose of that name (RFC 9562). */
    uuid(name: string): string;
  };
}

export interface MemberCertificate {
  readonly der: Uint8Array;
  readonly pkcs8: Uint8Array;
  /** What leads to a root: intermediates, the issuer first. */
  readonly chain: readonly Uint8Array[];
  /** Milliseconds. */
  readonly notAfter: number;
}

export interface ProfileFile {
  /** Below the profile's folder. */
  readonly path: string;
  readonly mode: number;
  readonly mime: string;
  readonly content: Uint8Array;
}

export interface ProfileFormat {
  /** As `?format=` and `--format` take it. */
  readonly id: string;
  readonly label: string;
  readonly for: readonly ('device' | 'site')[];
  readonly auth: readonly ('cert' | 'eap' | 'psk')[];
  readonly systems: readonly string[];
  /** Of the file that a person opens, without the dot. */
  readonly extension: string;
  readonly mime: string;
  /** Whether its client can be told another UDP port than 500 and 4500. */
  readonly anyPort: boolean;
  /** Whether its files can hold the password of a certificate, so that nobody need type it. */
  readonly enclosesPassword: boolean;
  /** What a person does on that system, one sentence or two each. */
  steps(input: ProfileInput): string[];
  /** @throws Error for a member that it is not for: see whyNot. */
  make(input: ProfileInput): ProfileFile[];
}
