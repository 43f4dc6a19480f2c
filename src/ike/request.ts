// Requests of our own: taken from the line one at a time, repeated until they are answered, concluded when they are
// (RFC 7296 sections 2.1 to 2.4).

import type { Output } from './output.ts';
import { ExchangeType } from '../wire/ike-numbers.ts';
import { type Path, samePath } from '../wire/path.ts';
import type { Payload } from '../wire/payload.ts';
import { deleteChildrenPayload, deleteIkePayload } from './informational.ts';
import { RESEND_FIRST_MS, RESEND_MOST_MS, RESEND_TRIES, RESEND_TRIES_MOBILE } from './limits.ts';
import { concludeReturnRoutability, livenessPayloads, requestReturnRoutability, withVerdict } from './mobike.ts';
import { sealMessage } from './protect.ts';
import { concludeRekeyChild, requestRekeyChild } from './rekey-child.ts';
import { concludeRekeyIke, requestRekeyIke } from './rekey-ike.ts';
import { noteAnswer } from './retry.ts';
import { sendTo } from './send.ts';
import { currentSa, memberOf, ownSpi, saByOwnSpi, withoutChildren, withoutSa, withSa } from './sad.ts';
import type { Asked, IkeSa, PeerState, PendingRequest, Task } from './state.ts';
import { bequeath, isContested } from './succession.ts';
import type { Conclusion, Turn } from './turn.ts';

/** Starts the next task of every SA whose window is open. */
export async function pump(turn: Turn, state: PeerState): Promise<Conclusion> {
  let next = state;
  const outputs: Output[] = [];
  for (const { SPIi, SPIr, role } of state.sas) {
    let sa = saByOwnSpi(next, role === 'initiator' ? SPIi : SPIr);
    while (sa !== null && sa.outbound.pending === null && sa.outbound.queue.length > 0 && !isContested(next, sa)) {
      const [task, ...queue] = sa.outbound.queue as [Task, ...Task[]];
      next = withSa(next, { ...sa, outbound: { ...sa.outbound, queue } });
      const begun = await begin(turn, next, saByOwnSpi(next, ownSpi(sa))!, task);
      if (begun !== null) {
        next = begun.state;
        outputs.push(...begun.outputs);
      }
      sa = saByOwnSpi(next, ownSpi(sa));
    }
  }
  return { state: next, outputs };
}

/** Sends the pending request again, or gives the peer up. */
export function resend(turn: Turn, state: PeerState, sa: IkeSa): Conclusion {
  const { pending } = sa.outbound;
  if (pending === null) return { state, outputs: [] };
  if (pending.tries >= triesFor(sa, pending.request)) return giveUp(state, sa, pending.request);
  const resendAt = turn.now + Math.min(RESEND_FIRST_MS * 2 ** pending.tries, RESEND_MOST_MS);
  const next = { ...pending, tries: pending.tries + 1, resendAt };
  return {
    state: withSa(state, { ...sa, outbound: { ...sa.outbound, pending: next } }),
    outputs: resendPaths(turn, sa, pending.request).map((path) => sendTo(path, pending.messages)),
  };
}

/** The request that waits, once more, without counting it; none where time has just sent it again. */
export function repeat(turn: Turn, before: IkeSa, sa: IkeSa): Output[] {
  const { pending } = sa.outbound;
  if (pending === null || pending !== before.outbound.pending) return [];
  return resendPaths(turn, sa, pending.request).map((path) => sendTo(path, pending.messages));
}

/** An SA that is to end anyway is not waited for. */
function triesFor(sa: IkeSa, { kind }: PendingRequest): number {
  return sa.mobility === null || kind === 'delete-ike' ? RESEND_TRIES : RESEND_TRIES_MOBILE;
}

/**
 * A MOBIKE peer whose mapping has changed may not know of it yet, and nothing but its own word moves the IKE SA: what is not answered there
 * is said again where its ESP and its messages come from, too. But the answer to a proof must tell which path it is of (RFC 4555 section 3.7).
 */
