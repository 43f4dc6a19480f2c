// What stands around a peer object: its network object, other peer objects, its relays. Calls to them are never waited for by frames.

import type { Member } from '../../src/ike/pad.ts';
import type { Attempt } from '../../src/peer/output.ts';
import type { AccessView } from '../../src/policy/view.ts';
import { joinPackets } from '../../src/wire/ip-run.ts';
import { formatPath } from '../../src/wire/path.ts';
import { formatAddress, type Prefix } from '../../src/wire/prefix.ts';
import type { EdgeEnv } from './env.ts';
import type { ForwardPorts } from './forwarder.ts';
import type { Guard } from './guard.ts';
import { type Log, reasonOf } from './log.ts';
import type { Carried, PeerReport } from './rpc.ts';
import type { Resolved, Standing } from './standing.ts';
import { strangersFrom } from './strangers.ts';

/** A network object that does not answer is told again after so long; then the peer must come anew. */
const JOIN_AGAIN_MS = [0, 200, 1_000, 5_000] as const;

export class Surroundings {
  readonly #ctx: DurableObjectState;
  readonly #env: EdgeEnv;
  readonly #log: Log;

  constructor(ctx: DurableObjectState, env: EdgeEnv, log: Log) {
    this.#ctx = ctx;
    this.#env = env;
    this.#log = log;
  }

  /** Keeps the object awake until the work has ended, and says when it failed. */
  hold(work: Promise<unknown>, event = 'work-failed'): void {
    this.#ctx.waitUntil(work.catch((thrown: unknown) => this.#log.warn(event, { reason: reasonOf(thrown) })));
  }

  async dial(relay: string, route: number): Promise<void> {
    try {
      const told = await this.#env.RELAY.getByName(relay).dial(route);
      if (!told) this.#log.debug('relay-absent', { route });
    } catch (thrown) {
      this.#log.warn('dial-failed', { route, reason: reasonOf(thrown) });
    }
  }

  /** Tells the network object; `refused` is called when the member may not be there, or nobody could be told. */
  join(
    member: Member,
    route: number,
    report: () => PeerReport | null,
    stillHere: () => boolean,
    refused: (reason: string) => void,
  ): void {
    this.hold(this.#join(member, route, report, stillHere, refused), 'join-failed');
  }

  tell({ network, member }: Member, route: number, report: PeerReport, carried: Carried): void {
    this.hold(this.#env.NETWORK.getByName(network).tell({ member, route, report, carried }), 'tell-failed');
  }

  leave(member: Member, route: number, reason: string, carried: Carried): void {
    const leaving = { member: member.member, route, reason, carried };
    this.hold(this.#env.NETWORK.getByName(member.network).leave(leaving), 'leave-failed');
  }

  attempted(attempt: Attempt): void {
    const { network, path, ...rest } = attempt;
    const ring = this.#env.NETWORK.getByName(network ?? strangersFrom(path.remoteAddress));
    if (attempt.outcome !== 'begun') this.#log.info('attempt', { outcome: attempt.outcome, reason: attempt.reason });
    this.hold(
      ring.attempted({ ...rest, network, path: formatPath(path), from: formatAddress(path.remoteAddress) }),
      'attempt-lost',
    );
  }

  /** What the member may reach. */
  view(member: Member): Promise<AccessView> {
    return this.#env.NETWORK.getByName(member.network).access(member.member);
  }

  /** What another member of its network is. */
  standing(member: Member, other: string): Promise<Standing> {
    return this.#env.NETWORK.getByName(member.network).standing(other);
  }

  /** What the forwarder of a member needs of the world. */
  forwardPorts(member: Member, route: number, guard: Guard, own: Pick<ForwardPorts, 'back' | 'drop'>): ForwardPorts {
    // Anew for each call: a stub is of no use any more when its object was reset.
    const network = () => this.#env.NETWORK.getByName(member.network);
    const peer = (other: number) => this.#env.PEER.getByName(String(other));
    return {
      ...own,
      route,
      member,
      guard,
      ask: (address) => askAbreast(guard, () => network().resolve(address)),
      call: (to, packets) => peer(to.route).deliver(member.network, to.member, joinPackets(packets), guard.standing),
      open: (to) => {
        // Not awaited: the first packets need not wait for the session to be there.
        const delivery = peer(to.route).delivery(member.network, to.member);
        return {
          call: (packets) => delivery.deliver(joinPackets(packets), guard.standing),
          end: () => this.hold(delivery.then((session) => session[Symbol.dispose]()).catch(() => {})),
        };
      },
      suspect: (to) => this.hold(network().suspect({ member: to.member, route: to.route }), 'suspect-failed'),
      hold: (work) => this.hold(work),
      failed: (event, thrown) => this.#log.warn(event, { route, reason: reasonOf(thrown) }),
    };
  }

  async #join(
    member: Member,
    route: number,
    report: () => PeerReport | null,
    stillHere: () => boolean,
    refused: (reason: string) => void,
  ): Promise<void> {
    const { name, kind } = member;
    const { network } = member;
    const joining = { network, member: member.member, name, kind, route, prefixes: prefixesOf(member) };
    for (const delay of JOIN_AGAIN_MS) {
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      if (!stillHere()) return;
      try {
        const joined = await this.#env.NETWORK.getByName(network).join({ ...joining, report: report() });
        if (joined !== 'joined') refused(joined);
        return;
      } catch (thrown) {
        this.#log.warn('join-failed', { route, reason: reasonOf(thrown) });
      }
    }
    refused('network-unreachable');
  }
}

function prefixesOf({ addresses, prefixes }: Member): Prefix[] {
  return [...addresses.map((address) => ({ address, length: address.length * 8 })), ...prefixes];
}

/** A change of policy may come between question and answer; it seldom comes twice. */
const TRIES = 3;

/** @returns an answer as of the epoch of the guard, which has taken the view of that epoch. */
async function askAbreast(guard: Guard, ask: () => Promise<Resolved>): Promise<Resolved> {
  for (let n = 0; n < TRIES; n++) {
    const answer = await ask();
    if (answer.standing === null) return answer;
    await guard.atLeast(answer.standing.epoch);
    if (guard.open || guard.epoch === answer.standing.epoch) return answer;
  }
  throw new Error('the policy changes faster than it can be asked for');
}
