// The reference model: every inner packet that a client sends is entered here, and every stage on its way is compared with what must happen.

import { toHex } from '../../../src/bytes/octets.ts';
import type { Member } from '../../../src/ike/pad.ts';
import type { Mark } from '../../../src/peer/marks.ts';
import { espSequence, espSpi } from '../../../src/wire/esp.ts';
import { type IpView, parseIp } from '../../../src/wire/ip.ts';
import type { Datagram } from '../../../src/wire/path.ts';
import { contains, formatAddress } from '../../../src/wire/prefix.ts';
import { Agreement, covers } from './agreement.ts';
import type { Shell } from './shell.ts';

/** What the sender meant. `spoofed` has another member's source; `abroad` goes to nobody; `outside` is held by no selector. */
export type Intent = 'good' | 'echo' | 'spoofed' | 'abroad' | 'outside';

interface Entry {
  readonly id: number;
  readonly intent: Intent;
  readonly sender: string;
  readonly receiver: string | null;
  readonly network: string;
  readonly packet: string;
  passed: number;
  received: number;
}

const WINDOW = 1024;

export class Ledger {
  readonly violations: string[] = [];
  readonly agreement = new Agreement();
  evictions = 0;
  readonly drops = new Map<string, number>();
  readonly #entries = new Map<number, Entry>();
  /** ESP datagram -> the packet in it, until it has come to a peer object once, or to a client. */
  readonly #inFlight = new Map<string, number>();
  readonly #homeward = new Map<string, { readonly id: number | null; readonly member: string }>();
  /** Member and SPI -> the highest sequence number that has come to the client. */
  readonly #home = new Map<string, number>();
  readonly #floors = new Map<number, number>();
  readonly #highest = new Map<number, number>();
  #next = 1;

  violate(text: string): void {
    this.violations.push(text);
  }