function resendPaths({ espPath }: Turn, { mobility, path }: IkeSa, { kind }: PendingRequest): Path[] {
  if (mobility === null || kind === 'return-routability') return [path];
  const paths = [path];
  for (const other of [espPath, mobility.seen])
    if (other !== null && !paths.some((known) => samePath(known, other))) paths.push(other);
  return paths;
}

/** @param state holds the SA with its window open again. @param path where the response came from. */
export async function conclude(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  request: PendingRequest,
  payloads: readonly Payload[],
  path: Path,
): Promise<Conclusion> {
  switch (request.kind) {
    case 'liveness':
      return { state: withVerdict(turn, state, sa, payloads, path), outputs: [] };
    case 'return-routability':
      return concludeReturnRoutability(turn, withVerdict(turn, state, sa, payloads, path), sa, request, payloads);
    case 'rekey-child':
    case 'rekey-ike': {
      const { state: next, outputs } =
        request.kind === 'rekey-child'
          ? await concludeRekeyChild(turn, state, sa, request, payloads)
          : await concludeRekeyIke(turn, state, sa, request, payloads);
      return { state: noteAnswer(turn, next, sa, payloads), outputs };
    }
    case 'delete-children':
      return { state: withoutChildren(state, request.spisIn), outputs: [] };
    case 'delete-ike':
      return ended(state, sa, request.reason);
  }
}

/** The exchange that a request is made in, and its answer. */
export function exchangeOf({ kind }: PendingRequest): number {
  return kind === 'rekey-child' || kind === 'rekey-ike' ? ExchangeType.CREATE_CHILD_SA : ExchangeType.INFORMATIONAL;
}

async function begin(turn: Turn, state: PeerState, sa: IkeSa, task: Task): Promise<Conclusion | null> {
  const made = await compose(turn, state, sa, task);
  if (made === null) return null;
  const id = sa.outbound.nextId;
  const messages = await sealMessage(turn.primitives, sa, {
    exchange: exchangeOf(made.request),
    response: false,
    id,
    payloads: made.payloads,
  });
  const pending = { id, messages, ...schedule(turn, task), sentAt: turn.now, request: made.request };
  return {
    state: withSa(made.state, { ...sa, outbound: { ...sa.outbound, nextId: id + 1, pending } }),
    outputs: [sendTo(sa.path, messages)],
  };
}

/** What an SA has asked in vain goes on where it stood, but is never given up before its answer can have come. */
function schedule({ now }: Turn, task: Task): Asked {
  const first = now + RESEND_FIRST_MS;
  const asked = task.kind === 'liveness' ? task.asked : undefined;
  return asked === undefined
    ? { tries: 1, resendAt: first }
    : { tries: asked.tries, resendAt: Math.max(asked.resendAt, first) };
}

interface Composed {
  readonly state: PeerState;
  readonly payloads: readonly Payload[];
  readonly request: PendingRequest;
}

async function compose(turn: Turn, state: PeerState, sa: IkeSa, task: Task): Promise<Composed | null> {
  switch (task.kind) {
    case 'liveness':
      return { state, payloads: livenessPayloads(turn, sa), request: { kind: 'liveness' } };
    case 'return-routability':
      return { state, ...requestReturnRoutability(turn, sa, task.esp) };
    case 'delete-children':
      return { state, payloads: [deleteChildrenPayload(task.spisIn)], request: task };
    case 'delete-ike':
      return { state, payloads: [deleteIkePayload()], request: task };
    case 'rekey-child':
      return requestRekeyChild(turn, state, sa, task);
    case 'rekey-ike': {
      const made = await requestRekeyIke(turn, sa, task);
      return made && { ...made, state };
    }
  }
}

/** No answer to any try: the peer is gone (RFC 7296 section 2.4). */
function giveUp(state: PeerState, sa: IkeSa, request: PendingRequest): Conclusion {
  return ended(state, sa, request.kind === 'delete-ike' ? request.reason : 'no answer');
}

function ended(state: PeerState, sa: IkeSa, reason: string): Conclusion {
  const member = memberOf(sa);
  const next = withoutSa(bequeath(state, sa), ownSpi(sa));
  const last = member !== null && currentSa(state) !== null && currentSa(next) === null;
  return { state: next, outputs: last ? [{ kind: 'left', member, reason }] : [] };
}
