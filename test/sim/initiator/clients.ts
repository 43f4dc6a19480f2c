// The stock clients as they were seen on the wire: what they offer, ask for, and leave out.

import { fromHex } from '../../../src/bytes/octets.ts';
import { CfgAttribute as Cfg, KeId } from '../../../src/wire/ike-numbers.ts';
import type { InitiatorOptions } from './options.ts';
import { combinations, espOffer, ikeOffer } from './proposals.ts';

export type Client = Partial<InitiatorOptions>;

/** Windows: machine certificate or EAP, no IDr, no INITIAL_CONTACT, small fragments, and its own idea of selectors when it rekeys. */
export function windows(dh2048: 0 | 1 | 2 = 1): Client {
  const encr = dh2048 === 2 ? 'aes256' : '3des,aes128,aes192,aes256';
  const groups = dh2048 === 0 ? 'modp1024' : 'modp2048';
  const strong = combinations('aes256/sha1,sha256,sha384/modp2048');
  const usual = combinations(`${encr}/sha1,sha256,sha384/${dh2048 === 1 ? 'modp1024' : groups}`);
  return {
    ike: (dh2048 === 1 ? [...strong, ...usual] : usual).map(ikeOffer),
    esp: ['aes256-sha1', 'aes128-sha1', '3des-sha1', 'null-sha1'].map(espOffer),
    firstKe: dh2048 === 0 ? KeId.MODP_1024 : KeId.MODP_2048,
    nonceOctets: 48,
    fragmentOctets: 576,
    signatureHashes: null,
    vendorIds: [
      fromHex('1e2b516905991c7d7c96fcbfb587e46100000009'),
      fromHex('fb1de3cdf341b7ea16b7e5be0855f120'),
      fromHex('26244d38eddb61b3172a36e3d0cfb819'),
      fromHex('01528bbbc00696121849ab9a1c5b2a5100000002'),
    ],
    configuration: [
      Cfg.INTERNAL_IP4_ADDRESS,
      Cfg.INTERNAL_IP4_DNS,
      Cfg.INTERNAL_IP4_NBNS,
      Cfg.MICROSOFT_IP4_SERVER,
      Cfg.INTERNAL_IP6_ADDRESS,
      Cfg.INTERNAL_IP6_DNS,
      Cfg.MICROSOFT_IP6_SERVER,
    ],
    certificateRequest: new Uint8Array(40 * 20).fill(0x5a),
    layout: ['IDi', 'CERT', 'CERTREQ', 'AUTH', 'MOBIKE_SUPPORTED', 'CP', 'SA', 'TSi', 'TSr'],
    retransmission: { firstMs: 1000, factor: 2, tries: 5 },
    keepaliveMs: 20_000,
    whenChildless: 'renew',
    rekeySelectors: 'proposed',
  };
}

/** iOS and macOS by configuration profile: IDr always, GCM first, and selectors for all. */
export function apple(): Client {
  return {
    ike: [
      'aes256gcm16-prfsha256-ecp256',
      'aes256gcm16-prfsha256-modp2048',
      'aes256-sha256-ecp256',
      'aes256-sha256-modp2048',
    ].map(ikeOffer),
    esp: ['aes256gcm16-ecp256', 'aes256gcm16', 'aes256-sha256'].map(espOffer),
    firstKe: KeId.ECP_256,
    nonceOctets: 16,
    fragmentOctets: 1280,
    configuration: [
      Cfg.INTERNAL_IP4_ADDRESS,
      Cfg.INTERNAL_IP4_DHCP,
      Cfg.INTERNAL_IP4_DNS,
      Cfg.INTERNAL_IP4_NETMASK,
      Cfg.INTERNAL_IP6_ADDRESS,
      Cfg.INTERNAL_IP6_DHCP,
      Cfg.INTERNAL_IP6_DNS,
      Cfg.INTERNAL_DNS_DOMAIN,
    ],
    layout: [
      'IDi',
      'INITIAL_CONTACT',
      'MOBIKE_SUPPORTED',
      'IDr',
      'CERTREQ',
      'AUTH',
      'CERT',
      'CP',
      'ESP_TFC_PADDING_NOT_SUPPORTED',
      'NON_FIRST_FRAGMENTS_ALSO',
      'SA',
      'TSi',
      'TSr',
    ],
    retransmission: { firstMs: 1000, factor: 2, tries: 6 },
    keepaliveMs: 20_000,
    livenessMs: 600_000,
  };
}

