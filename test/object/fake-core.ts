// A peer core that the tests can read: IKE is text, ESP is a reversed packet behind an SPI.
//
//   IKE "hello"           a handshake that makes the member "m-{route}" of network "net"; answers "welcome"
//   IKE "hello-as X"      the same, as member X
//   IKE "echo X"          answers X and changes nothing
//   IKE "slow N X"        the same after N ms
//   IKE "count"           counts in the checkpoint, answers the count
//   IKE "keepalive"       asks the relay for keepalives every 20 s
//   IKE "bye"             answers "bye" and is gone
//   IKE "break"           throws
//   IKE "woken"           answers how it woke

import type { Member } from '../../src/ike/pad.ts';
import type { Command, Output } from '../../src/peer/output.ts';
import type { Datagram, Path } from '../../src/wire/path.ts';
import type { Carried } from '../../worker/edge/rpc.ts';

interface FakeState {
  readonly member: string;
  readonly count: number;
  readonly deadline: number | null;
  readonly path: Path;
}

interface FakeStep {
  readonly state: FakeState | null;
  readonly outputs: readonly Output[];
}

/** What happened to the cores of this isolate, in order. */
export const journal: string[] = [];

const BLOCK = 1_000;

export function text(octets: Uint8Array): string {
  return new TextDecoder().decode(octets);
}

/** Of network `net`, or of the one behind an @. */
export function fakeMember(member: string): Member {
  const network = /@(.+)$/.exec(member)?.[1] ?? 'net';
  const last = Number(/\d+(?=$|@)/.exec(member)?.[0] ?? 1) & 255;
  return {
    organisation: 'org',
    network,
    networkName: network,
    member,
    name: member,
    kind: 'device',
    addresses: [Uint8Array.of(10, 0, 0, last)],
    prefixes: [],
    reachable: [],
    dns: [],
    domains: [],
    gateway: [Uint8Array.of(10, 0, 255, 1)],
    mtu: 1400,
    legacy: false,
    nullEncryption: false,
    ikeLifetimeSeconds: 3600,
    childLifetimeSeconds: 3600,
  };
}

export class FakeCore {
  readonly #route: number;
  #state: FakeState | null;
  #member: Member | null = null;
  #received = 0;
  #next = 1;
  #limit = 0;
  #woke = 'not at all';

  constructor(route: number, checkpoint: unknown) {
    this.#route = route;
    this.#state = checkpoint as FakeState | null;
  }

