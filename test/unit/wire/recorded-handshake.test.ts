// A recorded IKEv2 handshake (see the vectors' "source"): every message is read, and what is canonical is written again octet by octet.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes/octets.ts';
import { emitIkeMessage, emitProtectedShell, parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { emitPayloads, parsePayloads } from '../../../src/wire/payloads.ts';

interface Recorded {
  readonly hex: string;
  readonly plaintext?: string;
  readonly inner?: readonly (readonly [name: string, octets: number])[];
}

const FILE = new URL('../../../../shared/vectors/ikev2-full-handshake.json', import.meta.url);
const present = existsSync(FILE);
const messages: readonly Recorded[] = present ? JSON.parse(readFileSync(FILE, 'utf8')).messages : [];

describe.skipIf(!present)('a recorded handshake', () => {
  it('has two messages in clear and two protected', () => {
    expect(messages.map(({ hex }) => parseIkeMessage(fromHex(hex)).protected?.kind ?? 'clear')).toEqual([
      'clear',
      'clear',
      'SK',
      'SK',
    ]);
  });

  it.each(messages.filter((m) => m.inner === undefined))('in clear, message %#', ({ hex }) => {
    const message = parseIkeMessage(fromHex(hex));
    expect(message.payloads.map((p) => p.type).slice(0, 3)).toEqual(['SA', 'KE', 'NONCE']);
    expect(toHex(emitIkeMessage(message.header, message.payloads))).toBe(hex);
  });

  it.each(messages.filter((m) => m.inner !== undefined))('protected, message %#', ({ hex, plaintext, inner }) => {
    const octets = fromHex(hex);
    const { header, protected: part } = parseIkeMessage(octets);
    expect(part).not.toBeNull();
    const shell = emitProtectedShell(header, part!, octets.length - part!.offset);
    expect(shell.offset).toBe(part!.offset);
    expect(toHex(shell.octets.subarray(0, shell.offset))).toBe(hex.slice(0, 2 * shell.offset));

    // The last octet of the plaintext is the pad length.
    const padded = fromHex(plaintext!);
    const chain = padded.subarray(0, padded.length - 1 - padded.at(-1)!);
    const payloads = parsePayloads(part!.first, chain);
    expect(payloads.map((p) => p.type)).toEqual(inner!.map(([name]) => name));
    expect(emitPayloads(payloads)).toEqual({ first: part!.first, octets: chain });
  });
});