  /** @param make builds the packet around its number. */
  enter(intent: Intent, sender: Member, receiver: string | null, make: (id: number) => Uint8Array): Uint8Array {
    const id = this.#next++;
    const packet = make(id);
    const { member, network } = sender;
    this.#entries.set(id, {
      id,
      intent,
      sender: member,
      receiver,
      network,
      packet: bodyOf(packet),
      passed: 0,
      received: 0,
    });
    return packet;
  }

  /** The client has sealed these packets into these datagrams. */
  sent(packets: readonly Uint8Array[], datagrams: readonly Datagram[]): void {
    datagrams.forEach(({ octets }, i) => {
      const id = idOf(packets[i]!);
      if (id !== null) this.#inFlight.set(toHex(octets), id);
    });
  }

  crashed(shell: Shell, marks: ReadonlyMap<number, Mark>): void {
    for (const { spiIn } of shell.state?.children ?? []) this.#floors.set(spiIn, marks.get(spiIn)?.inbound ?? 0);
  }

  /** A peer object has opened a batch. Whatever came for the first time, for a child SA that it has, must have passed if it was good. */
  opened(shell: Shell, spis: readonly number[], datagrams: readonly Datagram[], packets: readonly Uint8Array[]): void {
    const { member } = shell.peer;
    const passed = new Set(packets.map(idOf));
    for (const { octets } of datagrams) {
      const id = this.#inFlight.get(toHex(octets));
      if (id === undefined) continue;
      this.#inFlight.delete(toHex(octets));
      const entry = this.#entries.get(id)!;
      const must = entry.intent === 'good' || entry.intent === 'echo';
      if (must && member !== null && spis.includes(espSpi(octets)) && !this.#excused(octets) && !passed.has(id))
        this.violate(
          `packet ${id} of ${entry.sender} did not pass its gateway: ${JSON.stringify(shell.peer.status()?.drops)}`,
        );
    }
    for (const { octets } of datagrams) {
      const spi = espSpi(octets);
      if (spis.includes(spi)) this.#highest.set(spi, Math.max(this.#highest.get(spi) ?? 0, espSequence(octets)));
    }
    for (const packet of packets) this.#passed(member, packet);
  }

  /** Every packet that the router gave has its datagram, when there is a child SA to send it with. */
  sealed(shell: Shell, packets: readonly Uint8Array[], datagrams: readonly Datagram[]): void {
    const able = shell.peer.member !== null && shell.state?.children.some((child) => !child.deleting) === true;
    if (able && datagrams.length !== packets.length)
      this.violate(
        `${packets.length} packets became ${datagrams.length}: ${JSON.stringify(shell.peer.status()?.drops)}`,
      );
    const { member } = shell.peer;
    for (const packet of packets) {
      const view = parseIp(packet);
      if (member !== null && datagrams.length > 0 && view !== null && !this.#isAgreed(shell, member.member, view))
        this.violate(`a packet outside of every selector was sealed for ${member.member}`);
    }
    if (member === null) return;
    const paired = datagrams.length === packets.length;
    datagrams.forEach(({ octets }, i) => {
      this.#homeward.set(toHex(octets), { id: paired ? idOf(packets[i]!) : null, member: member.member });
    });
  }

  /** By what the client has, or by a child SA whose making it has not heard of yet. */
  #isAgreed(shell: Shell, member: string, view: IpView): boolean {
    if (this.agreement.holds(member, view, 'to')) return true;
    const unheard = shell.state?.children.filter(({ spiIn }) => !this.agreement.knows(member, spiIn)) ?? [];
    return unheard.some(({ ours, theirs }) => covers(ours, theirs, view));
  }

  /**
   * A datagram reaches a client that has its child SA.
   * @param size of the client's window: a gateway that wakes leaves numbers out, and what is overtaken by the next one is too old then.
   * @returns the packet that must come out of it: each other one does the first time.
   */
  comes(to: Member, octets: Uint8Array, size: number): number | null {
    const key = toHex(octets);
    const found = this.#homeward.get(key);
    // Where a NAT overloads a port, the other one who has it gets a copy, and may have an equal SPI.
    if (found === undefined || found.member !== to.member) return null;
    this.#homeward.delete(key);
    const sa = `${to.member}/${espSpi(octets)}`;
    const sequence = espSequence(octets);
    const highest = this.#home.get(sa) ?? 0;
    this.#home.set(sa, Math.max(highest, sequence));
    return sequence + size <= highest ? null : found.id;
  }

  /** What came out of that datagram. */
  cameOut(id: number, packets: readonly Uint8Array[]): void {
    if (!packets.some((packet) => idOf(packet) === id))
      this.violate(`packet ${id} reached its client, who could not open it`);
  }

  /** A packet has come out of a client's ESP. */
  received(receiver: Member, packet: Uint8Array): void {
    const id = idOf(packet);
    const entry = id === null ? undefined : this.#entries.get(id);
    if (entry === undefined) return;
    if (entry.intent === 'echo') {
      if (++entry.received > 1) this.violate(`echo ${id} came back twice`);
      return;
    }
    if (entry.network !== receiver.network)
      this.violate(`packet ${id} of ${entry.network} came to ${receiver.network}`);
    if (entry.intent !== 'good') this.violate(`a packet that is ${entry.intent} was received by ${receiver.member}`);
    if (entry.receiver !== receiver.member)
      this.violate(`packet ${id} for ${entry.receiver} came to ${receiver.member}`);
    if (bodyOf(packet) !== entry.packet) this.violate(`packet ${id} was changed on its way`);
    if (++entry.received > 1) this.violate(`packet ${id} was received twice`);
  }

  /** Packets entered since `from` that have not been received, though they are good. */
  missing(from: number): string[] {
    return [...this.#entries.values()]
      .filter(({ id, intent, received }) => id >= from && received !== 1 && (intent === 'good' || intent === 'echo'))
      .map(
        ({ id, intent, sender, receiver, passed, received }) =>
          `${intent} ${id} ${sender}>${receiver}: passed ${passed}, received ${received}`,
      );
  }

  /** How often the gateway of its sender let a packet through. */
  passedOf(packet: Uint8Array): number {
    return this.#entries.get(idOf(packet) ?? 0)?.passed ?? 0;
  }

  get nextId(): number {
    return this.#next;
  }

  /** Delivered to another client, in all. */
  get delivered(): number {
    return [...this.#entries.values()].filter(({ received }) => received > 0).length;
  }

  counted(drops: Readonly<Record<string, number>>): void {
    for (const [reason, count] of Object.entries(drops)) this.drops.set(reason, (this.drops.get(reason) ?? 0) + count);
  }

  #passed(member: Member | null, packet: Uint8Array): void {
    const view = parseIp(packet);
    if (view === null || member === null) {
      this.violate('what passed is no IP packet, or of nobody');
      return;
    }
    const owns =
      member.addresses.some((own) => String(own) === String(view.source)) ||
      member.prefixes.some((prefix) => contains(prefix, view.source));
    if (!owns) this.violate(`${member.member} sent as ${formatAddress(view.source)}`);
    const id = idOf(packet);
    const entry = id === null ? undefined : this.#entries.get(id);
    if (entry === undefined) {
      this.violate('a packet passed that nobody sent');
      return;
    }
    if (entry.sender !== member.member) this.violate(`packet ${id} of ${entry.sender} passed as ${member.member}'s`);
    if (entry.intent === 'spoofed' || entry.intent === 'outside') this.violate(`${entry.intent} packet ${id} passed`);
    if (!this.agreement.holds(member.member, view, 'from'))
      this.violate(`packet ${id} of ${member.member} passed, which no selector holds`);
    if (++entry.passed > 1) this.violate(`packet ${id} passed twice`);
  }

  /** After a crash all up to the stored mark is refused; and nothing older than the window is taken. */
  #excused(octets: Uint8Array): boolean {
    const spi = espSpi(octets);
    const sequence = espSequence(octets);
    return sequence <= (this.#floors.get(spi) ?? 0) || sequence <= (this.#highest.get(spi) ?? 0) - WINDOW;
  }
}

const MARK = 'sim:';

/** The payload that carries a packet's number. */
export function payloadOf(id: number): Uint8Array {
  return new TextEncoder().encode(`${MARK}${id};`);
}

function idOf(packet: Uint8Array): number | null {
  const found = /sim:(\d+);/.exec(new TextDecoder('latin1').decode(packet));
  return found === null ? null : Number(found[1]);
}

/** All but what a router changes: the payload behind the IP header, and the addresses. */
function bodyOf(packet: Uint8Array): string {
  const view = parseIp(packet);
  if (view === null) return '';
  return [
    formatAddress(view.source),
    formatAddress(view.destination),
    toHex(packet.subarray(view.payloadOffset)),
  ].join();
}
