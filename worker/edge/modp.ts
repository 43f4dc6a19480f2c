// Diffie-Hellman in the MODP groups: RFC 2409 section 6.2 (1024 bits), RFC 3526 (1536 to 4096), checks of RFC 6989 section 2.1.
//
// In BigInt, because node:crypto in workerd tests the prime anew for each DiffieHellman object: measured 600 ms with 2048 bits
// and 4.5 s with 4096, against 2.5 ms and 8 ms here. BigInt takes no constant time, but a secret serves one exchange only.

export interface ModpGroup {
  readonly prime: bigint;
  /** Of a value in the KE payload. */
  readonly octets: number;
  /** Of the secret exponent: the upper bounds of RFC 3526 section 8, in whole octets. */
  readonly secretOctets: number;
}

const GENERATOR = 2n;
const WINDOW_BITS = 5;

/** [2^3966 pi]. */
const PI = BigInt(
  '0x' +
    'c90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6d' +
    'f25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe6' +
    '49286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed52907' +
    '7096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9' +
    'de2bcbf6955817183995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb8504' +
    '58dbef0a8aea71575d060c7db3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864' +
    'd87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120' +
    'a92108011a723c12a787e6d788719a10bdba5b2699c327186af4e23c1a946834b6150bda2583e9ca2ad44ce8dbbbc2db04de8ef9' +
    '2e8efc141fbecaa6287c59474e6bc05d99b2964fa090c3a2233ba186515be7ed1f612970cee2d7afb81bdd762170481cd0069127' +
    'd5b05aa993b4ea988d8fddc186ffb7dc90a6c08f4df435c934028492',
);

export const MODP_1024 = modpGroup(1024, 129093n, 32);
export const MODP_1536 = modpGroup(1536, 741804n, 32);
export const MODP_2048 = modpGroup(2048, 124476n, 40);
export const MODP_3072 = modpGroup(3072, 1690314n, 52);
export const MODP_4096 = modpGroup(4096, 240904n, 60);

/** @returns g^secret mod p, padded to the length of the prime. */
export function modpPublicValue(group: ModpGroup, secret: Uint8Array): Uint8Array {
  return emitUnsigned(power(GENERATOR, secret, group.prime), group.octets);
}

/** @returns y^secret mod p, padded to the length of the prime, or null unless 1 < y < p-1. */
export function modpAgree(group: ModpGroup, secret: Uint8Array, peer: Uint8Array): Uint8Array | null {
  if (peer.length !== group.octets) return null;
  const y = parseUnsigned(peer);
  if (y <= 1n || y >= group.prime - 1n) return null;
  return emitUnsigned(power(y, secret, group.prime), group.octets);
}

/** p = 2^n - 2^(n-64) - 1 + 2^64 * ( [2^(n-130) pi] + k ), which is how both RFCs define their primes. */
function modpGroup(bits: number, k: bigint, secretOctets: number): ModpGroup {
  const n = BigInt(bits);
  const prime = 2n ** n - 2n ** (n - 64n) - 1n + 2n ** 64n * ((PI >> (4096n - n)) + k);
  return { prime, octets: bits / 8, secretOctets };
}

/** Fixed windows: the steps do not depend on the bits of the exponent. */
function power(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  const powers = [1n, base];
  for (let i = 2; i < 1 << WINDOW_BITS; i++) powers.push((powers[i - 1]! * base) % modulus);
  const windows = windowsOf(exponent);
  let result = 1n;
  for (const window of windows) {
    for (let i = 0; i < WINDOW_BITS; i++) result = (result * result) % modulus;
    result = (result * powers[window]!) % modulus;
  }
  return result;
}

/** @returns the exponent as digits of WINDOW_BITS bits, the highest first. */
function windowsOf(exponent: Uint8Array): number[] {
  const digits: number[] = [];
  const mask = (1n << BigInt(WINDOW_BITS)) - 1n;
  let left = parseUnsigned(exponent);
  for (let bits = exponent.length * 8; bits > 0; bits -= WINDOW_BITS) {
    digits.push(Number(left & mask));
    left >>= BigInt(WINDOW_BITS);
  }
  return digits.reverse();
}

function parseUnsigned(octets: Uint8Array): bigint {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  let value = 0n;
  let at = 0;
  for (; at + 8 <= octets.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  for (; at < octets.length; at++) value = (value << 8n) | BigInt(view.getUint8(at));
  return value;
}

function emitUnsigned(value: bigint, octets: number): Uint8Array {
  const out = new Uint8Array(octets);
  const view = new DataView(out.buffer);
  let left = value;
  for (let at = octets - 8; at >= 0; at -= 8) {
    view.setBigUint64(at, BigInt.asUintN(64, left));
    left >>= 64n;
  }
  return out;
}
