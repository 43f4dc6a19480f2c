// Requests about the policy of a network. What is wrong is said of the rule and its field: `rules[2].services`.

import { LIMITS, type PortRange, type Service } from '../../src/policy/policy.ts';
import type { Prefix } from '../../src/wire/prefix.ts';
import { IpProtocol } from '../../src/wire/ip-protocol.ts';
import { shorten } from '../directory/names.ts';
import type { WantedPolicy, WantedRule, WantedSubject } from '../directory/policy-subjects.ts';
import { done, inField, type Refused, refuse, type Result } from '../directory/refusal.ts';
import { Fields } from './fields.ts';
import { readPrefix } from './prefix-field.ts';

const RULE_ID = /^[A-Za-z0-9_-]{1,32}$/;
const KINDS = ['everyone', 'group', 'device', 'site'] as const;

/** `version`, the one that the rules were made from, may be left out where nothing is replaced. */
export function readPolicyRequest(body: unknown, isReplacing: boolean): Result<WantedPolicy> {
  const fields = new Fields(body, isReplacing ? ['version', 'default', 'rules'] : ['default', 'rules', 'version']);
  const version = fields.integer('version', 0, Number.MAX_SAFE_INTEGER, 'a version') ?? null;
  if (version === null && isReplacing) fields.refuse(versionMissing(), 'version');
  const standard = fields.string('default');
  if (standard !== 'allow' && standard !== 'deny') fields.refuse(badDefault(standard), 'default');
  const rules = readRules(body, fields);
  if (fields.refused) return fields.refused;
  return done({ version: version ?? 0, default: standard === 'deny' ? 'deny' : 'allow', rules });
}

export interface Question {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly port: number | null;
}

const PROTOCOLS = { tcp: IpProtocol.TCP, udp: IpProtocol.UDP, icmp: IpProtocol.ICMP } as const;

export function readQuestion(body: unknown): Result<Question> {
  const fields = new Fields(body, ['from', 'to', 'protocol', 'port']);
  const from = fields.string('from') ?? '';
  const to = fields.string('to') ?? '';
  for (const [field, text] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (text === '') fields.refuse(emptyPlace(field), field);
  }
  const name = fields.string('protocol') ?? 'tcp';
  const protocol = isKey(PROTOCOLS, name) ? PROTOCOLS[name] : /^\d{1,3}$/.test(name) ? Number(name) : 256;
  if (protocol > 255) fields.refuse(badProtocol(name), 'protocol');
  const port = fields.integer('port', 0, 0xffff, 'a port') ?? null;
  const hasPort = protocol === IpProtocol.TCP || protocol === IpProtocol.UDP;
  if (hasPort && port === null) fields.refuse(portMissing(), 'port');
  return fields.refused ?? done({ from, to, protocol, port: hasPort ? port : null });
}

function readRules(body: unknown, fields: Fields): WantedRule[] {
  const rules = (body as { readonly rules?: unknown } | null)?.rules ?? [];
  if (!Array.isArray(rules) || rules.length > LIMITS.rules) {
    fields.refuse(
      refuse(
        'bad-rule',
        `'rules' takes a list of at most ${LIMITS.rules} rules.`,
        'Name groups and sites in place of their members, to get on with fewer.',
      ),
      'rules',
    );
    return [];
  }
  const read: WantedRule[] = [];
  for (const [i, rule] of rules.entries()) {
    const result = readRule(rule, read);
    if (result.ok) read.push(result.value);
    else fields.refuse(within(result, i));
  }
  return read;
}

function within({ refusal }: Refused, i: number): Refused {
  const field = refusal.field === undefined ? `rules[${i}]` : `rules[${i}].${refusal.field}`;
  return { ok: false, refusal: { ...refusal, field, message: `Rule ${i + 1}: ${refusal.message}` } };
}

function readRule(value: unknown, before: readonly WantedRule[]): Result<WantedRule> {
  const fields = new Fields(value, ['id', 'source', 'target', 'services', 'action']);
  const given = (value ?? {}) as Readonly<Record<string, unknown>>;
  const id = fields.string('id') ?? drawId();
  if (!RULE_ID.test(id)) fields.refuse(badId(id), 'id');
  if (before.some((rule) => rule.id === id)) fields.refuse(takenId(id), 'id');
  const source = subject(fields, given, 'source');
  const target = subject(fields, given, 'target');
  const services = readServices(fields);
  const action = fields.string('action');
  if (action !== 'allow' && action !== 'deny') fields.refuse(badAction(action), 'action');
  return fields.refused ?? done({ id, source, target, services, allow: action === 'allow' });
}

