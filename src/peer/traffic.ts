// What a peer has sent and received, and what was dropped, by name.

/** What a connection has carried so far. */
export interface Carried {
  readonly at: number;
  readonly octetsIn: number;
  readonly octetsOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

export class Traffic {
  packetsIn = 0;
  octetsIn = 0;
  packetsOut = 0;
  octetsOut = 0;
  /** ms; 0 for never. */
  lastIn = 0;
  lastOut = 0;
  /** Packets to port 53 of a DNS server that the peer was given, and to port 53 of others; and what came back from the former. */
  dnsAsked = 0;
  dnsElsewhere = 0;
  dnsAnswered = 0;
  readonly drops = new Map<string, number>();

  /** An inner packet, checked. */
  received(octets: number): void {
    this.packetsIn++;
    this.octetsIn += octets;
  }

  sent(octets: number, now: number): void {
    this.packetsOut++;
    this.octetsOut += octets;
    this.lastOut = now;
  }

  /** Something authentic has come, be it dummy or IKE, by the way where we send. */
  heard(now: number): void {
    this.lastIn = now;
  }

  drop(reason: string, count = 1): void {
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + count);
  }
}
