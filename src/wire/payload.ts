// What an IKE message can carry, one shape per payload: RFC 7296 section 3.2 and after. The formats stand in one file each beside this one.

export interface Transform {
  /** TransformType. */
  readonly type: number;
  readonly id: number;
  /** Key Length attribute in bits, where the transform carries one. */
  readonly keyBits?: number;
  /** Types of the attributes that we do not know, where there are any: such a transform may not be chosen (RFC 7296 section 3.3.6). */
  readonly otherAttributes?: readonly number[];
}

export interface Proposal {
  readonly number: number;
  /** Protocol: IKE or ESP (AH is parsed, and never chosen). */
  readonly protocol: number;
  readonly spi: Uint8Array;
  readonly transforms: readonly Transform[];
}

export interface Identity {
  /** IdType. */
  readonly idType: number;
  readonly data: Uint8Array;
}

/** A range of addresses, protocols and ports, RFC 7296 section 3.13.1. Both addresses have 4 octets or both have 16. */
export interface TrafficSelector {
  /** IP protocol number, 0 for any. */
  readonly protocol: number;
  readonly startPort: number;
  readonly endPort: number;
  readonly startAddress: Uint8Array;
  readonly endAddress: Uint8Array;
}

export interface CfgAttributeValue {
  readonly attribute: number;
  readonly value: Uint8Array;
}

export interface NotifyPayload {
  readonly type: 'N';
  readonly notify: number;
  /** Protocol and SPI are 0 and empty unless the notification speaks of a child SA. */
  readonly protocol: number;
  readonly spi: Uint8Array;
  readonly data: Uint8Array;
}

export interface DeletePayload {
  readonly type: 'D';
  readonly protocol: number;
  /** Each 4 octets for ESP; empty list for the IKE SA itself. */
  readonly spis: readonly Uint8Array[];
}

export type Payload =
  | { readonly type: 'SA'; readonly proposals: readonly Proposal[] }
  | { readonly type: 'KE'; readonly method: number; readonly data: Uint8Array }
  | ({ readonly type: 'IDi' } & Identity)
  | ({ readonly type: 'IDr' } & Identity)
  | { readonly type: 'CERT'; readonly encoding: number; readonly data: Uint8Array }
  | { readonly type: 'CERTREQ'; readonly encoding: number; readonly authorities: Uint8Array }
  | { readonly type: 'AUTH'; readonly method: number; readonly data: Uint8Array }
  | { readonly type: 'NONCE'; readonly data: Uint8Array }
  | NotifyPayload
  | DeletePayload
  | { readonly type: 'V'; readonly data: Uint8Array }
  | { readonly type: 'TSi'; readonly selectors: readonly TrafficSelector[] }
  | { readonly type: 'TSr'; readonly selectors: readonly TrafficSelector[] }
  | { readonly type: 'CP'; readonly cfgType: number; readonly attributes: readonly CfgAttributeValue[] }
  | { readonly type: 'EAP'; readonly message: Uint8Array }
  | { readonly type: 'UNKNOWN'; readonly payloadType: number; readonly critical: boolean; readonly data: Uint8Array };

export type PayloadName = Payload['type'];
export type PayloadOf<T extends PayloadName> = Extract<Payload, { type: T }>;
