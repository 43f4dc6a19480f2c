// Every cut and every flipped bit of a valid sample is either read or thrown out as Malformed, within bounds and in finite time.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Malformed } from '../../src/bytes/malformed.ts';
import { classify, stripMarker } from '../../src/wire/encap.ts';
import { parseEspTrailer } from '../../src/wire/esp.ts';
import { fragmentIpv4 } from '../../src/wire/fragment.ts';
import { echoReply, icmpError, isEchoRequest, isIcmpError } from '../../src/wire/icmp.ts';
import { decrementTtl, parseIp } from '../../src/wire/ip.ts';
import { clampMss } from '../../src/wire/tcp-mss.ts';
import { ipv4, ipv6, tcp } from '../unit/wire/packets.ts';
import { SAMPLES, type Sample } from './wire-samples.ts';

/** @returns what was read, or null where it was Malformed. Anything else thrown fails the test. */
function read({ parse }: Sample, octets: Uint8Array): unknown {
  try {
    return parse(octets);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    expect(error.message).toMatch(/^.{3,80}$/);
    return null;
  }
}

/** All octets in a result are views of the input, or the few of a path; so nothing was allocated that the input did not pay for. */
function expectBounded(value: unknown, input: Uint8Array): void {
  if (value instanceof Uint8Array) {
    if (value.length > 0 && value.buffer !== input.buffer) expect(value.length).toBeLessThanOrEqual(16);
    return;
  }
  if (Array.isArray(value)) expect(value.length).toBeLessThanOrEqual(256);
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) expectBounded(part, input);
}

function* mutations(octets: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < octets.length; length++) yield octets.slice(0, length);
  for (let bit = 0; bit < octets.length * 8; bit++) {
    yield octets.map((octet, i) => (i === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
  }
  for (let i = 0; i < octets.length; i++) {
    for (const extreme of [0, 1, 0x7f, 0xff]) yield octets.map((octet, j) => (j === i ? extreme : octet));
  }
}

describe.each(SAMPLES.map((sample) => [sample.name, sample] as const))('%s', (_, sample) => {
  it('is valid as it stands', () => {
    expect(read(sample, sample.octets)).not.toBeNull();
  });

  it('is read or refused, however it is cut or flipped', () => {
    for (const octets of mutations(sample.octets)) expectBounded(read(sample, octets), octets);
  });

  it('is read or refused when octets are exchanged for others at random', () => {
    const edits = fc.array(fc.tuple(fc.nat(sample.octets.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(edits, (list) => {
        const octets = sample.octets.slice();
        for (const [at, octet] of list) octets[at] = octet;
        expectBounded(read(sample, octets), octets);
      }),
    );
  });

  it('is read or refused when it is noise', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 512 }), (octets) => expectBounded(read(sample, octets), octets)));
  });
});

describe('packets, however they are cut or flipped', () => {
  const ECHO = Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0);
  const EXTENSIONS = Uint8Array.of(44, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 9, ...tcp(2, [2, 4, 5, 180]));
  const packets = [
    ipv4(tcp(2, [1, 3, 3, 7, 2, 4, 5, 180, 4, 2, 0, 0], 4), { protocol: 6, options: [148, 4, 0, 0] }),
    ipv4(ECHO, { protocol: 1 }),
    ipv6(0, EXTENSIONS),
  ];

  /** All that the packet path does to one. */
  function handle(packet: Uint8Array): void {
    const view = parseIp(packet);
    if (view === null) return;
    expect(view.payloadOffset).toBeLessThanOrEqual(view.totalLength);
    expect(view.totalLength).toBeLessThanOrEqual(packet.length);
    expect(view.source).toHaveLength(view.family === 4 ? 4 : 16);
    expect(view.destination).toHaveLength(view.family === 4 ? 4 : 16);
    void view.ports;
    isIcmpError(view);
    if (isEchoRequest(view)) expect(parseIp(echoReply(view))).not.toBeNull();
    expect(parseIp(icmpError(view, view.destination, { kind: 'time-exceeded' }))).not.toBeNull();
    if (view.family === 4) for (const piece of fragmentIpv4(view, 68)) expect(parseIp(piece)).not.toBeNull();
    clampMss(view, 1200);
    decrementTtl(view);
    expect(packet).toHaveLength(view.octets.length);
  }

  it.each(packets)('packet %#', (packet) => {
    handle(packet.slice());
    for (const octets of mutations(packet)) handle(octets);
  });

  it('noise', () => {
    const noise = fc.tuple(fc.constantFrom(0x45, 0x46, 0x4f, 0x60), fc.uint8Array({ maxLength: 200 }));
    fc.assert(fc.property(noise, ([version, octets]) => handle(Uint8Array.of(version, ...octets))));
  });

  it('datagrams and ESP trailers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(8), (octets, nought) => {
        const datagram = octets.map((octet, i) => (i < nought ? 0 : octet));
        expect(['keepalive', 'ike', 'esp', 'noise']).toContain(classify(4500, datagram));
        const stripped = stripMarker(datagram);
        expect([0, 4, 8]).toContain(datagram.length - stripped.length);
        const trailer = parseEspTrailer(octets);
        if (trailer !== null) expect(trailer.payloadLength).toBeLessThanOrEqual(octets.length - 2);
      }),
    );
  });
});