function subject(fields: Fields, rule: Readonly<Record<string, unknown>>, field: 'source' | 'target'): WantedSubject {
  const result = readSubject(rule[field]);
  if (result.ok) return result.value;
  fields.refuse(inField(result, field));
  return { kind: 'everyone' };
}

function readSubject(value: unknown): Result<WantedSubject> {
  const kind = KINDS.find((each) => each === (value as { readonly kind?: unknown } | null)?.kind);
  if (kind === undefined) return badSubject();
  const fields = new Fields(
    value,
    { everyone: ['kind'], site: ['kind', 'name', 'prefixes'] }[kind as string] ?? ['kind', 'name'],
  );
  if (kind === 'everyone') return fields.refused ?? done({ kind });
  const name = fields.string('name') ?? '';
  if (name === '') fields.refuse(nameless(kind));
  const prefixes = kind === 'site' ? readPrefixes(fields) : [];
  if (fields.refused) return fields.refused;
  return done(kind === 'site' ? { kind, name, prefixes } : { kind, name });
}

function readPrefixes(fields: Fields): Prefix[] {
  return (fields.strings('prefixes', LIMITS.prefixes) ?? []).flatMap((text) => {
    const prefix = readPrefix(text);
    if (prefix.ok) return [prefix.value];
    fields.refuse(prefix);
    return [];
  });
}

/** `any`, `icmp`, `tcp/22,8000-8080`, `udp/53`; none is `any`. */
function readServices(fields: Fields): Service[] {
  const texts = fields.strings('services', LIMITS.services) ?? ['any'];
  if (texts.length === 0) fields.refuse(badService(''), 'services');
  return texts.flatMap((text) => {
    const service = readService(text);
    if (service) return [service];
    fields.refuse(badService(text), 'services');
    return [];
  });
}

export function readService(text: string): Service | null {
  if (text === 'any' || text === 'icmp') return { kind: text };
  const match = /^(tcp|udp)\/([\d,-]+)$/.exec(text.replaceAll(' ', ''));
  if (match === null) return null;
  const ports = match[2]!.split(',').map(readRange);
  if (ports.length > LIMITS.ports || ports.includes(null)) return null;
  return { kind: match[1] as 'tcp' | 'udp', ports: ports as PortRange[] };
}

function readRange(text: string): PortRange | null {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return null;
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  return first <= last && last <= 0xffff ? { first, last } : null;
}

function drawId(): string {
  return [...crypto.getRandomValues(new Uint8Array(4))].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}

function isKey<T extends object>(object: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(object, key);
}

function versionMissing(): Refused {
  return refuse(
    'bad-value',
    "'version' is missing: the version that your change begins from.",
    'Read the policy, and send its version.',
  );
}

function badDefault(given: string | undefined): Refused {
  const what = given === undefined ? 'is missing' : `is '${shorten(given)}'`;
  return refuse('bad-value', `'default' ${what}: what holds where no rule matches.`, "Send 'allow' or 'deny'.");
}

function badAction(given: string | undefined): Refused {
  const what = given === undefined ? 'is missing' : `is '${shorten(given)}'`;
  return refuse('bad-rule', `'action' ${what}: whether it lets through or keeps out.`, "Send 'allow' or 'deny'.");
}

function badId(id: string): Refused {
  return refuse(
    'bad-rule',
    `'${shorten(id)}' cannot be the id of a rule.`,
    'Take 1 to 32 letters, digits, - and _, or leave it out.',
  );
}

function takenId(id: string): Refused {
  return refuse('bad-rule', `another rule has the id '${id}' already.`, 'Leave the id of a new rule out.');
}

function badSubject(): Refused {
  return refuse(
    'bad-rule',
    'a rule is from somebody to somebody.',
    `Send {"kind": "everyone"}, or the kind group, device or site with a name.`,
  );
}

function nameless(kind: string): Refused {
  return refuse('bad-rule', `the ${kind} has no name.`, `Send {"kind": "${kind}", "name": ...}.`);
}

function badService(text: string): Refused {
  return refuse(
    'bad-rule',
    text === '' ? 'it is about no service at all.' : `'${shorten(text)}' is no service.`,
    "Write 'any', 'icmp', 'tcp/443' or 'udp/53,8000-8080'.",
  );
}

function emptyPlace(field: string): Refused {
  return refuse('bad-value', `'${field}' is missing.`, 'Send the name of a device or site, or an address of one.');
}

function badProtocol(text: string): Refused {
  return refuse('bad-value', `'${shorten(text)}' is no protocol.`, "Send 'tcp', 'udp', 'icmp' or a number below 256.");
}

function portMissing(): Refused {
  return refuse('bad-value', "'port' is missing, which TCP and UDP have.", 'Send the port of whom is reached.');
}
