// The MD4 message digest: RFC 1320. Nothing but MSCHAPv2 may use it; neither Node nor WebCrypto offers it.

const ROUNDS: readonly {
  readonly constant: number;
  readonly shifts: readonly [number, number, number, number];
  /** Order of the words of a block. */
  readonly order: readonly number[];
  mix(x: number, y: number, z: number): number;
}[] = [
  {
    constant: 0,
    shifts: [3, 7, 11, 19],
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    mix: (x, y, z) => (x & y) | (~x & z),
  },
  {
    constant: 0x5a827999,
    shifts: [3, 5, 9, 13],
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
  },
  {
    constant: 0x6ed9eba1,
    shifts: [3, 9, 11, 15],
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    mix: (x, y, z) => x ^ y ^ z,
  },
];

/** @returns 16 octets. */
export function md4(message: Uint8Array): Uint8Array {
  const padded = pad(message);
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let at = 0; at < padded.byteLength; at += 64) digestBlock(state, new DataView(padded.buffer, at, 64));
  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((word, i) => {
    digest.setUint32(4 * i, word, true);
  });
  return new Uint8Array(digest.buffer);
}

/** One 1 bit, zeros, and the length in bits as 64 bits, little-endian. */
function pad(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(message.length) * 8n, true);
  return padded;
}

function digestBlock(state: Uint32Array, block: DataView): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  for (const { constant, shifts, order, mix } of ROUNDS) {
    order.forEach((word, i) => {
      // a = (a + mix(b,c,d) + X[k] + constant) <<< s, and the four change places.
      const sum = (a + mix(b, c, d) + block.getUint32(4 * word, true) + constant) | 0;
      const shift = shifts[i % 4]!;
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    });
  }
  for (const [i, word] of [a, b, c, d].entries()) state[i]! += word;
}
