// The payloads with one or two fields, and the chain that holds payloads together.

import { describe, expect, it } from 'vitest';
import { Malformed } from '../../../src/bytes/malformed.ts';
import { fromHex, toHex, utf8 } from '../../../src/bytes/octets.ts';
import { emitIdentity } from '../../../src/wire/id.ts';
import { AuthMethod, CfgAttribute, CfgType, IdType, Notify, PayloadType } from '../../../src/wire/ike-numbers.ts';
import type { Payload } from '../../../src/wire/payload.ts';
import { emitPayloads, parsePayloads } from '../../../src/wire/payloads.ts';

const NONE = new Uint8Array(0);

/** Body of each, without its generic header. */
const SAMPLES: readonly (readonly [body: string, payload: Payload])[] = [
  ['001300000102030405060708', { type: 'KE', method: 19, data: fromHex('0102030405060708') }],
  ['010000000a000301', { type: 'IDi', idType: IdType.IPV4_ADDR, data: fromHex('0a000301') }],
  ['0200000067772e6578616d706c65', { type: 'IDr', idType: IdType.FQDN, data: utf8('gw.example') }],
  ['043082', { type: 'CERT', encoding: 4, data: fromHex('3082') }],
  [`04${'ab'.repeat(40)}`, { type: 'CERTREQ', encoding: 4, authorities: fromHex('ab'.repeat(40)) }],
  ['0e0000000c', { type: 'AUTH', method: AuthMethod.DIGITAL_SIGNATURE, data: fromHex('0c') }],
  ['11'.repeat(16), { type: 'NONCE', data: fromHex('11'.repeat(16)) }],
  ['00004014', { type: 'N', notify: Notify.MULTIPLE_AUTH_SUPPORTED, protocol: 0, spi: NONE, data: NONE }],
  ['03044009c0ffee01', { type: 'N', notify: Notify.REKEY_SA, protocol: 3, spi: fromHex('c0ffee01'), data: NONE }],
  ['00004006abcd', { type: 'N', notify: Notify.COOKIE, protocol: 0, spi: NONE, data: fromHex('abcd') }],
  ['01000000', { type: 'D', protocol: 1, spis: [] }],
  ['03040002c0ffee01c0ffee02', { type: 'D', protocol: 3, spis: [fromHex('c0ffee01'), fromHex('c0ffee02')] }],
  [
    '1e2b516905991c7d7c96fcbfb587e46100000009',
    { type: 'V', data: fromHex('1e2b516905991c7d7c96fcbfb587e46100000009') },
  ],
  [
    '0100000000010000000a0004c00002015ba00000',
    {
      type: 'CP',
      cfgType: CfgType.REQUEST,
      attributes: [
        { attribute: CfgAttribute.INTERNAL_IP4_ADDRESS, value: NONE },
        { attribute: CfgAttribute.INTERNAL_IP6_DNS, value: fromHex('c0000201') },
        { attribute: CfgAttribute.MICROSOFT_IP4_SERVER, value: NONE },
      ],
    },
  ],
  ['0101000501', { type: 'EAP', message: fromHex('0101000501') }],
];

function numberOf(payload: Payload): number {
  return payload.type === 'UNKNOWN' ? payload.payloadType : PayloadType[payload.type];
}

function chain(bodies: readonly (readonly [type: number, body: string])[]): Uint8Array {
  const parts = bodies.map(([, body], i) => {
    const next = bodies[i + 1]?.[0] ?? 0;
    return `${toHex(Uint8Array.of(next, 0, 0, 4 + body.length / 2))}${body}`;
  });
  return fromHex(parts.join(''));
}

