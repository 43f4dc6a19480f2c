// A path: a relay's socket and the remote address that speaks to it. What the peer sees of NAT is a change of its remote half.

export interface Path {
  /** 4 or 16 octets. */
  readonly localAddress: Uint8Array;
  readonly localPort: number;
  readonly remoteAddress: Uint8Array;
  readonly remotePort: number;
}

/** One outer UDP payload, with the non-ESP marker where the port asks for one. */
export interface Datagram {
  readonly path: Path;
  readonly octets: Uint8Array;
}
