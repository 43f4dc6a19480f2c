// Batches on their way to other peer objects: few calls at a time to each, what comes meanwhile rides in the next, the rest is dropped.

const CALLS = 4;
/** Less than this waits while a call is under way, as Nagle has it (RFC 896): a call costs as much as ten packets. */
const FULL_OCTETS = 32 * 1024;
const FLYING_OCTETS = 512 * 1024;
const WAITING_OCTETS = 256 * 1024;

/** A member and the object that holds it. */
export interface Destination {
  readonly member: string;
  readonly route: number;
}

/** @returns `gone` when that object holds no such member. */
export type Call = (packets: Uint8Array[]) => Promise<'ok' | 'gone'>;

export interface LanePorts {
  /** Makes the calls of one lane; they arrive in the order in which they were made. */
  caller(to: Destination): Call;
  /** A call said that nobody is there, or failed: what flew with it, and what waited behind it. */
  lost(to: Destination, why: 'gone' | 'failed', packets: readonly Uint8Array[]): void;
  dropped(packets: number): void;
  /** Keeps the object awake until the call has ended. */
  hold(call: Promise<void>): void;
}

interface Lane {
  readonly key: string;
  readonly to: Destination;
  readonly call: Call;
  calls: number;
  flying: number;
  waiting: Uint8Array[];
  waitingOctets: number;
}

export class Lanes {
  readonly #ports: LanePorts;
  readonly #lanes = new Map<string, Lane>();

  constructor(ports: LanePorts) {
    this.#ports = ports;
  }

  /** Sends now, or with what flies next; never waits. */
  send(to: Destination, packets: readonly Uint8Array[]): void {
    const lane = this.#lane(to);
    let dropped = 0;
    for (const packet of packets) {
      if (lane.waitingOctets + packet.length > WAITING_OCTETS) {
        dropped += 1;
        continue;
      }
      lane.waiting.push(packet);
      lane.waitingOctets += packet.length;
    }
    if (dropped > 0) this.#ports.dropped(dropped);
    this.#depart(lane);
  }

  #lane(to: Destination): Lane {
    const key = `${to.route} ${to.member}`;
    const known = this.#lanes.get(key);
    if (known) return known;
    const lane: Lane = { key, to, call: this.#ports.caller(to), calls: 0, flying: 0, waiting: [], waitingOctets: 0 };
    this.#lanes.set(key, lane);
    return lane;
  }

  #depart(lane: Lane): void {
    if (lane.waiting.length === 0 || lane.calls >= CALLS || lane.flying >= FLYING_OCTETS) return;
    if (lane.calls > 0 && lane.waitingOctets < FULL_OCTETS) return;
    const packets = lane.waiting;
    const octets = lane.waitingOctets;
    lane.waiting = [];
    lane.waitingOctets = 0;
    lane.calls += 1;
    lane.flying += octets;
    const landed = () => {
      lane.calls -= 1;
      lane.flying -= octets;
      if (lane.waiting.length > 0) this.#depart(lane);
      else if (lane.calls === 0 && this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key);
    };
    this.#ports.hold(this.#fly(lane, packets).finally(landed));
  }

  async #fly(lane: Lane, packets: Uint8Array[]): Promise<void> {
    let why: 'ok' | 'gone' | 'failed';
    try {
      why = await lane.call(packets);
    } catch {
      why = 'failed';
    }
    if (why === 'ok') return;
    const lost = [...packets, ...lane.waiting];
    lane.waiting = [];
    lane.waitingOctets = 0;
    if (this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key);
    this.#ports.lost(lane.to, why, lost);
  }
}
