// All uplinks by route, what they owe at the end of a turn of the event loop, and their second hand.

import { FramePool } from './frame-pool.ts';
import { Uplink } from './uplink.ts';
import type { Origin, UplinkPorts } from './uplink-ports.ts';

/**
 * An uplink that has sent a frame within the last few milliseconds gathers the next one for two, as network cards do with
 * interrupts: a frame costs the edge as much as ten datagrams do, and Cloudflare bills frames. One that has been quieter sends at the end of the turn.
 */
const BUSY = { within: 8, gather: 2 } as const;
/** Each uplink is looked after once in so many seconds: below the 100 s after which proxies cut an idle WebSocket. */
const BEAT_SECONDS = 25;
/** An uplink over which nothing has gone, and whose peer has not even sent a keepalive. The edge dials again when it needs it. */
const IDLE_AFTER = 600_000;

export type UplinksPorts = Omit<UplinkPorts, 'frames' | 'due'>;

export class Uplinks {
  readonly #ports: UplinkPorts;
  readonly #byRoute = new Map<number, Uplink>();
  #due: Uplink[] = [];
  #gathering: Uplink[] = [];
  #second = 0;
  readonly #flushDue = () => flushAll(this.#due.splice(0));
  readonly #flushGathered = () => flushAll(this.#gathering.splice(0));

  constructor(ports: UplinksPorts) {
    this.#ports = {
      ...ports,
      frames: new FramePool(),
      due: (uplink) => {
        if (ports.now() - uplink.sentAt >= BUSY.within) {
          if (this.#due.push(uplink) === 1) setImmediate(this.#flushDue);
        } else if (this.#gathering.push(uplink) === 1) {
          setTimeout(this.#flushGathered, BUSY.gather);
        }
      },
      ended: (uplink, why) => {
        this.#byRoute.delete(uplink.route);
        ports.ended(uplink, why);
      },
    };
  }

  get(route: number): Uplink | undefined {
    return this.#byRoute.get(route);
  }

  dial(route: number, origin: Origin | null): Uplink {
    const uplink = new Uplink(route, origin, this.#ports);
    this.#byRoute.set(route, uplink);
    uplink.dial();
    return uplink;
  }

  /** One second has passed. */
  tick(now: number): void {
    this.#second = (this.#second + 1) % BEAT_SECONDS;
    for (const [route, uplink] of this.#byRoute) {
      if (route % BEAT_SECONDS === this.#second) uplink.beat(now, IDLE_AFTER);
    }
  }

  byState(): Record<'dialling' | 'open' | 'waiting', number> {
    const counts = { dialling: 0, open: 0, waiting: 0, ended: 0 };
    for (const uplink of this.#byRoute.values()) counts[uplink.state] += 1;
    const { dialling, open, waiting } = counts;
    return { dialling, open, waiting };
  }

  /** Closes all of them: the relay goes, their peers do not. */
  stop(): void {
    for (const uplink of [...this.#byRoute.values()]) {
      uplink.flush();
      uplink.end('idle', 1001);
    }
  }
}

function flushAll(uplinks: readonly Uplink[]): void {
  for (const uplink of uplinks) uplink.flush();
}
