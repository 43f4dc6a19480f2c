// The end of IKE_AUTH: the peer is authenticated, gets its addresses and its first child SA (RFC 7296 sections 1.2, 2.19).

import { text } from '../bytes/octets.ts';
import { CfgAttribute, KeId, nameOf } from '../wire/ike-numbers.ts';
import type { Payload } from '../wire/payload.ts';
import { connectedAttempt, failedAttempt, describeIdentity } from './attempt.ts';
import { type ChildMade, respondChild } from './child.ts';
import { asksLikeWindows, configurationReply, lacksAddress } from './configuration.ts';
import { CLOSED_MS, rekeyTime } from './limits.ts';
import type { Member } from './pad.ts';
import { chooseEsp, describeProposals, isWeakIke } from './proposal.ts';
import { notify, type Refusal, refusalNotify, refuse } from './refusal.ts';
import { withSa } from './sad.ts';
import type { ChildWish, EapRunning, HalfOpen, IkeSa, PeerState } from './state.ts';
import type { Reply, Turn } from './turn.ts';
import { Notify } from '../wire/ike-numbers.ts';

/** @param ours IDr, CERT and AUTH, as far as they have not been sent. */
export function establish(
  turn: Turn,
  state: PeerState,
  sa: IkeSa & { readonly phase: HalfOpen | EapRunning },
  wish: ChildWish,
  member: Member,
  ours: readonly Payload[],
  userName = '',
): Reply {
  const claimed = userName || describeIdentity(wish.IDi);
  if (isWeakIke(sa.suite) && !member.legacy) {
    const closed: IkeSa = { ...sa, phase: { name: 'closed', until: turn.now + CLOSED_MS } };
    const detail = `${nameOf(KeId, sa.suite.ke)} or SHA-1 is weak, and the network's legacy switch is off`;
    return {
      state: withSa(state, closed),
      payloads: [notify(Notify.AUTHENTICATION_FAILED)],
      outputs: [failedAttempt(turn, sa, claimed, 'weak-suite', detail, member)],
    };
  }
  const established: IkeSa = {
    ...sa,
    // Its answers to what we sent there have proved it.
    mobility: sa.mobility && { ...sa.mobility, proven: [sa.path.remoteAddress] },
    traits: { ...sa.traits, windows: sa.traits.windows || asksLikeWindows(wish.cfg ?? []), software: softwareOf(wish) },
    phase: {
      name: 'established',
      member,
      identity: claimed,
      since: turn.now,
      rekeyAt: rekeyTime(turn.now, member.ikeLifetimeSeconds, turn.primitives.random(1)),
      expiresAt: turn.now + member.ikeLifetimeSeconds * 1000,
    },
  };
  // A peer is one member: no other handshake on this route may end as somebody else.
  const authenticated = state.sas.filter(({ phase }) => phase.name !== 'half-open' && phase.name !== 'eap');
  const alone = withSa({ ...state, sas: authenticated }, established);
  const mobike = sa.mobility === null ? [] : [notify(Notify.MOBIKE_SUPPORTED)];
  const child = firstChild(turn, alone, established, sa.phase, member, wish);
  if ('refused' in child) {
    // The IKE SA stands without a child; the peer may ask again (RFC 7296 section 1.2).
    return {
      state: alone,
      payloads: [...ours, refusalNotify(child), ...mobike],
      outputs: [
        failedAttempt(turn, established, claimed, child.refused, child.detail, member),
        { kind: 'joined', member },
      ],
    };
  }
  const cfg = wish.cfg === null ? [] : [configurationReply(wish.cfg, member)];
  return {
    state: child.state,
    payloads: [...ours, ...cfg, ...child.payloads, ...mobike],
    outputs: [connectedAttempt(turn, established, claimed, '', member), { kind: 'joined', member }],
  };
}

function firstChild(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  phase: HalfOpen | EapRunning,
  member: Member,
  wish: ChildWish,
): ChildMade | Refusal {
  if (wish.cfg !== null && lacksAddress(wish.cfg, member)) {
    return refuse(
      'internal-address-failure',
      'the device asked only for an address family that the network does not have',
    );
  }
  const chosen = chooseEsp(wish.proposals, member, null, 'IKE_AUTH');
  if (chosen === null) return refuse('no-proposal-chosen', `ESP, offered: ${describeProposals(wish.proposals)}`);
  const { Ni, Nr } = phase.init;
  const made = respondChild(turn, state, sa, member, {
    chosen,
    TSi: wish.TSi,
    TSr: wish.TSr,
    Ni,
    Nr,
    shared: null,
    replaces: null,
  });
  if ('refused' in made && made.refused === 'ts-unacceptable' && wish.cfg === null && member.kind === 'device') {
    return refuse('failed-cp-required', 'the device asked for no virtual address (its configuration must request one)');
  }
  return made;
}

function softwareOf(wish: ChildWish): string {
  const version = wish.cfg?.find((a) => a.attribute === CfgAttribute.APPLICATION_VERSION);
  return version ? text(version.value.subarray(0, 64)) : '';
}
