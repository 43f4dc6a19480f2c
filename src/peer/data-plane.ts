// The ESP half of a peer: opens what comes, checks who speaks, seals what goes (RFC 4301 sections 5.1, 5.2; RFC 3948 section 3).
// It waits for nothing that IKE does. Which tunnels there are follows from the children that IKE has committed.

import { equal } from '../bytes/octets.ts';
import type { Primitives } from '../crypto/primitives.ts';
import type { Member } from '../ike/pad.ts';
import type { ChildSa } from '../ike/state.ts';
import { admit } from '../route/admit.ts';
import { fit as cutToFit } from '../route/mtu.ts';
import { permits } from '../route/selectors.ts';
import { TokenBucket } from '../route/token-bucket.ts';
import { type IpView, parseIp } from '../wire/ip.ts';
import { espSpi } from '../wire/esp.ts';
import type { Datagram } from '../wire/path.ts';
import { clampMss, mssFor } from '../wire/tcp-mss.ts';
import { Endpoint } from './endpoint.ts';
import { type Mark, nearsExhaustion, nextMark, outboundDue, type Reservation } from './marks.ts';
import { Traffic } from './traffic.ts';
import { Tunnel } from './tunnel.ts';

/** Its port, RFC 1035 section 4.2. */
const DNS = 53;

export interface Sealed {
  readonly datagrams: readonly Datagram[];
  /** ICMP errors that the gateway owes the senders of packets that do not fit; the router takes them. */
  readonly replies: readonly Uint8Array[];
}

export class DataPlane {
  readonly traffic = new Traffic();
  readonly endpoint = new Endpoint();
  readonly #primitives: Primitives;
  readonly #tunnels = new Map<number, Tunnel>();
  /** ICMP errors about packets that do not fit: so many a second, as a router owes them (RFC 1812 section 4.3.2.8). */
  readonly #tooBig = new TokenBucket(50, 50);

  constructor(primitives: Primitives) {
    this.#primitives = primitives;
  }

  get tunnels(): IterableIterator<Tunnel> {
    return this.#tunnels.values();
  }

  tunnel(spiIn: number): Tunnel | undefined {
    return this.#tunnels.get(spiIn);
  }

  /** Brings the tunnels in line with the children. */
  reconcile(children: readonly ChildSa[]): void {
    for (const spiIn of this.#tunnels.keys()) {
      if (!children.some((child) => child.spiIn === spiIn)) this.#tunnels.delete(spiIn);
    }
    for (const child of children) {
      const known = this.#tunnels.get(child.spiIn);
      if (known) known.child = child;
      else this.#tunnels.set(child.spiIn, new Tunnel(this.#primitives, child));
    }
  }

  async open(member: Member, datagrams: readonly Datagram[], now: number): Promise<readonly Uint8Array[]> {
    const packets: Uint8Array[] = [];
    for (const [spiIn, group] of groupBySpi(datagrams)) {
      const tunnel = this.#tunnels.get(spiIn);
      if (tunnel) await this.#openGroup(member, tunnel, group, now, packets);
      else this.traffic.drop('no-such-spi', group.length);
    }
    return packets;
  }