const ANDROID_KE = 'modp4096-x25519-modp3072-modp2048';
const ANDROID_PRF = 'prfsha512-prfsha384-prfsha256-prfaesxcbc-prfaescmac';

/** Android's own client: two IKE proposals with everything in them, keepalives each ten seconds, no CERTREQ, no INITIAL_CONTACT. */
export function android(): Client {
  const counter = 'aes256ctr-aes256-aes192ctr-aes192-aes128ctr-aes128';
  const aead =
    'chacha20poly1305-aes256gcm16-aes256gcm12-aes256gcm8-aes192gcm16-aes192gcm12-aes192gcm8-aes128gcm16-aes128gcm12-aes128gcm8';
  return {
    ike: [
      ikeOffer(`${counter}-sha512-sha384-sha256-aesxcbc-aescmac-${ANDROID_KE}-${ANDROID_PRF}-prfsha1`),
      ikeOffer(`${aead}-${ANDROID_KE}-${ANDROID_PRF}-prfsha1`),
    ],
    esp: [espOffer(`${counter}-sha512-sha384-sha256-aesxcbc-aescmac`), espOffer(aead)],
    firstKe: KeId.MODP_4096,
    nonceOctets: 32,
    fragmentOctets: 1280,
    configuration: [
      Cfg.INTERNAL_IP4_ADDRESS,
      Cfg.INTERNAL_IP6_ADDRESS,
      Cfg.INTERNAL_IP4_DNS,
      Cfg.INTERNAL_IP6_DNS,
      Cfg.INTERNAL_IP4_NETMASK,
      Cfg.APPLICATION_VERSION,
    ],
    layout: ['IDi', 'IDr', 'CERT', 'AUTH', 'SA', 'TSi', 'TSr', 'CP'],
    retransmission: { firstMs: 500, factor: 2, tries: 5 },
    keepaliveMs: 10_000,
    livenessMs: 120_000,
  };
}

/** The strongSwan daemon with its default proposals, cut to what its openssl plugin offers. */
export function strongswan(): Client {
  const groups = 'x25519-ecp256-ecp384-ecp521-modp3072-modp4096-modp2048';
  return {
    ike: [
      ikeOffer(`aes128-aes192-aes256-sha256-sha384-sha512-${groups}`),
      ikeOffer(`aes128gcm16-aes192gcm16-aes256gcm16-chacha20poly1305-prfsha256-prfsha384-prfsha512-${groups}`),
    ],
    esp: [
      espOffer(`aes128gcm16-aes192gcm16-aes256gcm16-${groups}-nopfs`),
      espOffer(`aes128-aes192-aes256-sha256-sha384-sha512-${groups}-nopfs`),
    ],
    firstKe: KeId.CURVE25519,
    nonceOctets: 32,
    fragmentOctets: 1280,
    configuration: [Cfg.INTERNAL_IP4_ADDRESS, Cfg.INTERNAL_IP4_DNS, Cfg.INTERNAL_IP6_ADDRESS, Cfg.INTERNAL_IP6_DNS],
    layout: [
      'IDi',
      'CERT',
      'INITIAL_CONTACT',
      'CERTREQ',
      'IDr',
      'AUTH',
      'CP',
      'SA',
      'TSi',
      'TSr',
      'MOBIKE_SUPPORTED',
      'EAP_ONLY_AUTHENTICATION',
    ],
    retransmission: { firstMs: 4000, factor: 1.8, tries: 5 },
    keepaliveMs: 20_000,
  };
}
