// One valid sample of each format, to be cut and flipped.

import { concat, fromHex, utf8, zeros } from '../../src/bytes/octets.ts';
import { parseAUTH } from '../../src/wire/auth.ts';
import { parseCERT, parseCERTREQ } from '../../src/wire/cert.ts';
import { parseCP } from '../../src/wire/cp.ts';
import { parseD } from '../../src/wire/delete.ts';
import { emitEap, parseEap } from '../../src/wire/eap.ts';
import { emitMschapv2, parseMschapv2 } from '../../src/wire/eap-mschapv2.ts';
import { parseEAP } from '../../src/wire/eap-payload.ts';
import { FrameWriter, parseFrame } from '../../src/wire/frame.ts';
import { parseIDi, parseIDr } from '../../src/wire/id.ts';
import { parseIkeHeader } from '../../src/wire/ike-header.ts';
import { emitIkeMessage, emitProtectedShell, parseIkeMessage } from '../../src/wire/ike-message.ts';
import { PayloadType } from '../../src/wire/ike-numbers.ts';
import { parseKE } from '../../src/wire/ke.ts';
import { parseNONCE } from '../../src/wire/nonce.ts';
import { parseN } from '../../src/wire/notify.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { emitPayloads, parsePayloads } from '../../src/wire/payloads.ts';
import { parseSA } from '../../src/wire/sa.ts';
import { parseTSi, parseTSr } from '../../src/wire/ts.ts';
import { parseV } from '../../src/wire/vendor-id.ts';

export interface Sample {
  readonly name: string;
  readonly parse: (octets: Uint8Array) => unknown;
  readonly octets: Uint8Array;
}

const SA = fromHex(
  [
    // IKE: AES-GCM-16 of 256 bits, HMAC-SHA2-256, X25519, P-256.
    '0200002c01010004',
    '0300000c01000014800e0100',
    '0300000802000005',
    '030000080400001f',
    '0000000804000013',
    // ESP: AES-CBC with its key length in the long form and two attributes more, HMAC-SHA2-256, no ESN.
    '0000003403030403c0ffee01',
    '030000180100000c000e0002008080120001001300020000',
    '030000080300000c',
    '0000000805000000',
  ].join(''),
);
const TS = fromHex(
  [
    '03000000',
    '070000100000ffff00000000ffffffff',
    // Of a type that nobody knows.
    '0900000801020304',
    `0811002800350035${'20010db8'.padEnd(32, '0')}${'20010db8'.padEnd(32, 'f')}`,
  ].join(''),
);

const FIELDS = { SPIi: 1n << 63n, SPIr: 2n, exchange: 35, initiator: true, response: false, messageId: 1 };

const PAYLOADS: readonly Payload[] = [
  { type: 'IDi', idType: 2, data: utf8('laptop@acme') },
  { type: 'N', notify: 16393, protocol: 3, spi: fromHex('c0ffee01'), data: zeros(0) },
  { type: 'UNKNOWN', payloadType: 200, critical: true, data: fromHex('0102') },
  { type: 'SA', proposals: parseSA(SA).proposals },
  { type: 'TSi', selectors: parseTSi(TS).selectors },
  { type: 'D', protocol: 3, spis: [fromHex('c0ffee01')] },
];
const CHAIN = emitPayloads(PAYLOADS);

function frame(): Uint8Array {
  const four = { localAddress: zeros(4), localPort: 4500, remoteAddress: zeros(4), remotePort: 1 };
  const six = { localAddress: zeros(16), localPort: 4500, remoteAddress: zeros(16), remotePort: 1 };
  const w = new FrameWriter();
  w.datagram(four, fromHex('aabbcc'));
  w.datagram(four, fromHex('dd'));
  w.datagram(six, zeros(0));
  w.credit(70_000);
  w.keepalive(four, 20);
  w.silent(six, 60);
  w.release();
  return w.finish();
}

export const SAMPLES: readonly Sample[] = [
  { name: 'SA', parse: parseSA, octets: SA },
  { name: 'KE', parse: parseKE, octets: fromHex(`001f0000${'5a'.repeat(32)}`) },
  { name: 'IDi', parse: parseIDi, octets: fromHex('010000000a000301') },
  { name: 'IDr', parse: parseIDr, octets: fromHex('0200000067772e6578616d706c65') },
  { name: 'CERT', parse: parseCERT, octets: fromHex('0430820100') },
  { name: 'CERTREQ', parse: parseCERTREQ, octets: fromHex(`04${'ab'.repeat(20)}`) },
  { name: 'AUTH', parse: parseAUTH, octets: fromHex(`02000000${'cd'.repeat(20)}`) },
  { name: 'NONCE', parse: parseNONCE, octets: fromHex('11'.repeat(32)) },
  { name: 'N', parse: parseN, octets: fromHex('03044009c0ffee01abcd') },
  { name: 'D', parse: parseD, octets: fromHex('03040002c0ffee01c0ffee02') },
  { name: 'V', parse: parseV, octets: fromHex('1e2b5169') },
  { name: 'TSi', parse: parseTSi, octets: TS },
  { name: 'TSr', parse: parseTSr, octets: TS },
  { name: 'CP', parse: parseCP, octets: fromHex('0200000000010004c00002010019000b6578616d706c652e636f6d') },
  { name: 'EAP payload', parse: parseEAP, octets: fromHex('0101000501') },
  { name: 'a chain of payloads', parse: (octets) => parsePayloads(CHAIN.first, octets), octets: CHAIN.octets },
  { name: 'an IKE header', parse: parseIkeHeader, octets: emitIkeMessage(FIELDS, []) },
  { name: 'an IKE message', parse: parseIkeMessage, octets: emitIkeMessage(FIELDS, PAYLOADS) },
  {
    name: 'a protected IKE message',
    parse: parseIkeMessage,
    octets: emitProtectedShell(FIELDS, { kind: 'SK', first: PayloadType.IDi, fragment: null }, 40).octets,
  },
  {
    name: 'an IKE fragment',
    parse: parseIkeMessage,
    octets: emitProtectedShell(FIELDS, { kind: 'SKF', first: 0, fragment: { number: 2, total: 3 } }, 40).octets,
  },
  {
    name: 'an EAP message',
    parse: parseEap,
    octets: emitEap({ code: 2, identifier: 7, type: 1, data: utf8('laptop') }),
  },
  {
    name: 'an MSCHAPv2 Challenge',
    parse: parseMschapv2,
    octets: emitMschapv2({ opCode: 'challenge', identifier: 7, challenge: zeros(16), name: utf8('culvert') }),
  },
  {
    name: 'an MSCHAPv2 Response',
    parse: parseMschapv2,
    octets: emitMschapv2({
      opCode: 'response',
      identifier: 7,
      peerChallenge: zeros(16),
      ntResponse: zeros(24),
      name: utf8('laptop'),
    }),
  },
  {
    name: 'an MSCHAPv2 Success',
    parse: parseMschapv2,
    octets: concat(fromHex('03070014'), zeros(16)),
  },
  { name: 'a frame', parse: parseFrame, octets: frame() },
];
