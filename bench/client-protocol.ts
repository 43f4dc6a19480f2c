// What the bench and its client process say to one another, over the channel that Node gives a child process.

/** One peer of the gateway as the client plays it. */
export interface Enrolled {
  /** FQDN or mailbox identity. */
  readonly identity: string;
  readonly secret: string;
}

export interface ConnectOrder {
  readonly kind: 'connect';
  readonly peers: readonly Enrolled[];
  /** Handshakes under way at a time. */
  readonly atOnce: number;
}

/** Bursts from peers that take turns, peer i to peer i + 1, each begun when one before it has arrived whole. */
export interface LoadOrder {
  readonly kind: 'load';
  /** How many of the connected peers send. */
  readonly senders: number;
  /** Length of the inner packet. */
  readonly octets: number;
  /** Packets in a burst. */
  readonly burst: number;
  /** Bursts under way at a time. */
  readonly bursts: number;
  /** Both must be over: the time, and so many bursts. */
  readonly milliseconds: number;
  readonly least: number;
}

export interface CloseOrder {
  readonly kind: 'close';
}

export type Order = ConnectOrder | LoadOrder | CloseOrder;

export interface Connected {
  readonly kind: 'connected';
  readonly connected: number;
  readonly milliseconds: number;
  /** What ended those that did not come up. */
  readonly failures: readonly string[];
}

export interface Loaded {
  readonly kind: 'loaded';
  readonly sent: number;
  /** Opened by the peer that they were for, and found whole. */
  readonly received: number;
  readonly octets: number;
  /** Until the last packet had come. */
  readonly milliseconds: number;
  /** What came and was not what was sent. */
  readonly wrong: number;
}

export type Report =
  | { readonly kind: 'ready' }
  | Connected
  | Loaded
  | { readonly kind: 'failed'; readonly message: string };

/** Where the client finds the gateway, and the addresses of its own that peers share out among them. */
export interface ClientSetting {
  readonly gateway: string;
  /** UDP, of NAT traversal. */
  readonly port: number;
  readonly gatewayIdentity: string;
  readonly addresses: readonly string[];
}
