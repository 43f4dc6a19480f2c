// Input for PKCS#12 that needs no certificate, and what comes of it: the same in Node and in workerd.

import type { MemberCertificate } from '../../../worker/profiles/profile.ts';

export const PKCS12_SAMPLE: MemberCertificate = {
  der: Uint8Array.from({ length: 300 }, (_, i) => i & 0xff),
  pkcs8: Uint8Array.from({ length: 138 }, (_, i) => (7 * i) & 0xff),
  chain: [Uint8Array.of(1, 2, 3)],
  notAfter: 0,
};
export const PKCS12_SAMPLE_SHA256 = 'ccdab5814f8c992b83d87edb78e763f2e2d9b6a4a728549a2927a595458c484f';
