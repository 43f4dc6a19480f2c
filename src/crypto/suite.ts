// A suite is one choice per transform type, as the two proposals narrow down to it (RFC 7296 section 2.7).

export interface IkeSuite {
  /** EncrId. */
  readonly encr: number;
  readonly encrKeyBits: number;
  /** PrfId. */
  readonly prf: number;
  /** IntegId; NONE with an AEAD. */
  readonly integ: number;
  /** KeId. */
  readonly ke: number;
}

export interface EspSuite {
  readonly encr: number;
  readonly encrKeyBits: number;
  readonly integ: number;
  /** Extended sequence numbers (RFC 4303 section 2.2.1). */
  readonly esn: boolean;
  /** KeId of the exchange that gives perfect forward secrecy, NONE without. */
  readonly ke: number;
}

/** Keys of one direction of an ESP SA: `encr` with the salt of an AEAD at its end, `integ` empty with an AEAD. */
export interface EspKeys {
  readonly encr: Uint8Array;
  readonly integ: Uint8Array;
}
