// Inner packets for tests: small, checksummed, and each with a mark of its own. RFC 791, RFC 768, RFC 792, RFC 8200.

import { concat } from '../../src/bytes/octets.ts';
import { Writer } from '../../src/bytes/writer.ts';
import { checksum, pseudoHeaderSum } from '../../src/wire/checksum.ts';

const UDP = 17;
const ICMP = 1;

/** An IPv4 or IPv6 packet with a UDP datagram in it. */
export function udpPacket(
  source: Uint8Array,
  destination: Uint8Array,
  payload: Uint8Array,
  ports: { readonly source: number; readonly destination: number } = { source: 40_000, destination: 53 },
): Uint8Array {
  const writer = new Writer();
  const length = 8 + payload.length;
  for (const value of [ports.source, ports.destination, length, 0]) writer.u16(value);
  writer.octets(payload);
  const datagram = writer.finish();
  const sum = checksum(datagram, 0, length, pseudoHeaderSum(source, destination, UDP, length)) || 0xffff;
  datagram.set([sum >> 8, sum & 0xff], 6);
  return ipPacket(source, destination, UDP, datagram);
}

/** An ICMP echo request, RFC 792. */
export function echoRequest(
  source: Uint8Array,
  destination: Uint8Array,
  identifier: number,
  data: Uint8Array,
): Uint8Array {
  const message = concat(Uint8Array.of(8, 0, 0, 0, identifier >> 8, identifier & 0xff, 0, 1), data);
  const sum = checksum(message, 0, message.length);
  message.set([sum >> 8, sum & 0xff], 2);
  return ipPacket(source, destination, ICMP, message);
}

export function ipPacket(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  payload: Uint8Array,
): Uint8Array {
  const writer = new Writer();
  if (source.length === 4) {
    writer.u16(0x4500);
    writer.u16(20 + payload.length);
    writer.u32(0);
    writer.u8(64);
    writer.u8(protocol);
    writer.u16(0);
    writer.octets(concat(source, destination));
    const header = writer.finish().slice();
    const sum = checksum(header, 0, 20);
    header.set([sum >> 8, sum & 0xff], 10);
    return concat(header, payload);
  }
  writer.u32(0x60000000);
  writer.u16(payload.length);
  writer.u8(protocol);
  writer.u8(64);
  writer.octets(concat(source, destination, payload));
  return writer.finish();
}