  get member(): Member | null {
    if (this.#state === null) return null;
    if (this.#member?.member !== this.#state.member) this.#member = fakeMember(this.#state.member);
    return this.#member;
  }

  async stepIke(datagram: Datagram, now: number): Promise<FakeStep> {
    const words = text(datagram.octets.subarray(datagram.path.localPort === 4500 ? 4 : 0))
      .replace(/\0+$/, '')
      .split(' ');
    const [verb = '', first = '', second = ''] = words;
    journal.push(`ike ${words.join(' ')}`);
    switch (verb) {
      case 'hello':
      case 'hello-as':
        return this.#hello(verb === 'hello' ? `m-${this.#route}` : first, datagram.path);
      case 'slow':
        await new Promise((resolve) => setTimeout(resolve, Number(first)));
        return { state: this.#state, outputs: [answer(datagram.path, second)] };
      case 'count': {
        const count = (this.#state?.count ?? 0) + 1;
        return { state: this.#state && { ...this.#state, count }, outputs: [answer(datagram.path, String(count))] };
      }
      case 'deadline':
        return { state: this.#state && { ...this.#state, deadline: now + Number(first) }, outputs: [] };
      case 'keepalive':
        return { state: this.#state, outputs: [{ kind: 'keepalive', path: datagram.path, seconds: 20 }] };
      case 'bye':
        return { state: null, outputs: [answer(datagram.path, 'bye'), { kind: 'gone' }] };
      case 'woken':
        return { state: this.#state, outputs: [answer(datagram.path, this.#woke)] };
      case 'break':
        throw new Error('broken');
      default:
        return { state: this.#state, outputs: [answer(datagram.path, words.slice(1).join(' '))] };
    }
  }

  async stepTick(): Promise<FakeStep> {
    journal.push('tick');
    return { state: this.#state && { ...this.#state, deadline: null }, outputs: [] };
  }

  async stepCommand(command: Command): Promise<FakeStep> {
    journal.push(`command ${command.kind}`);
    if (command.kind !== 'terminate' || !this.member) return { state: this.#state, outputs: [] };
    return { state: null, outputs: [{ kind: 'left', member: this.member, reason: command.reason }, { kind: 'gone' }] };
  }

  commit(step: FakeStep): Output[] {
    this.#state = step.state;
    return [...step.outputs];
  }

  checkpoint(): unknown {
    return this.#state;
  }

  deadline(): number | null {
    return this.#state?.deadline ?? null;
  }

  async openEsp(datagrams: readonly Datagram[]): Promise<readonly Uint8Array[]> {
    if (this.#state) this.#state = { ...this.#state, path: datagrams[0]!.path };
    this.#received += datagrams.length;
    return datagrams.map(({ octets }) => octets.slice(4).reverse());
  }

  async sealEsp(
    packets: readonly Uint8Array[],
  ): Promise<{ datagrams: readonly Datagram[]; replies: readonly Uint8Array[] }> {
    const path = this.#state?.path;
    const datagrams: Datagram[] = [];
    for (const packet of packets) {
      if (!path || this.#next > this.#limit) continue;
      datagrams.push({ path, octets: esp(this.#next++, packet) });
    }
    return { datagrams, replies: [] };
  }

  get overdrawn(): boolean {
    return false;
  }

  reserve(): unknown {
    return this.#state && this.#limit - this.#next < BLOCK / 2 ? { marks: this.#next + BLOCK } : null;
  }

  grant(reservation: { marks: number }): void {
    this.#limit = reservation.marks;
  }

  windows(): Uint8Array {
    return Uint8Array.of(this.#received);
  }

  woke({ windows, marks }: { windows: Uint8Array | null; marks: { marks: number } | null }): void {
    this.#woke = windows ? `windows ${windows[0]}` : 'crashed';
    journal.push(`woke ${this.#woke} marks ${marks?.marks ?? 'none'}`);
    this.#received = windows?.[0] ?? 0;
    this.#next = (marks?.marks ?? 0) + 1;
    this.#limit = marks?.marks ?? 0;
  }

  readonly awaitedSpi = null;

  wantsLiveness(): boolean {
    return false;
  }

  suspects(silentSeconds: number): boolean {
    return silentSeconds > 0;
  }

  /** Long ago, so that each packet is the first of its minute. */
  get carried(): Carried {
    const at = this.#received > 0 ? 1 : 0;
    return { at, octetsIn: this.#received, octetsOut: 0, packetsIn: this.#received, packetsOut: 0 };
  }

  status(): unknown {
    return this.#state && { member: this.#state.member, received: this.#received };
  }

  #hello(member: string, path: Path): FakeStep {
    const state: FakeState = { member, count: 0, deadline: null, path };
    return { state, outputs: [answer(path, 'welcome'), { kind: 'joined', member: fakeMember(member) }] };
  }
}

/** An ESP datagram of the fake core. */
export function esp(sequence: number, packet: Uint8Array): Uint8Array {
  const octets = new Uint8Array(4 + packet.length);
  new DataView(octets.buffer).setUint32(0, 0x01000000 + sequence);
  octets.set(packet.slice().reverse(), 4);
  return octets;
}

export function espSequence(octets: Uint8Array): number {
  return (octets[1]! << 16) | (octets[2]! << 8) | octets[3]!;
}

/** An IKE datagram of the fake core, long enough to be taken for one. */
export function ike(words: string): Uint8Array {
  const octets = new Uint8Array(4 + Math.max(28, words.length));
  octets.set(new TextEncoder().encode(words), 4);
  return octets;
}

function answer(path: Path, words: string): Output {
  return { kind: 'send', datagrams: [{ path, octets: ike(words) }] };
}
