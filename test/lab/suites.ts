// The suites that a gateway offers, in strongSwan's spelling, with the way in which `swanctl --list-sas` names them.

export interface NamedSuite {
  readonly proposal: string;
  readonly listed: string;
}

export const IKE_SUITES: readonly NamedSuite[] = [
  { proposal: 'aes256gcm16-prfsha384-ecp384', listed: 'AES_GCM_16/256/PRF_HMAC_SHA2_384/ECP_384' },
  { proposal: 'aes128gcm16-prfsha256-x25519', listed: 'AES_GCM_16/128/PRF_HMAC_SHA2_256/CURVE_25519' },
  { proposal: 'chacha20poly1305-prfsha256-ecp256', listed: 'CHACHA20_POLY1305/PRF_HMAC_SHA2_256/ECP_256' },
  { proposal: 'aes256-sha256-modp2048', listed: 'AES_CBC/256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048' },
  { proposal: 'aes128-sha256-modp3072', listed: 'AES_CBC/128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_3072' },
  { proposal: 'aes256-sha512-modp4096', listed: 'AES_CBC/256/HMAC_SHA2_512_256/PRF_HMAC_SHA2_512/MODP_4096' },
  { proposal: 'aes256-sha384-ecp384', listed: 'AES_CBC/256/HMAC_SHA2_384_192/PRF_HMAC_SHA2_384/ECP_384' },
];

export const ESP_SUITES: readonly NamedSuite[] = [
  { proposal: 'aes256gcm16', listed: 'AES_GCM_16/256' },
  { proposal: 'aes128gcm16', listed: 'AES_GCM_16/128' },
  { proposal: 'chacha20poly1305', listed: 'CHACHA20_POLY1305' },
  { proposal: 'aes256-sha256', listed: 'AES_CBC/256/HMAC_SHA2_256_128' },
  { proposal: 'aes128-sha512', listed: 'AES_CBC/128/HMAC_SHA2_512_256' },
];

/** Groups for perfect forward secrecy, one beside each ESP suite. */
export const PFS_GROUPS: readonly NamedSuite[] = [
  { proposal: 'ecp384', listed: 'ECP_384' },
  { proposal: 'x25519', listed: 'CURVE_25519' },
  { proposal: 'ecp256', listed: 'ECP_256' },
  { proposal: 'modp2048', listed: 'MODP_2048' },
  { proposal: 'modp3072', listed: 'MODP_3072' },
];

export const IKE_PROPOSALS = IKE_SUITES.map(({ proposal }) => proposal);

export const ESP_PROPOSALS = ESP_SUITES.flatMap(({ proposal }, index) => {
  const group = PFS_GROUPS[index]!.proposal;
  return [proposal, `${proposal}-${group}`];
});
