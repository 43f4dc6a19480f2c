// Batches on their way to other peer objects: few calls at a time to each, what comes meanwhile rides in the next, the rest is dropped.

const CALLS = 4;
/** Less than this waits while a call is under way, as Nagle has it (RFC 896): a call costs as much as ten packets. */
const FULL_OCTETS = 32 * 1024;
const FLYING_OCTETS = 512 * 1024;
const WAITING_OCTETS = 256 * 1024;
/**
 * A session that nothing goes through is ended after so long. Cloudflare bills a session like a call, and two objects that cannot sleep:
 *   0.15 $ / 10^6  =  2 x 0.128 GB x 12.5 $ / 10^6 GB s x 47 ms
 */
const LINGER_MS = 50;
/** With more destinations than these, those at rest are forgotten. */
const LANES = 64;

/** A member and the object that holds it. */
export interface Destination {
  readonly member: string;
  readonly route: number;
}

/** `gone` when that object holds no such member. */
export type Answer = 'ok' | 'gone';

/** A session with another object, for many calls: they arrive in the order in which they were made. */
export interface Session {
  call(packets: Uint8Array[]): Promise<Answer>;
  /** Nothing is called any more. */
  end(): void;
}

export interface LanePorts {
  /** One call by itself. */
  call(to: Destination, packets: Uint8Array[]): Promise<Answer>;
  open(to: Destination): Session;
  /** A call said that nobody is there, or failed: what flew with it, and what waited behind it. */
  lost(to: Destination, why: 'gone' | 'failed', packets: readonly Uint8Array[]): void;
  dropped(packets: number): void;
  /** Keeps the object awake until the call has ended. */
  hold(call: Promise<void>): void;
}

interface Lane {
  readonly key: string;
  readonly to: Destination;
  /** Opened for the second of two calls that follow one another: what comes alone costs less without. */
  session: Session | null;
  /** Under way. */
  calls: number;
  /** When the last of them ended, ms. */
  restsSince: number;
  /** A call has been made since the last look whether the session is in use. */
  used: boolean;
  timer: ReturnType<typeof setTimeout> | null;
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
    if (this.#lanes.size >= LANES) this.#forgetResting();
    const lane: Lane = {
      key,
      to,
      session: null,
      calls: 0,
      restsSince: Number.NEGATIVE_INFINITY,
      used: true,
      timer: null,
      flying: 0,
      waiting: [],
      waitingOctets: 0,
    };
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
    lane.used = true;
    lane.flying += octets;
    const landed = () => {
      lane.calls -= 1;
      lane.flying -= octets;
      if (lane.calls === 0) lane.restsSince = Date.now();
      if (lane.waiting.length > 0) this.#depart(lane);
      else if (lane.calls === 0) this.#linger(lane);
    };
    this.#ports.hold(this.#fly(lane, packets).finally(landed));
  }

  /** Looks every now and then whether the session is in use: a timer for each call would cost more. */
  #linger(lane: Lane): void {
    if (lane.timer !== null || lane.session === null) return;
    lane.used = false;
    lane.timer = setTimeout(() => {
      lane.timer = null;
      if (lane.calls > 0) return;
      if (lane.used) this.#linger(lane);
      else this.#end(lane);
    }, LINGER_MS);
  }

  #forgetResting(): void {
    for (const [key, { calls, session }] of this.#lanes) if (calls === 0 && session === null) this.#lanes.delete(key);
  }

  #end(lane: Lane): void {
    if (this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key);
    if (lane.timer !== null) clearTimeout(lane.timer);
    this.#close(lane);
  }

  #close(lane: Lane): void {
    lane.session?.end();
    lane.session = null;
  }

  async #call(lane: Lane, packets: Uint8Array[]): Promise<Answer | 'failed'> {
    if (lane.session !== null || lane.calls > 1 || Date.now() - lane.restsSince < LINGER_MS) {
      const session = (lane.session ??= this.#ports.open(lane.to));
      try {
        return await session.call(packets);
      } catch {
        // The other object may have been reset since, and the session with it: the same packets go by themselves, once.
        if (lane.session === session) this.#close(lane);
      }
    }
    return this.#ports.call(lane.to, packets).catch(() => 'failed');
  }

  async #fly(lane: Lane, packets: Uint8Array[]): Promise<void> {
    const why = await this.#call(lane, packets);
    if (why === 'ok') return;
    const lost = [...packets, ...lane.waiting];
    lane.waiting = [];
    lane.waitingOctets = 0;
    this.#end(lane);
    this.#ports.lost(lane.to, why, lost);
  }
}
