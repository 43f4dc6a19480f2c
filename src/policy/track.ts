// Which flow a packet belongs to, and whether it begins one: RFC 5382 section 5, RFC 4787 section 4.3, RFC 5508 section 3.2 for how
// long flows last.

import type { IpView } from '../wire/ip.ts';
import { IpProtocol } from '../wire/ip-protocol.ts';
import type { Quoted } from '../wire/quoted.ts';
import type { Direction } from './facing.ts';

export interface Track {
  readonly key: string;
  readonly local: Uint8Array;
  readonly remote: Uint8Array;
  readonly protocol: number;
  readonly localPort: number | null;
  readonly remotePort: number | null;
  /** It begins a flow, whatever was before: a SYN, an Echo. */
  readonly opens: boolean;
  /** It can only be an answer: an Echo Reply. */
  readonly answers: boolean;
  /** ms that the flow lasts after it. */
  readonly lifetime: number;
}

const TCP_MS = 7_440_000;
const TCP_CLOSING_MS = 240_000;
const UDP_MS = 300_000;
const ICMP_MS = 60_000;
const OTHER_MS = 600_000;

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

/** Echo and Timestamp, and what answers them. */
const REQUESTS = { 4: [8, 13], 6: [128] } as const;
const ANSWERS = { 4: [0, 14], 6: [129] } as const;

/**
 * @param other id of the member at the other end: what one member does can never look like an answer of another.
 * @returns null for what belongs to no flow: ICMP other than questions and answers, and what is cut off before it can be told.
 */
export function track(packet: IpView, direction: Direction, other: string): Track | null {
  const { family, protocol, octets, payloadOffset: at, totalLength } = packet;
  const isOut = direction === 'out';
  const local = isOut ? packet.source : packet.destination;
  const remote = isOut ? packet.destination : packet.source;
  if (protocol === icmpOf(family)) {
    const type = octets[at]!;
    const opens = REQUESTS[family].some((each) => each === type);
    const answers = ANSWERS[family].some((each) => each === type);
    if ((!opens && !answers) || at + 8 > totalLength) return null;
    return trackOf(other, local, remote, protocol, u16(octets, at + 4), null, opens, answers, ICMP_MS);
  }
  const { ports } = packet;
  if (ports === null) {
    if (protocol === IpProtocol.TCP || protocol === IpProtocol.UDP) return null;
    return trackOf(other, local, remote, protocol, null, null, false, false, OTHER_MS);
  }
  const localPort = isOut ? ports.source : ports.destination;
  const remotePort = isOut ? ports.destination : ports.source;
  if (protocol !== IpProtocol.TCP)
    return trackOf(other, local, remote, protocol, localPort, remotePort, false, false, UDP_MS);
  const flags = at + 14 <= totalLength ? octets[at + 13]! : 0;
  const lifetime = (flags & (FIN | RST)) === 0 ? TCP_MS : TCP_CLOSING_MS;
  return trackOf(other, local, remote, protocol, localPort, remotePort, (flags & (SYN | ACK)) === SYN, false, lifetime);
}

/** The key of the flow of a packet that an ICMP error quotes. @param direction the error's own. */
export function quotedTrack(quoted: Quoted, direction: Direction, other: string): Track | null {
  const { family, protocol, source, destination, start } = quoted;
  // What came in as an error is about what went out.
  const isOut = direction === 'in';
  const [local, remote] = isOut ? [source, destination] : [destination, source];
  if (protocol === icmpOf(family)) {
    return start.length < 8 ? null : trackOf(other, local, remote, protocol, u16(start, 4), null, false, true, ICMP_MS);
  }
  if (protocol !== IpProtocol.TCP && protocol !== IpProtocol.UDP)
    return trackOf(other, local, remote, protocol, null, null, false, true, OTHER_MS);
  if (start.length < 4) return null;
  const [from, to] = [u16(start, 0), u16(start, 2)];
  return trackOf(other, local, remote, protocol, isOut ? from : to, isOut ? to : from, false, true, UDP_MS);
}

function trackOf(
  other: string,
  local: Uint8Array,
  remote: Uint8Array,
  protocol: number,
  localPort: number | null,
  remotePort: number | null,
  opens: boolean,
  answers: boolean,
  lifetime: number,
): Track {
  const key = other + keyOf(local, remote, protocol, localPort ?? 0, remotePort ?? 0);
  return { key, local, remote, protocol, localPort, remotePort, opens, answers, lifetime };
}

/** One UTF-16 unit for each two octets. */
function keyOf(local: Uint8Array, remote: Uint8Array, protocol: number, localPort: number, remotePort: number): string {
  let key = String.fromCharCode(
    protocol,
    localPort,
    remotePort,
    u16(local, 0),
    u16(local, 2),
    u16(remote, 0),
    u16(remote, 2),
  );
  for (let i = 4; i < local.length; i += 4) {
    key += String.fromCharCode(u16(local, i), u16(local, i + 2), u16(remote, i), u16(remote, i + 2));
  }
  return key;
}

function icmpOf(family: 4 | 6): number {
  return family === 4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
}

function u16(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}
