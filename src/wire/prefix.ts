// An IP prefix, RFC 4632 and RFC 4291 section 2.3.

/** 4 or 16 octets. */
export type Address = Uint8Array;

export interface Prefix {
  /** Host bits are zero. */
  readonly address: Address;
  readonly length: number;
}
