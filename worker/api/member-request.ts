// Requests that add a device or a site.

import { formatPrefix, overlaps, type Prefix } from '../../src/wire/prefix.ts';
import type { Enrolment } from '../directory/enrol.ts';
import type { MemberAuth } from '../directory/member-record.ts';
import { checkName, shorten } from '../directory/names.ts';
import { unusableReason } from '../directory/pool.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';
import { Fields } from './fields.ts';
import { readPrefix } from './prefix-field.ts';

const PREFIXES = 32;
const DEVICE_METHODS: readonly MemberAuth[] = ['cert', 'eap', 'psk'];
const SITE_METHODS: readonly MemberAuth[] = ['cert', 'psk'];

export function readDevice(body: unknown): Result<Enrolment> {
  const fields = new Fields(body, ['name', 'auth']);
  const name = readName(fields, 'device');
  const auth = readAuth(fields, 'device', DEVICE_METHODS);
  return fields.refused ?? done({ kind: 'device', name, auth, prefixes: [] });
}

export function readSite(body: unknown): Result<Enrolment> {
  const fields = new Fields(body, ['name', 'auth', 'prefixes']);
  const name = readName(fields, 'site');
  const auth = readAuth(fields, 'site', SITE_METHODS);
  const prefixes = readPrefixes(fields);
  return fields.refused ?? done({ kind: 'site', name, auth, prefixes });
}

/** @returns the id of a user, or null for nobody. */
export function readOwner(body: unknown): Result<string | null> {
  const fields = new Fields(body, ['owner']);
  const owner = fields.isNull('owner') ? null : fields.string('owner');
  if (owner !== undefined) return fields.refused ?? done(owner);
  return fields.refused ?? refuse('bad-value', "'owner' is missing.", 'Give the id of a person, or null.');
}

function readName(fields: Fields, what: 'device' | 'site'): string {
  const name = checkName(what, fields.string('name') ?? '');
  if (name.ok) return name.value;
  fields.refuse(name, 'name');
  return '';
}

function readAuth(fields: Fields, what: 'device' | 'site', methods: readonly MemberAuth[]): MemberAuth {
  const text = fields.string('auth') ?? 'cert';
  const auth = methods.find((method) => method === text);
  if (auth) return auth;
  const list = methods.join(', ').replace(/, (\w+)$/, ' or $1');
  const why =
    text === 'eap'
      ? 'EAP is for people at devices; a site has nobody to type a password'
      : `'${shorten(text)}' is no such method`;
  fields.refuse(
    refuse('bad-auth', `A ${what} proves itself by ${list}: ${why}.`, `Give one of ${list} as 'auth'.`),
    'auth',
  );
  return 'cert';
}

function readPrefixes(fields: Fields): Prefix[] {
  const texts = fields.strings('prefixes', PREFIXES) ?? [];
  if (texts.length === 0) {
    fields.refuse(
      refuse(
        'bad-prefix',
        'A site without prefixes has nothing behind it that others could reach.',
        "Give at least one prefix, such as '10.1.0.0/16'.",
      ),
      'prefixes',
    );
  }
  const prefixes: Prefix[] = [];
  for (const text of texts) {
    const prefix = readSitePrefix(text, prefixes);
    if (prefix.ok) prefixes.push(prefix.value);
    else fields.refuse(prefix, 'prefixes');
  }
  return prefixes;
}

function readSitePrefix(text: string, before: readonly Prefix[]): Result<Prefix> {
  const prefix = readPrefix(text);
  if (!prefix.ok) return prefix;
  if (prefix.value.length === 0) {
    return refuse(
      'bad-prefix',
      `${text} is every address there is: it would take over all traffic of the network.`,
      'Give the prefixes that really stand behind the site.',
    );
  }
  const unusable = unusableReason(prefix.value);
  if (unusable)
    return refuse(
      'bad-prefix',
      `${text} cannot stand behind a site: it ${unusable}.`,
      'Give the prefixes that really stand behind the site.',
    );
  const other = before.find((each) => overlaps(each, prefix.value));
  if (!other) return prefix;
  return refuse(
    'prefix-overlap',
    `${text} overlaps ${formatPrefix(other)} of the same site.`,
    'Give each address once: leave the smaller of the two out.',
  );
}
