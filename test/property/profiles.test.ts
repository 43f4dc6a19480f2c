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
    '${HOME}',
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

describe.each(COMBINATIONS)('$label', ({ format, kind, auth }) => {
  const plain = sample({ member: { kind, auth } });

  it('takes any name without any harm', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(names, (given) => {
        const hostile = named(plain, given);
        expect(skeleton(format, hostile)).toEqual(skeleton(format, plain));
        for (const step of format.steps(hostile)) expect(INVISIBLE.test(step)).toBe(false);
        for (const { path } of format.make(hostile))
          expect(path).toMatch(/^([A-Za-z0-9_-][A-Za-z0-9._-]*\/)?[A-Za-z0-9_-][A-Za-z0-9._-]*$/);
      }),
      { numRuns: auth === 'cert' ? 15 : 40 },
    );
  });
});

function named(input: ProfileInput, given: { organisation: string; network: string; member: string }): ProfileInput {
  return {
    ...input,
    network: { ...input.network, name: given.network },
    member: { ...input.member, name: given.member },
    options: { ...input.options, organisationName: given.organisation },
  };
}

const SKELETONS: Readonly<Record<string, (text: string) => unknown>> = {
  mobileconfig: (text) => readPlist(text),
  ps1: (text) => ({
    name: assigned(text, 'Name').join(),
    // The first is the name: a string by itself, or one that is decoded.
    rest: tokensOf(text.replace(/^\$Name = .*$/m, '')),
  }),
  sswan: (text) => JSON.parse(text),
  nmconnection: (text) => readKeyfile(text),
};

/** What a reader makes of the files, with each cleaned name replaced by what it stands for. */
function skeleton(format: ProfileFormat, input: ProfileInput): unknown {
  const files = format.make(input).map((file) => {
    const read = SKELETONS[file.path.split('.').at(-1)!];
    const text = file.path.endsWith('.p12') ? '(octets)' : textOf(file);
    return [file.path, read ? read(text) : text.split('\n')];
  });
  return withoutNames(files, input);
}

function withoutNames(value: unknown, input: ProfileInput): unknown {
  if (typeof value === 'string') return unnamed(value, input);
  if (value instanceof Uint8Array) return value.length > 900 ? 'PKCS12' : Buffer.from(value).toString('hex');
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map((each) => withoutNames(each, input));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutNames(each, input)]));
}

/** A value is compared whole where it is a name, and by its parts where names stand inside of it. */
function unnamed(text: string, input: ProfileInput): string {
  const { network, member, options } = input;
  const kinds: readonly (readonly [name: string, place: string])[] = [
    [connectionName(input), 'CONNECTION'],
    [
      connectionName(input)
        .replace(/[\\/:*?"<>|[\]]/g, '-')
        .replace(/^\.+/, ''),
      'CONNECTION',
    ],
    [`Certificate of ${displayName(member.name)}`, 'CERTIFICATE'],
    [`Connects this device to the network ${displayName(network.name)}.`, 'DESCRIPTION'],
    [displayName(options.organisationName), 'ORGANISATION'],
  ];
  const exact = kinds.find(([each]) => each === text)?.[1];
  return exact ?? inside(text, input);
}

/** Lines of configuration: comments name people's names, the rest names of objects only. */
function inside(text: string, input: ProfileInput): string {
  if (/^[#!] /.test(text) || /^ description /.test(text) || /^ +set comments "/.test(text)) return 'COMMENT';
  if (
    /^[A-Za-z0-9+/]{200,}=*$/.test(text) ||
    (/^[A-Za-z0-9+/=]{1,64}$/.test(text) === true && /[+/=]|.{60}/.test(text))
  )
    return 'BASE64';
  const member = objectName(input.member.name);
  const network = objectName(input.network.name);
  let result = text;
  for (const form of [
    `cv-${member}`.slice(0, 12).replace(/-+$/, ''),
    `culvert-${objectName(input.member.name, 20)}`,
    `culvert-${member}`,
  ]) {
    result = result.replaceAll(form, 'OBJECT');
  }
  for (const [form, place] of [
    [`${network}-${member}`, 'FILE'],
    [`${member}.`, 'MEMBER.'],
    [`-${member}`, '-MEMBER'],
    [network, 'NETWORK'],
  ] as const) {
    result = result.replaceAll(form, place);
  }
  return result;
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
        expect(back).toBe(text.replace(/[^\P{Cc}\n\r\t]+/gu, ' '));
      }),
    );
  });
});
