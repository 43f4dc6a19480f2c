// Property lists: read back by a parser of our own and by Python's.

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { apple } from '../../../worker/profiles/apple.ts';
import { emitPlist, type PlistDictionary } from '../../../worker/profiles/plist.ts';
import { readPlist } from './plist-reader.ts';
import { sample, texts } from './sample.ts';

const HOSTILE = '</string><key>a</key>&amp;<!--]]> "\'\t\n\r\n';
const LIST: PlistDictionary = {
  text: HOSTILE,
  [HOSTILE]: 'key',
  empty: '',
  space: '  a  ',
  number: -12,
  yes: true,
  no: false,
  octets: Uint8Array.of(0, 1, 255),
  none: new Uint8Array(0),
  date: new Date(Date.UTC(2027, 0, 2, 3, 4, 5, 678)),
  list: ['a', [], {}],
  missing: undefined,
};

describe('a property list', () => {
  it('comes back as it was', () => {
    const { missing: _, date: __, ...rest } = LIST;
    expect(readPlist(emitPlist(LIST))).toEqual({ ...rest, date: new Date('2027-01-02T03:04:05Z') });
  });

  it('leaves out what XML cannot hold, and refuses what is no integer', () => {
    expect(readPlist(emitPlist({ a: 'x\0\x1b\ufffe\ud800y' }))).toEqual({ a: 'xy' });
    expect(() => emitPlist({ a: 1.5 })).toThrow(/no integer/);
  });
});

const python = spawnSync('python3', ['-c', 'import plistlib']);

describe.skipIf(python.status !== 0)('by the parser of Python', () => {
  const read = `
import plistlib, json, sys, base64
def plain(v):
    if isinstance(v, bytes): return {'octets': v.hex()}
    if hasattr(v, 'isoformat'): return {'date': v.isoformat()}
    if isinstance(v, dict): return {k: plain(x) for k, x in v.items()}
    if isinstance(v, list): return [plain(x) for x in v]
    return v
print(json.dumps(plain(plistlib.loads(sys.stdin.buffer.read()))))`;

  it('the values are the same', () => {
    expect(byPython(emitPlist(LIST))).toEqual({
      ...{ text: HOSTILE, [HOSTILE]: 'key', empty: '', space: '  a  ', number: -12, yes: true, no: false },
      ...{ octets: { octets: '0001ff' }, none: { octets: '' }, date: { date: '2027-01-02T03:04:05' } },
      list: ['a', [], {}],
    });
  });

  it('so is a whole profile', () => {
    const xml = texts(apple, sample())['laptop.mobileconfig']!;
    const ours = JSON.parse(JSON.stringify(readPlist(xml), plain));
    expect(byPython(xml)).toEqual(ours);
  });

  function byPython(xml: string): unknown {
    const { stdout, stderr, status } = spawnSync('python3', ['-c', read], { input: xml, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout);
  }
});

/** As the script above writes it. JSON.stringify has made a text of a date already. */
function plain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  if (original instanceof Date) return { date: original.toISOString().replace('.000Z', '') };
  return original instanceof Uint8Array ? { octets: Buffer.from(original).toString('hex') } : value;
}
