// Names that people give, in every format: what is read back is the name as it was cleaned, and nothing else of the profile has changed.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectionName, displayName, objectName } from '../../worker/profiles/names.ts';
import { emitConf } from '../../worker/profiles/swanctl-conf.ts';
import type { ProfileFormat, ProfileInput } from '../../worker/profiles/profile.ts';
import { readKeyfile } from '../unit/profiles/keyfile-reader.ts';
import { readPlist } from '../unit/profiles/plist-reader.ts';
import { assigned, tokensOf } from '../unit/profiles/powershell-reader.ts';
import { COMBINATIONS, sample, textOf } from '../unit/profiles/sample.ts';

const NASTY = [
  ...[
    '</string><key>',
    '&lt;',
    ']]>',
    '"',
    "'",
    '’',
    '`',
    '$(calc)',
    '$HOME',
    '\\',
    '\n',
    '\r\n',
    '\0',
    '\x1b[2J',
    '%00',
  ],
  ...[
    '\u202e',
    '\u200f',
    '\u2028',
    '{',
    '}',
    '#',
    '!',
    ';',
    '|',
    '?',
    '[find]',
    'end\nconfig system admin',
    '-----END',
    '../..',
    '=',
    '*',
  ],
];
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 5 })), { maxLength: 12 })
    .map((parts) => parts.join('')),
  fc.constantFrom(...NASTY).map((text) => text.repeat(Math.ceil(10_240 / text.length))),
);
const names = fc.record({ organisation: name, network: name, member: name });

const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/u;

describe('names', () => {
  it('are one visible line of at most 64 characters', () => {
    fc.assert(
      fc.property(name, (text) => {
        const shown = displayName(text);
        expect(INVISIBLE.test(shown)).toBe(false);
        expect([...shown].length).toBeGreaterThan(0);
        expect([...shown].length).toBeLessThanOrEqual(64);
        expect(shown).toBe(shown.trim());
        expect(displayName(shown)).toBe(shown);
        expect(objectName(text)).toMatch(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/);
      }),
    );
  });

  it('that are good stay as they are', () => {
    for (const good of ['Büro Köln', 'مكتب', '東京 2', "O'Brien & Co. <3"]) expect(displayName(good)).toBe(good);
    expect(objectName('head-office')).toBe('head-office');
  });
});

/** Names whose two forms can be told apart in any file: with a space as people see them, with a hyphen as objects have them. */
const MARKS = { organisation: 'Z org', network: 'Z net', member: 'Z mem' };

describe.each(COMBINATIONS)('$label', ({ format, kind, auth }) => {
  const input = sample({ member: { kind, auth } });
  const marked = readBack(format, named(input, MARKS));

  it('takes any name without any harm', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(names, (given) => {
        const hostile = named(input, given);
        const files = readBack(format, hostile);
        expect(files).toEqual(filled(marked, format, given, hostile));
        for (const [path] of files) expect(path).toMatch(PLAIN_PATH);
        for (const step of format.steps(hostile)) expect(INVISIBLE.test(step)).toBe(false);
      }),
      { numRuns: auth === 'cert' ? 8 : 30 },
    );
  });

  it('shows the names somewhere, or the test above says nothing', () => {
    expect(JSON.stringify(marked)).toMatch(/Z[ -](org|net|mem)/);
  });
});

type Names = typeof MARKS;

const PLAIN_PATH = /^([A-Za-z0-9_-][A-Za-z0-9._-]*\/)?[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

function named(input: ProfileInput, given: Names): ProfileInput {
  return {
    ...input,
    network: { ...input.network, name: given.network },
    member: { ...input.member, name: given.member },
    options: { ...input.options, organisationName: given.organisation },
  };
}

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  mobileconfig: readPlist,
  ps1: (text) => ({
    name: assigned(text, 'Name'),
    // It may be a string by itself, or one that is decoded.
    rest: tokensOf(text.replace(/^\$Name = .*$/m, '')),
  }),
  sswan: (text) => JSON.parse(text),
  nmconnection: readKeyfile,
};

/** Path and content of each file as its reader sees it. PKCS#12 holds a name too, and is left out. */
function readBack(format: ProfileFormat, input: ProfileInput): (readonly [path: string, content: unknown])[] {
  return format.make(input).map((file) => {
    if (file.path.endsWith('.p12')) return [file.path, 'PKCS12'] as const;
    const read = READERS[file.path.split('.').at(-1)!] ?? ((text: string) => text.split('\n'));
    return [file.path, withoutPkcs12(read(textOf(file).replace(/(pkcs12 terminal )[\s\S]*?\nquit/, '$1')))] as const;
  });
}

/** Of all octets only those are longer than a certificate. */
function withoutPkcs12(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.length > 1000 ? 'PKCS12' : Buffer.from(value).toString('hex');
  if (typeof value === 'string') return /^[A-Za-z0-9+/=\s]{1300,}$/.test(value) ? 'PKCS12' : value;
  return each(value, withoutPkcs12);
}

/** What a reader must find with these names: all that stood there with the marks, and the cleaned names in their places. */
function filled(value: unknown, format: ProfileFormat, given: Names, input: ProfileInput): unknown {
  if (typeof value !== 'string') return each(value, (part) => filled(part, format, given, input));
  const place = { ...placesOf(given, input), ...narrowPlaces(value, format, given, input) };
  return value.replace(/cv-Z-mem|culvert-Z-mem|Z org Z net|Z (?:org|net|mem)|Z-(?:net|mem)/g, (mark) => place[mark]!);
}

function placesOf(given: Names, input: ProfileInput): Record<string, string> {
  return {
    'Z org Z net': connectionName(input),
    'Z org': displayName(given.organisation),
    'Z net': displayName(given.network),
    'Z mem': displayName(given.member),
    'Z-net': objectName(given.network),
    'Z-mem': objectName(given.member),
    'culvert-Z-mem': `culvert-${objectName(given.member)}`,
    'cv-Z-mem': `cv-${objectName(given.member)}`.slice(0, 12).replace(/-+$/, ''),
  };
}

/** Where a system takes less than others do. */
function narrowPlaces(value: string, { id }: ProfileFormat, given: Names, input: ProfileInput): Record<string, string> {
  const connection = connectionName(input);
  if (id === 'windows') return { 'Z org Z net': connection.replace(/[\\/:*?"<>|[\]]/g, '-').replace(/^\.+/, '') };
  if (id === 'routeros' || id === 'cisco') return { 'culvert-Z-mem': `culvert-${objectName(given.member, 20)}` };
  if (id !== 'fortigate' || !value.includes('set comments')) return {};
  return { 'Z org Z net': displayName(connection, 'Culvert', 60).replace(/["\\?`$]/g, '-') };
}

function each(value: unknown, change: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, change(part)]));
}

describe('swanctl.conf', () => {
  it('quotes any value so that it ends where it ends', () => {
    fc.assert(
      fc.property(name, (text) => {
        const conf = emitConf({ a: { value: text, next: 'x' } });
        const lines = conf.split('\n');
        expect(lines).toHaveLength(5);
        expect(lines[2]).toBe('  next = x');
        const quoted = /^ {2}value = "((?:[^"\\]|\\.)*)"$/.exec(lines[1]!)?.[1];
        const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
        const back =
          quoted?.replace(/\\(.)/g, (_, c: string) => escapes[c] ?? c) ?? lines[1]!.slice('  value = '.length);
        expect(back).toBe(text.replace(/[^\P{Cc}\n\r\t]/gu, ' '));
      }),
    );
  });
});