describe('payloads', () => {
  it.each(SAMPLES.map(([body, payload]) => [payload.type, body, payload] as const))('%s %s', (_, body, payload) => {
    const octets = chain([[numberOf(payload), body]]);
    expect(parsePayloads(numberOf(payload), octets)).toEqual([payload]);
    expect(emitPayloads([payload])).toEqual({ first: numberOf(payload), octets });
  });

  it('form a chain by the types in each header before', () => {
    const octets = chain(SAMPLES.map(([body, payload]) => [numberOf(payload), body]));
    const payloads = SAMPLES.map(([, payload]) => payload);
    expect(parsePayloads(PayloadType.KE, octets)).toEqual(payloads);
    expect(emitPayloads(payloads)).toEqual({ first: PayloadType.KE, octets });
  });

  it('may be none', () => {
    expect(parsePayloads(0, NONE)).toEqual([]);
    expect(emitPayloads([])).toEqual({ first: 0, octets: NONE });
  });

  it('are views of the message', () => {
    const octets = chain([[PayloadType.V, 'abcdef']]);
    const [payload] = parsePayloads(PayloadType.V, octets);
    octets[5] = 0x11;
    expect(payload).toEqual({ type: 'V', data: fromHex('ab11ef') });
  });

  it('that nobody knows are kept, with the critical flag', () => {
    const octets = fromHex('2b80000601020000000500');
    const payloads = parsePayloads(200, octets);
    expect(payloads).toEqual([
      { type: 'UNKNOWN', payloadType: 200, critical: true, data: fromHex('0102') },
      { type: 'V', data: fromHex('00') },
    ]);
    expect(emitPayloads(payloads)).toEqual({ first: 200, octets });
  });

  it('that are known may be critical: the flag is ignored', () => {
    expect(parsePayloads(PayloadType.V, fromHex('0080000500'))).toEqual([{ type: 'V', data: fromHex('00') }]);
  });

  it('ignore what is reserved', () => {
    expect(parsePayloads(PayloadType.IDi, fromHex('007f000a02ffffff6162'))).toEqual([
      { type: 'IDi', idType: 2, data: utf8('ab') },
    ]);
    const [cp] = parsePayloads(PayloadType.CP, fromHex('0000000c02ffffff80010000'));
    expect(cp).toMatchObject({ attributes: [{ attribute: 1 }] });
  });

  it('prove an identity as type, three zeros and data', () => {
    expect(toHex(emitIdentity({ idType: 2, data: utf8('ab') }))).toBe('020000006162');
  });

  it('name no SPI of the IKE SA, whatever the count says', () => {
    expect(parsePayloads(PayloadType.D, fromHex('0000000801000001'))).toEqual([{ type: 'D', protocol: 1, spis: [] }]);
  });

  it('end at 64', () => {
    const many = (n: number) => emitPayloads(Array.from({ length: n }, () => ({ type: 'V', data: NONE }) as const));
    expect(parsePayloads(PayloadType.V, many(64).octets)).toHaveLength(64);
    expect(() => parsePayloads(PayloadType.V, many(65).octets)).toThrow('more than 64 payloads');
  });

  it('end at 256 SPIs and 256 configuration attributes', () => {
    const spis = (n: number) => emitPayloads([{ type: 'D', protocol: 3, spis: Array(n).fill(fromHex('c0ffee01')) }]);
    expect(parsePayloads(PayloadType.D, spis(256).octets)).toMatchObject([{ spis: { length: 256 } }]);
    expect(() => parsePayloads(PayloadType.D, spis(257).octets)).toThrow(Malformed);
    const attributes = (n: number) =>
      emitPayloads([{ type: 'CP', cfgType: 1, attributes: Array(n).fill({ attribute: 1, value: NONE }) }]);
    expect(parsePayloads(PayloadType.CP, attributes(256).octets)).toMatchObject([{ attributes: { length: 256 } }]);
    expect(() => parsePayloads(PayloadType.CP, attributes(257).octets)).toThrow(Malformed);
  });

  it.each([
    ['an encrypted payload inside', PayloadType.SK, '000000080102030405060708'],
    ['an encrypted fragment inside', PayloadType.SKF, '0000000800010001'],
    ['a type where nothing stands', PayloadType.V, ''],
    ['octets behind the last', PayloadType.V, '0000000400'],
    ['a length below the header', PayloadType.V, '00000003'],
    ['a length of zero', PayloadType.V, '2b000000'],
    ['a length beyond the end', PayloadType.V, '00000009ab'],
    ['a nonce of 15 octets', PayloadType.NONCE, `00000013${'00'.repeat(15)}`],
    ['a nonce of 257 octets', PayloadType.NONCE, `00000105${'00'.repeat(257)}`],
    ['an SPI beyond the notify', PayloadType.N, '0000000a030400010102'],
    ['SPIs to delete that are not there', PayloadType.D, '0000000c03040002c0ffee01'],
    ['more SPIs to delete than counted', PayloadType.D, '0000001003040001c0ffee01c0ffee02'],
    ['a configuration value cut off', PayloadType.CP, '0000000d0100000000010004ab'],
    ['an identity without its type', PayloadType.IDi, '00000004'],
    ['a key exchange without its method', PayloadType.KE, '0000000500'],
  ])('refuse %s', (_, first, hex) => {
    expect(() => parsePayloads(first, fromHex(hex))).toThrow(Malformed);
  });
});
