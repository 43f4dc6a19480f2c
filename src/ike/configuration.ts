// The configuration payload: addresses, DNS, split-DNS domains, subnets (RFC 7296 sections 2.19, 3.15; RFC 8598).

import { concat, utf8 } from '../bytes/octets.ts';
import { CfgAttribute, CfgType } from '../wire/ike-numbers.ts';
import type { CfgAttributeValue, Payload } from '../wire/payload.ts';
import type { Prefix } from '../wire/prefix.ts';
import type { Member } from './pad.ts';

const SOFTWARE = utf8('Culvert');

/** True when a device asked for an address and none of the families that it asked for can be served (INTERNAL_ADDRESS_FAILURE). */
export function lacksAddress(request: readonly CfgAttributeValue[], member: Member): boolean {
  const wants4 = asks(request, CfgAttribute.INTERNAL_IP4_ADDRESS);
  const wants6 = asks(request, CfgAttribute.INTERNAL_IP6_ADDRESS);
  if (!wants4 && !wants6) return false;
  return !member.addresses.some((a) => (a.length === 4 && wants4) || (a.length === 16 && wants6));
}

/** CFG_REPLY: only what was asked for. */
export function configurationReply(request: readonly CfgAttributeValue[], member: Member): Payload {
  const attributes: CfgAttributeValue[] = [];
  const add = (attribute: number, value: Uint8Array) => attributes.push({ attribute, value });
  const answers: Record<number, () => void> = {
    [CfgAttribute.INTERNAL_IP4_ADDRESS]: () =>
      each(member.addresses, 4, (a) => add(CfgAttribute.INTERNAL_IP4_ADDRESS, a)),
    [CfgAttribute.INTERNAL_IP4_NETMASK]: () =>
      each(member.addresses, 4, () => add(CfgAttribute.INTERNAL_IP4_NETMASK, Uint8Array.of(255, 255, 255, 255))),
    [CfgAttribute.INTERNAL_IP6_ADDRESS]: () =>
      each(member.addresses, 16, (a) => add(CfgAttribute.INTERNAL_IP6_ADDRESS, concat(a, Uint8Array.of(128)))),
    [CfgAttribute.INTERNAL_IP4_DNS]: () => each(member.dns, 4, (a) => add(CfgAttribute.INTERNAL_IP4_DNS, a)),
    [CfgAttribute.INTERNAL_IP6_DNS]: () => each(member.dns, 16, (a) => add(CfgAttribute.INTERNAL_IP6_DNS, a)),
    [CfgAttribute.INTERNAL_DNS_DOMAIN]: () => {
      for (const domain of member.domains) add(CfgAttribute.INTERNAL_DNS_DOMAIN, utf8(domain));
    },
    [CfgAttribute.INTERNAL_IP4_SUBNET]: () => {
      for (const p of member.reachable)
        if (p.address.length === 4) add(CfgAttribute.INTERNAL_IP4_SUBNET, concat(p.address, netmask(p)));
    },
    [CfgAttribute.INTERNAL_IP6_SUBNET]: () => {
      for (const p of member.reachable)
        if (p.address.length === 16) add(CfgAttribute.INTERNAL_IP6_SUBNET, concat(p.address, Uint8Array.of(p.length)));
    },
    [CfgAttribute.APPLICATION_VERSION]: () => add(CfgAttribute.APPLICATION_VERSION, SOFTWARE),
  };
  for (const attribute of new Set(request.map((a) => a.attribute))) answers[attribute]?.();
  return { type: 'CP', cfgType: CfgType.REPLY, attributes };
}

export function asks(request: readonly CfgAttributeValue[], attribute: number): boolean {
  return request.some((a) => a.attribute === attribute);
}

/** Only Windows asks for these (quirk 6). */
export function asksLikeWindows(request: readonly CfgAttributeValue[]): boolean {
  return asks(request, CfgAttribute.MICROSOFT_IP4_SERVER) || asks(request, CfgAttribute.MICROSOFT_IP6_SERVER);
}

function each(addresses: readonly Uint8Array[], length: number, give: (address: Uint8Array) => void): void {
  for (const address of addresses) if (address.length === length) give(address);
}

function netmask(prefix: Prefix): Uint8Array {
  return Uint8Array.from([0, 1, 2, 3], (i) => 255 & ~(255 >>> Math.max(0, Math.min(8, prefix.length - 8 * i))));
}
