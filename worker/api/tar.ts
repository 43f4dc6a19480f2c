// Several files as one: a POSIX ustar archive (IEEE Std 1003.1, pax), which every system of those profiles unpacks.

import { concat, utf8 } from '../../src/bytes/octets.ts';

export interface TarFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

const BLOCK = 512;
const CHECKSUM = { offset: 148, octets: 8 };

/** @param now milliseconds. @throws for a path longer than 100 octets. */
export function tar(files: readonly TarFile[], now: number): Uint8Array {
  const parts = files.flatMap((file) => [header(file, now), padded(file.content)]);
  return concat(...parts, new Uint8Array(2 * BLOCK));
}

function header({ path, mode, content }: TarFile, now: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (offset: number, text: string) => block.set(utf8(text), offset);
  if (utf8(path).length > 100) throw new Error(`the path ${path} is too long for the archive`);
  put(0, path);
  put(100, octal(mode, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(content.length, 11));
  put(136, octal(Math.floor(now / 1000), 11));
  put(156, '0');
  put(257, 'ustar\0');
  put(263, '00');
  // The sum is taken with spaces in its own place.
  block.fill(0x20, CHECKSUM.offset, CHECKSUM.offset + CHECKSUM.octets);
  const sum = block.reduce((total, octet) => total + octet, 0);
  put(CHECKSUM.offset, `${octal(sum, 6)}\0 `);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function padded(content: Uint8Array): Uint8Array {
  return concat(content, new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK));
}
