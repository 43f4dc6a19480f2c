// Security Association payload, RFC 7296 section 3.3.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import type { PayloadOf, Proposal, Transform } from './payload.ts';
import { parseTransform, writeTransform } from './transform.ts';

/*
                        1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   | Last Substruc |   RESERVED    |         Proposal Length       |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms|
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                        SPI (variable)                         ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                        <Transforms>                           ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

const PROPOSALS = 64;
const MORE_PROPOSALS = 2;

/**
 * Lengths and counts must agree; nothing else is asked of a proposal. macOS 14 rekeys with proposals that begin at number 3 and name
 * the wrong protocol, so numbers, protocols and "last substructure" octets are taken as they come, and whoever chooses passes over
 * what does not suit.
 */
export function parseSA(body: Uint8Array): PayloadOf<'SA'> {
  const r = new Reader(body);
  const proposals: Proposal[] = [];
  while (r.remaining > 0) {
    if (proposals.length === PROPOSALS) throw new Malformed(`more than ${PROPOSALS} proposals`);
    proposals.push(parseProposal(r));
  }
  if (proposals.length === 0) throw new Malformed('SA payload without a proposal');
  return { type: 'SA', proposals };
}

export function emitSA(payload: { readonly proposals: readonly Proposal[] }): Uint8Array {
  const w = new Writer();
  for (const [i, proposal] of payload.proposals.entries()) {
    const start = w.length;
    w.u8(i + 1 < payload.proposals.length ? MORE_PROPOSALS : 0);
    w.u8(0);
    const length = w.reserve16();
    w.u8(proposal.number);
    w.u8(proposal.protocol);
    w.u8(proposal.spi.length);
    w.u8(proposal.transforms.length);
    w.octets(proposal.spi);
    for (const [j, transform] of proposal.transforms.entries()) {
      writeTransform(w, transform, j + 1 === proposal.transforms.length);
    }
    w.patch16(length, w.length - start);
  }
  return w.finish();
}

function parseProposal(r: Reader): Proposal {
  r.u8();
  r.u8();
  const p = r.sub(r.u16() - 4);
  const number = p.u8();
  const protocol = p.u8();
  const spiSize = p.u8();
  const count = p.u8();
  const spi = p.take(spiSize);
  const transforms: Transform[] = [];
  for (let i = 0; i < count; i++) transforms.push(parseTransform(p));
  p.expectEmpty('the last transform of a proposal');
  return { number, protocol, spi, transforms };
}
