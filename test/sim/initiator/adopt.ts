// Installing a child SA from what an answer agreed to: RFC 7296 sections 2.9, 2.17, 2.19.

import { compare } from '../../../src/bytes/octets.ts';
import { deriveChildKeys } from '../../../src/crypto/keymat.ts';
import type { EspKeys, EspSuite } from '../../../src/crypto/suite.ts';
import { CfgAttribute, Protocol } from '../../../src/wire/ike-numbers.ts';
import type { Payload, Proposal, TrafficSelector } from '../../../src/wire/payload.ts';
import { ChildSa } from './child.ts';
import type { IkeSa } from './ike-sa.ts';
import { only } from './init.ts';
import { readU32 } from './notify.ts';
import { espSuiteOf, faultOfChoice } from './proposals.ts';
import type { Session } from './session.ts';

export interface Proposed {
  readonly offered: readonly Proposal[];
  readonly near: readonly TrafficSelector[];
  readonly far: readonly TrafficSelector[];
  readonly ownSpi: number;
}

export interface BothKeys {
  readonly initiator: EspKeys;
  readonly responder: EspKeys;
}

/** Checks the answer to a request of this client and installs its child SA; null when it holds none that is acceptable. */
export function adopt(
  session: Session,
  payloads: readonly Payload[],
  proposed: Proposed,
  keys: (suite: EspSuite) => BothKeys,
  now: number,
): ChildSa | null {
  const SA = only(payloads, 'SA');
  const TSi = only(payloads, 'TSi');
  const TSr = only(payloads, 'TSr');
  const proposal = SA?.proposals[0];
  if (SA === null || TSi === null || TSr === null || proposal === undefined)
    return complain(session, 'an answer without SA, TSi or TSr');
  const fault =
    faultOfChoice(SA.proposals, proposed.offered) ??
    (proposal.protocol === Protocol.ESP ? null : 'the child SA is not one of ESP') ??
    (proposal.spi.length !== 4 || readU32(proposal.spi) < 256 ? 'the ESP SPI is not acceptable' : null) ??
    faultOfSelectors('TSi', TSi.selectors, proposed.near) ??
    faultOfSelectors('TSr', TSr.selectors, proposed.far) ??
    faultOfAddress(session, TSi.selectors);
  if (fault !== null) return complain(session, fault);
  const suite = espSuiteOf(proposal);
  const { initiator, responder } = keys(suite);
  const child = new ChildSa(session.options.primitives, {
    ownSpi: proposed.ownSpi,
    peerSpi: readU32(proposal.spi),
    suite,
    inboundKeys: responder,
    outboundKeys: initiator,
    near: TSi.selectors,
    far: TSr.selectors,
    born: now,
  });
  session.children.set(proposed.ownSpi, child);
  return child;
}

export function keysOf(
  session: Session,
  sa: IkeSa,
  suite: EspSuite,
  seed: { readonly Ni: Uint8Array; readonly Nr: Uint8Array; readonly shared: Uint8Array | null },
): BothKeys {
  return deriveChildKeys(session.options.primitives, sa.suite.prf, sa.keys.SK_d, suite, seed);
}

export function freshSpi(session: Session): number {
  for (;;) {
    const spi = readU32(session.options.primitives.random(4));
    if (spi > 255 && !session.children.has(spi)) return spi;
  }
}

/** @returns whether each of `inner` lies within one of `outer`. */
export function within(inner: readonly TrafficSelector[], outer: readonly TrafficSelector[]): boolean {
  return inner.every((part) => outer.some((whole) => holds(whole, part)));
}

function holds(whole: TrafficSelector, part: TrafficSelector): boolean {
  return (
    whole.startAddress.length === part.startAddress.length &&
    (whole.protocol === 0 || whole.protocol === part.protocol) &&
    whole.startPort <= part.startPort &&
    part.endPort <= whole.endPort &&
    compare(whole.startAddress, part.startAddress) <= 0 &&
    compare(part.endAddress, whole.endAddress) <= 0
  );
}

function faultOfSelectors(name: string, granted: readonly TrafficSelector[], proposed: readonly TrafficSelector[]) {
  if (granted.length === 0) return `${name} is empty`;
  if (granted.some((part) => compare(part.startAddress, part.endAddress) > 0)) return `${name} ends before it starts`;
  return within(granted, proposed) ? null : `${name} is wider than what was proposed`;
}

/** An assigned address that the selectors do not let out would be of no use. */
function faultOfAddress(session: Session, TSi: readonly TrafficSelector[]): string | null {
  for (const { attribute, value } of session.configuration) {
    const isIpv4 = attribute === CfgAttribute.INTERNAL_IP4_ADDRESS && value.length === 4;
    const isIpv6 = attribute === CfgAttribute.INTERNAL_IP6_ADDRESS && value.length === 17;
    if (!isIpv4 && !isIpv6) continue;
    const address = value.subarray(0, isIpv4 ? 4 : 16);
    const host = { protocol: 0, startPort: 0, endPort: 0xffff, startAddress: address, endAddress: address };
    const covered = TSi.some((whole) => holds({ ...whole, protocol: 0, startPort: 0, endPort: 0xffff }, host));
    if (!covered) return 'TSi does not hold the assigned address';
  }
  return null;
}

function complain(session: Session, text: string): null {
  session.journal.complain(text);
  session.childRefusal = text;
  return null;
}
