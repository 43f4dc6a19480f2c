// PKCS#12 where it is made: workerd's 3DES and the hashes beside it.

import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/octets.ts';
import { emitPkcs12 } from '../../worker/profiles/pkcs12.ts';
import { PKCS12_SAMPLE, PKCS12_SAMPLE_SHA256 } from '../unit/profiles/pkcs12-sample.ts';

describe('a PKCS#12 file made in workerd', () => {
  it('is the one that Node makes', async () => {
    const made = emitPkcs12(PKCS12_SAMPLE, 'sample', 'sample');
    const digest = await crypto.subtle.digest('SHA-256', made.slice());
    expect(toHex(new Uint8Array(digest))).toBe(PKCS12_SAMPLE_SHA256);
  });
});
