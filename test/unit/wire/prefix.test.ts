// Addresses, prefixes and paths as people read and write them.

import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes/octets.ts';
import { formatPath, type Path, samePath } from '../../../src/wire/path.ts';
import {
  contains,
  formatAddress,
  formatPrefix,
  maskPrefix,
  overlaps,
  parseAddress,
  parsePrefix,
  prefixRange,
} from '../../../src/wire/prefix.ts';

const address = (text: string) => parseAddress(text)!;
const prefix = (text: string) => parsePrefix(text)!;

describe('addresses', () => {
  it.each([
    ['192.0.2.1', 'c0000201'],
    ['0.0.0.0', '00000000'],
    ['255.255.255.255', 'ffffffff'],
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::', 'fe800000000000000000000000000000'],
    // RFC 5952 section 4
    ['2001:db8:0:1:1:1:1:1', '20010db8000000010001000100010001'],
    ['2001:0:0:1::1', '20010000000000010000000000000001'],
    ['2001:db8::1:0:0:1', '20010db8000000000001000000000001'],
    ['2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa', '20010db8aaaabbbbccccddddeeeeaaaa'],
    // section 5
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ])('%s', (text, hex) => {
    expect(toHex(address(text))).toBe(hex);
    expect(formatAddress(fromHex(hex))).toBe(text);
  });

  it.each([
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:DB8::ABCD', '2001:db8::abcd'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ])('reads %s as %s', (text, canonical) => {
    expect(formatAddress(address(text))).toBe(canonical);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.-4',
    '0x1.2.3.4',
    '1.2.3.',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
});

describe('prefixes', () => {
  it.each(['0.0.0.0/0', '10.0.0.0/8', '192.0.2.128/25', '192.0.2.1/32', '::/0', '2001:db8::/33', '::1/128'])(
    '%s',
    (text) => {
      expect(formatPrefix(prefix(text))).toBe(text);
    },
  );

  it.each([
    '10.0.0.0',
    '10.0.0.1/8',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '/8',
    '::1/127',
    '10.0.0.0/8/8',
  ])('refuses %j', (text) => {
    expect(parsePrefix(text)).toBeNull();
  });

  it('masks host bits', () => {
    expect(formatPrefix(maskPrefix(address('192.168.77.13'), 18))).toBe('192.168.64.0/18');
    expect(formatPrefix(maskPrefix(address('2001:db8:ffff::1'), 35))).toBe('2001:db8:e000::/35');
    expect(formatPrefix(maskPrefix(address('192.168.77.13'), 0))).toBe('0.0.0.0/0');
  });

  it('have a first and a last address', () => {
    const range = (text: string) => {
      const { start, end } = prefixRange(prefix(text));
      return `${formatAddress(start)} ${formatAddress(end)}`;
    };
    expect(range('192.0.2.64/26')).toBe('192.0.2.64 192.0.2.127');
    expect(range('0.0.0.0/0')).toBe('0.0.0.0 255.255.255.255');
    expect(range('192.0.2.1/32')).toBe('192.0.2.1 192.0.2.1');
    expect(range('2001:db8::/45')).toBe('2001:db8:: 2001:db8:7:ffff:ffff:ffff:ffff:ffff');
  });

  it('contain addresses of their family', () => {
    expect(contains(prefix('10.16.0.0/12'), address('10.31.255.255'))).toBe(true);
    expect(contains(prefix('10.16.0.0/12'), address('10.32.0.0'))).toBe(false);
    expect(contains(prefix('192.0.2.1/32'), address('192.0.2.1'))).toBe(true);
    expect(contains(prefix('0.0.0.0/0'), address('203.0.113.9'))).toBe(true);
    expect(contains(prefix('0.0.0.0/0'), address('::1'))).toBe(false);
    expect(contains(prefix('2001:db8::/33'), address('2001:db8:8000::'))).toBe(false);
    expect(contains(prefix('2001:db8::/33'), address('2001:db8:7fff::'))).toBe(true);
  });

  it('overlap where one contains the other', () => {
    expect(overlaps(prefix('10.0.0.0/8'), prefix('10.1.0.0/16'))).toBe(true);
    expect(overlaps(prefix('10.1.0.0/16'), prefix('10.0.0.0/8'))).toBe(true);
    expect(overlaps(prefix('10.0.0.0/16'), prefix('10.1.0.0/16'))).toBe(false);
    expect(overlaps(prefix('0.0.0.0/0'), prefix('::/0'))).toBe(false);
  });
});

describe('paths', () => {
  const path: Path = {
    localAddress: address('192.0.2.1'),
    localPort: 4500,
    remoteAddress: address('198.51.100.7'),
    remotePort: 61234,
  };

  it('are the same by value', () => {
    expect(samePath(path, { ...path, remoteAddress: address('198.51.100.7') })).toBe(true);
    expect(samePath(path, { ...path, remotePort: 61235 })).toBe(false);
    expect(samePath(path, { ...path, localPort: 500 })).toBe(false);
    expect(samePath(path, { ...path, remoteAddress: address('198.51.100.8') })).toBe(false);
    expect(samePath(path, { ...path, localAddress: address('192.0.2.2') })).toBe(false);
  });

  it('are written with the relay’s side first', () => {
    expect(formatPath(path)).toBe('192.0.2.1:4500 - 198.51.100.7:61234');
    expect(formatPath({ ...path, localAddress: address('::1'), remoteAddress: address('2001:db8::7') })).toBe(
      '[::1]:4500 - [2001:db8::7]:61234',
    );
  });
});