  async #openGroup(
    member: Member,
    tunnel: Tunnel,
    group: readonly Datagram[],
    now: number,
    into: Uint8Array[],
  ): Promise<void> {
    const before = tunnel.window.highest;
    const mtu = this.mtu(member, tunnel);
    const results = await tunnel.inbound.open(group.map((datagram) => datagram.octets));
    for (let i = 0; i < results.length; i++) {
      const result = results[i]!;
      if (typeof result === 'string') {
        this.traffic.drop(result);
        continue;
      }
      tunnel.heard = true;
      // Newer than all before, so no replay can move the path (RFC 7296 section 2.23).
      if (result.sequence === tunnel.window.highest && result.sequence > before)
        this.endpoint.heard(group[i]!.path, 'esp', now, this.traffic);
      const view = parseIp(result.packet);
      const refused = view === null ? 'not-ip' : admit(member, tunnel.selectors, view);
      if (refused !== null) {
        this.traffic.drop(refused);
        continue;
      }
      // What comes back to this segment comes through this tunnel.
      clampMss(view!, mssFor(view!.family, mtu));
      this.traffic.received(result.packet.length);
      if (view!.ports?.destination === DNS) this.#asked(member, view!.destination);
      into.push(result.packet);
    }
    const isAuthentic = (result: (typeof results)[number]) => typeof result !== 'string' || result === 'dummy';
    // Evidence of the way where we send, and of no other (RFC 4555 section 3.12).
    if (results.some((result, i) => isAuthentic(result) && this.endpoint.is(group[i]!.path))) this.traffic.heard(now);
  }

  /** @param room for the datagrams, or for as many batches of them as it holds: the caller's again when they have been sent. */
  async seal(member: Member, packets: readonly Uint8Array[], now: number, room?: Uint8Array): Promise<Sealed> {
    const replies: Uint8Array[] = [];
    const batches = new Map<Tunnel, Uint8Array[]>();
    for (const packet of packets) {
      const view = parseIp(packet);
      const tunnel = view && this.#choose(view);
      if (!view || !tunnel) {
        this.traffic.drop(view ? 'no-selector' : 'not-ip');
        continue;
      }
      if (view.ports?.source === DNS && among(member.dns, view.source)) this.traffic.dnsAnswered++;
      const fitted = cutToFit(view, this.mtu(member, tunnel), gatewayAddress(member, view.family), () =>
        this.#tooBig.take(now),
      );
      if (fitted.packets.length === 0) this.traffic.drop('too-big');
      if (fitted.reply !== null) replies.push(fitted.reply);
      const batch = batches.get(tunnel);
      if (batch) batch.push(...fitted.packets);
      else batches.set(tunnel, [...fitted.packets]);
    }
    const { path } = this.endpoint;
    if (path === null) {
      for (const batch of batches.values()) this.traffic.drop('no-path', batch.length);
      return { datagrams: [], replies };
    }
    const datagrams: Datagram[] = [];
    let left = room;
    for (const [tunnel, batch] of batches) {
      const sealed = await tunnel.outbound.seal(batch, left);
      let used = 0;
      for (let i = 0; i < sealed.length; i++) {
        const octets = sealed[i]!;
        if (typeof octets === 'string') {
          this.traffic.drop(octets);
          continue;
        }
        used += octets.length;
        this.traffic.sent(batch[i]!.length, now);
        datagrams.push({ path, octets });
      }
      left = left?.subarray(used);
    }
    return { datagrams, replies };
  }

  /** The longest packet that goes into a tunnel: what the network says, and no more than fits the way outside, octets. */
  mtu(member: Member, tunnel: Tunnel): number {
    return Math.min(member.mtu, tunnel.longest[this.endpoint.family]);
  }

  reserve(): Reservation | null {
    let { due } = this.endpoint;
    for (const tunnel of this.#tunnels.values())
      due ||= outboundDue(tunnel) || tunnel.ahead.isDue(tunnel.window.highest);
    if (!due) return null;
    const marks = new Map([...this.#tunnels].map(([spiIn, tunnel]) => [spiIn, nextMark(tunnel)]));
    return { marks, path: this.endpoint.path, mapping: this.endpoint.mapping };
  }

  /** Packets have come faster than marks could be stored: those that go on now need one before. */
  get overdrawn(): boolean {
    for (const { ahead, window } of this.#tunnels.values()) if (ahead.isOverdrawn(window.highest)) return true;
    return false;
  }

  /** @param now ms. */
  grant(reservation: Reservation, now: number): void {
    this.endpoint.due = false;
    for (const [spiIn, mark] of reservation.marks) {
      const tunnel = this.#tunnels.get(spiIn);
      tunnel?.sequence.extend(mark.outbound);
      tunnel?.ahead.grant(mark.inbound, now);
    }
  }

  /** Takes up the stored marks: sending goes on behind the last number that may have been used. */
  resume(spiIn: number, mark: Mark): void {
    const tunnel = this.#tunnels.get(spiIn);
    if (!tunnel) return;
    tunnel.sequence.resume(mark.outbound);
    tunnel.ahead.resume(mark.inbound);
  }

  /** Child SAs that must be rekeyed because their sequence numbers come to an end. */
  exhausting(): number[] {
    return [...this.#tunnels.values()].filter(nearsExhaustion).map((tunnel) => tunnel.child.spiIn);
  }

  #asked(member: Member, server: Uint8Array): void {
    if (among(member.dns, server)) this.traffic.dnsAsked++;
    else this.traffic.dnsElsewhere++;
  }

  /** The youngest tunnel that we may send on and whose selectors fit; while a rekey is under way, the old one still. */
  #choose(view: IpView): Tunnel | null {
    let fallback: Tunnel | null = null;
    let best: Tunnel | null = null;
    for (const tunnel of this.#tunnels.values()) {
      if (!permits(tunnel.selectors, view, 'out')) continue;
      if (!tunnel.heard || tunnel.child.deleting) fallback = tunnel;
      else if (best === null || tunnel.child.createdAt >= best.child.createdAt) best = tunnel;
    }
    return best ?? fallback;
  }
}

function groupBySpi(datagrams: readonly Datagram[]): Map<number, Datagram[]> {
  const groups = new Map<number, Datagram[]>();
  for (const datagram of datagrams) {
    const spi = espSpi(datagram.octets);
    const group = groups.get(spi);
    if (group) group.push(datagram);
    else groups.set(spi, [datagram]);
  }
  return groups;
}

function among(addresses: readonly Uint8Array[], address: Uint8Array): boolean {
  for (const each of addresses) if (equal(each, address)) return true;
  return false;
}

function gatewayAddress(member: Member, family: 4 | 6): Uint8Array | null {
  return member.gateway.find((address) => address.length === (family === 4 ? 4 : 16)) ?? null;
}
