// A gateway in each phase that its peer can bring it to, with the datagrams that brought it there.

import { Peer } from '../../src/peer/peer.ts';
import { ExchangeType } from '../../src/wire/ike-numbers.ts';
import type { Datagram } from '../../src/wire/path.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import { createPair, type Pair, type PairWish } from '../exchange/pair.ts';

export interface Phase {
  readonly pair: Pair;
  /** All that the gateway has been sent so far. */
  readonly recorded: readonly Datagram[];
  /** What would come next. */
  readonly next: readonly Datagram[];
}

const CLIENT_LOSES = { request: 0, answer: 255 };

const steps = async (pair: Pair, count: number) => {
  for (let n = 0; n < count; n++) await pair.step();
};

const PHASES: Record<string, [PairWish, (pair: Pair) => Promise<void>]> = {
  nothing: [{}, (pair) => pair.start()],
  'half-open': [{}, (pair) => pair.start().then(() => steps(pair, 2))],
  'half-open, in fragments': [
    { auth: 'cert', client: { fragmentOctets: 300 } },
    (pair) => pair.start().then(() => steps(pair, 3)),
  ],
  'EAP, asked who it is': [{ auth: 'eap' }, (pair) => pair.start().then(() => steps(pair, 4))],
  'EAP, challenged': [{ auth: 'eap' }, (pair) => pair.start().then(() => steps(pair, 6))],
  'EAP, almost done': [{ auth: 'eap' }, (pair) => pair.start().then(() => steps(pair, 10))],
  established: [
    {},
    async (pair) => {
      await pair.establish();
      await pair.runClient(pair.client.liveness(pair.now));
    },
  ],
  'rekeying a child': [
    {},
    async (pair) => {
      await pair.establish();
      await pair.command({ kind: 'rekey-child' });
      await pair.step();
    },
  ],
  'rekeying the IKE SA': [
    {},
    async (pair) => {
      await pair.establish();
      await pair.command({ kind: 'rekey-ike' });
      await pair.step();
    },
  ],
  'rekeying the IKE SA, as the peer does': [
    { client: { nonceHeads: CLIENT_LOSES } },
    async (pair) => {
      await pair.establish();
      await pair.runClient(pair.client.rekeyIke(pair.now));
      await pair.command({ kind: 'rekey-ike' });
      await steps(pair, 2);
    },
  ],
  replaced: [
    {},
    async (pair) => {
      await pair.establish();
      await pair.runClient(pair.client.rekeyIke(pair.now));
      await steps(pair, 2);
    },
  ],
  'told to end': [
    {},
    async (pair) => {
      await pair.establish();
      await pair.command({ kind: 'terminate', reason: 'over' });
    },
  ],
  closed: [
    {},
    async (pair) => {
      await pair.establish();
      await pair.runClient(pair.client.close(pair.now));
      await pair.step();
    },
  ],
};

export const PHASE_NAMES = Object.keys(PHASES);
/** Those in which the peer has proved who it is. */
export const AUTHENTICATED = PHASE_NAMES.slice(PHASE_NAMES.indexOf('established'), PHASE_NAMES.indexOf('closed'));

export async function phaseOf(name: string): Promise<Phase> {
  const [wish, bring] = PHASES[name]!;
  const pair = await createPair(wish);
  const recorded: Datagram[] = [];
  pair.fault = (_, to, datagram) => {
    if (to === 'gateway') recorded.push(datagram);
    return 'carry';
  };
  await bring(pair);
  pair.fault = null;
  return { pair, recorded, next: pair.toGateway.splice(0) };
}

/** Another gateway in the same phase. */
export function again({ pair }: Phase): Peer {
  const checkpoint = structuredClone(pair.peer.checkpoint());
  return new Peer({ primitives: workerPrimitives(), pad: pair.pad }, pair.peer.route, checkpoint);
}

/** Protected requests that the client could make next, whatever is inside. */
export function nextRequestId({ pair }: Phase): number {
  return pair.peer.checkpoint()!.state.sas.at(-1)!.inbound.nextId;
}

export const EXCHANGES = Object.values(ExchangeType);
