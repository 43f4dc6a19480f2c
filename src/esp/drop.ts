// Why a packet is dropped without a word. The caller counts by name.

export const ESP_DROPS = [
  /** No ESP packet of this suite has such a length. */
  'malformed',
  'wrong-spi',
  'replayed',
  'too-old',
  'wrong-icv',
  /** Authentic, but the padding is not 1, 2, 3, ... (RFC 4303 section 2.4). */
  'bad-padding',
  /** Authentic, but no whole IPv4 or IPv6 packet; or such a packet was to be sealed. */
  'not-ip',
  /** Sent to confuse those who count packets (RFC 4303 section 2.6). */
  'dummy',
  /** No sequence number is left to send it with. */
  'exhausted',
] as const;

export type EspDrop = (typeof ESP_DROPS)[number];
