// Finding, adding and removing SAs (RFC 4301 section 4.4.2). Each gives the next state; none changes one.

import type { Member } from './pad.ts';
import type { ChildSa, IkeSa, PeerState } from './state.ts';

/** Our own SPI of an IKE SA. */
export function ownSpi(sa: IkeSa): bigint {
  return sa.role === 'initiator' ? sa.SPIi : sa.SPIr;
}

export function memberOf(sa: IkeSa): Member | null {
  return sa.phase.name === 'established' || sa.phase.name === 'replaced' ? sa.phase.member : null;
}

/** The IKE SA that new work goes to: established, not replaced, the youngest. */
export function currentSa(state: PeerState): IkeSa | null {
  return state.sas.findLast((sa) => sa.phase.name === 'established') ?? null;
}

export function withSa(state: PeerState, sa: IkeSa): PeerState {
  const own = ownSpi(sa);
  const known = state.sas.some((other) => ownSpi(other) === own);
  return { ...state, sas: known ? state.sas.map((other) => (ownSpi(other) === own ? sa : other)) : [...state.sas, sa] };
}

export function saByOwnSpi(state: PeerState, spi: bigint): IkeSa | null {
  return state.sas.find((sa) => ownSpi(sa) === spi) ?? null;
}

/** Removes an IKE SA and, with it, the child SAs that it made. */
export function withoutSa(state: PeerState, spi: bigint): PeerState {
  return {
    ...state,
    sas: state.sas.filter((sa) => ownSpi(sa) !== spi),
    children: state.children.filter((child) => child.ike !== spi),
  };
}

export function withChild(state: PeerState, child: ChildSa): PeerState {
  const known = state.children.some((other) => other.spiIn === child.spiIn);
  return {
    ...state,
    children: known
      ? state.children.map((other) => (other.spiIn === child.spiIn ? child : other))
      : [...state.children, child],
  };
}

/** What one of them had replaced stands for itself again. */
export function withoutChildren(state: PeerState, spisIn: readonly number[]): PeerState {
  if (spisIn.length === 0) return state;
  const gone = (spiIn: number | null) => spiIn !== null && spisIn.includes(spiIn);
  const children = state.children
    .filter((child) => !gone(child.spiIn))
    .map((child) => (gone(child.replacedBy) ? { ...child, replacedBy: null } : child));
  return { ...state, children };
}
