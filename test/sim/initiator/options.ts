// What makes one IKEv2 client differ from another: everything that an initiator may send, leave out, or insist on.

import type { Primitives, SignatureScheme } from '../../../src/crypto/primitives.ts';
import { PORT } from '../../../src/wire/ike-numbers.ts';
import type { Identity, Payload, TrafficSelector } from '../../../src/wire/payload.ts';
import { everything } from './identities.ts';
import { espOffer, ikeOffer, type Offer } from './proposals.ts';

/** How the client proves itself, and how it knows the gateway. */
export type Authentication =
  | { readonly kind: 'psk'; readonly secret: Uint8Array }
  | {
      readonly kind: 'certificate';
      /** DER, leaf first. */
      readonly chain: readonly Uint8Array[];
      /** PKCS#8 DER. */
      readonly privateKey: Uint8Array;
      /** AuthMethod; DIGITAL_SIGNATURE goes by `scheme` (RFC 7427), the others are what RFC 7296 and RFC 4754 fix. */
      readonly method: number;
      readonly scheme: SignatureScheme;
    }
  | {
      readonly kind: 'eap-mschapv2';
      readonly userName: string;
      readonly password: string;
      /** What EAP-Identity is answered with: the user name, or nothing at all. */
      readonly identityAnswer: 'name' | 'empty';
    };

/** Names of what the first IKE_AUTH request may hold, in the order a client sends them; absent data skips an item. */
export type AuthItem =
  | 'IDi'
  | 'IDr'
  | 'CERT'
  | 'CERTREQ'
  | 'AUTH'
  | 'CP'
  | 'SA'
  | 'TSi'
  | 'TSr'
  | 'INITIAL_CONTACT'
  | 'MOBIKE_SUPPORTED'
  | 'ESP_TFC_PADDING_NOT_SUPPORTED'
  | 'NON_FIRST_FRAGMENTS_ALSO'
  | 'EAP_ONLY_AUTHENTICATION'
  | 'USE_TRANSPORT_MODE';

export interface Retransmission {
  readonly firstMs: number;
  readonly factor: number;
  readonly tries: number;
}

export interface InitiatorOptions {
  readonly primitives: Primitives;
  /** The client's own view of its sockets, before any NAT. */
  readonly localAddress: Uint8Array;
  readonly localPorts: { readonly ike: number; readonly natT: number };
  readonly gatewayAddress: Uint8Array;
  /** IKE_SA_INIT goes from and to 4500 already. */
  readonly startOn4500: boolean;
  readonly ike: readonly Offer[];
  /** With the KE transforms of rekeying; IKE_AUTH leaves them out. */
  readonly esp: readonly Offer[];
  /** AH proposals, offered before those of ESP; a client takes none of them up. */
  readonly ah: readonly Offer[];
  /** KeId of the first KE payload. */
  readonly firstKe: number;
  readonly nonceOctets: number;
  /** First octets of the nonces of this client's own requests and of its answers: whose rekey loses a collision. Null: all random. */
  readonly nonceHeads: { readonly request: number; readonly answer: number } | null;
  /** `pretend` hashes a false source, to be encapsulated without any NAT. */
  readonly natDetection: 'honest' | 'pretend' | 'none';
  /** Largest IKE message in octets that is sent in one piece; null: RFC 7383 is not supported. */
  readonly fragmentOctets: number | null;
  readonly signatureHashes: readonly number[] | null;
  readonly vendorIds: readonly Uint8Array[];
  readonly identity: Identity;
  readonly remoteIdentity: Identity | null;
  readonly authentication: Authentication;
  /** @returns the SubjectPublicKeyInfo of a gateway certificate that this client trusts for that identity, or null. */
  readonly trust: (chain: readonly Uint8Array[], identity: Identity) => Promise<Uint8Array | null>;
  /** Set where the gateway, too, proves itself by a shared secret. */
  readonly gatewaySecret: Uint8Array | null;
  /** SHA-1 hashes of CA keys, or null for no CERTREQ. */
  readonly certificateRequest: Uint8Array | null;
  /** CfgAttribute numbers to ask for, or null for no CP. */
  readonly configuration: readonly number[] | null;
  readonly TSi: readonly TrafficSelector[];
  readonly TSr: readonly TrafficSelector[];
  readonly layout: readonly AuthItem[];
  /** Payloads that no client sends, put at the end of IKE_AUTH. */
  readonly extraAuthPayloads: readonly Payload[];
  readonly retransmission: Retransmission;
  /** null: none, as without a NAT. */
  readonly keepaliveMs: number | null;
  readonly livenessMs: number | null;
  readonly childRekeyMs: number | null;
  readonly ikeRekeyMs: number | null;
  /** What this client does when the gateway begins to rekey a child or the IKE SA: follows, or answers this Notify number. */
  readonly onChildRekey: 'accept' | number;
  /** Takes what the gateway offers beyond what a child that it rekeys has. */
  readonly rekeyWidens: boolean;
  readonly onIkeRekey: 'accept' | number;
  readonly onNewChild: 'accept' | number;
  /** Windows makes a new child SA when the gateway has deleted its last one. */
  readonly whenChildless: 'wait' | 'renew';
  /** What this client makes of the gateway's COOKIE2 (RFC 4555 section 3.7): only the copy is right. */
  readonly onCookie: 'copy' | 'alter' | 'omit';
  /** Windows asks for the wide selectors again when it rekeys; others for what was granted. */
  readonly rekeySelectors: 'granted' | 'proposed';
  /** A child SA is made when there is something to send and none to send it with. */
  readonly childOnDemand: boolean;
}

/** What a test must say itself. */
export type Needed = 'primitives' | 'localAddress' | 'gatewayAddress' | 'identity' | 'authentication' | 'trust';

export type InitiatorSettings = Pick<InitiatorOptions, Needed> & Partial<InitiatorOptions>;

const PLAIN: Omit<InitiatorOptions, Needed> = {
  localPorts: { ike: PORT.IKE, natT: PORT.NAT_T },
  startOn4500: false,
  ike: [ikeOffer('aes256gcm16-prfsha256-x25519')],
  esp: [espOffer('aes256gcm16')],
  ah: [],
  firstKe: 31,
  nonceOctets: 32,
  nonceHeads: null,
  natDetection: 'honest',
  fragmentOctets: 1280,
  signatureHashes: [2, 3, 4],
  vendorIds: [],
  remoteIdentity: null,
  gatewaySecret: null,
  certificateRequest: null,
  configuration: null,
  TSi: everything(),
  TSr: everything(),
  layout: ['IDi', 'CERT', 'INITIAL_CONTACT', 'CERTREQ', 'IDr', 'AUTH', 'CP', 'SA', 'TSi', 'TSr', 'MOBIKE_SUPPORTED'],
  extraAuthPayloads: [],
  retransmission: { firstMs: 4000, factor: 1.8, tries: 5 },
  keepaliveMs: null,
  livenessMs: null,
  childRekeyMs: null,
  ikeRekeyMs: null,
  onChildRekey: 'accept',
  rekeyWidens: false,
  onIkeRekey: 'accept',
  onNewChild: 'accept',
  whenChildless: 'wait',
  onCookie: 'copy',
  rekeySelectors: 'granted',
  childOnDemand: true,
};

/** The layout of a client that does not know RFC 4555. */
export const WITHOUT_MOBIKE = PLAIN.layout.filter((item) => item !== 'MOBIKE_SUPPORTED');

export function initiatorOptions(settings: InitiatorSettings): InitiatorOptions {
  return { ...PLAIN, ...settings };
}
