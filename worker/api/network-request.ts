// Requests that add or change a network.

import type { Access } from '../../src/policy/policy.ts';
import { formatPrefix } from '../../src/wire/prefix.ts';
import { checkName, shorten } from '../directory/names.ts';
import { DEFAULT_SETTINGS, type Network, type NetworkSettings, type NewNetwork } from '../directory/networks.ts';
import { checkPool } from '../directory/pool.ts';
import { done, refuse, type Refused, type Result } from '../directory/refusal.ts';
import { Fields } from './fields.ts';
import { readAddress, readPrefix } from './prefix-field.ts';

const SETTINGS = ['mtu', 'dns', 'domains', 'legacy', 'nullEncryption', 'ikeLifetimeSeconds', 'childLifetimeSeconds'];
const SMALLEST_MTU = 576;
/** RFC 8200 section 5. */
const SMALLEST_IPV6_MTU = 1280;
/** What AES-GCM leaves of 1,500 octets over IPv4. Suites that add more, and IPv6, have the gateway take less: each peer's status says how much. */
const LARGEST_MTU = 1438;
const SHORTEST_LIFETIME = 60;
const LONGEST_LIFETIME = 7 * 86_400;
const SERVERS = 4;
const DOMAINS = 32;

export function readNewNetwork(body: unknown): Result<NewNetwork> {
  const fields = new Fields(body, ['name', 'ipv4', 'ipv6', 'access', ...SETTINGS]);
  const name = checkName('network', fields.string('name') ?? '');
  if (!name.ok) fields.refuse(name, 'name');
  const access = readAccess(fields);
  const pools = { ipv4: readPool(fields, 4), ipv6: readPool(fields, 6) };
  if (pools.ipv4 === null && pools.ipv6 === null) {
    fields.refuse(
      refuse(
        'bad-pool',
        'A network without an IPv4 and without an IPv6 pool has no addresses for its devices.',
        'Leave one of the pools to be chosen.',
      ),
      'ipv4',
    );
  }
  const settings = { ...DEFAULT_SETTINGS, ...readSettings(fields, pools.ipv6 !== null) };
  return fields.refused ?? done({ name: name.ok ? name.value : '', ...pools, access, ...settings });
}

/** What holds before there are rules; the policy changes it later. */
function readAccess(fields: Fields): Access {
  const access = fields.string('access') ?? 'allow';
  if (access === 'allow' || access === 'deny') return access;
  const wrong = refuse(
    'bad-value',
    `'${shorten(access)}' is not what members may do before there are rules.`,
    "Send 'allow' or 'deny', or leave it out, which allows.",
  );
  fields.refuse(wrong, 'access');
  return 'deny';
}

export function readNetworkChanges(body: unknown, network: Network): Result<Partial<NetworkSettings>> {
  const pool = ['ipv4', 'ipv6'].find((field) => typeof body === 'object' && body !== null && field in body);
  if (pool) return poolFixed(network);
  const fields = new Fields(body, SETTINGS);
  const settings = readSettings(fields, network.ipv6 !== null);
  return fields.refused ?? done(settings);
}

function poolFixed({ name, ipv4, ipv6 }: Network): Refused {
  const pools = [ipv4, ipv6].filter((pool) => pool !== null).map(formatPrefix);
  return refuse(
    'pool-fixed',
    `The pools of '${name}' (${pools.join(', ')}) are fixed: devices keep their addresses for good.`,
    'Add a network with other pools, and enrol the devices there.',
  );
}

function readPool(fields: Fields, family: 4 | 6): NewNetwork['ipv4'] {
  const field = `ipv${family}`;
  if (fields.isNull(field)) return null;
  const text = fields.string(field);
  if (text === undefined) return 'drawn';
  const prefix = readPrefix(text);
  const pool = prefix.ok ? checkPool(prefix.value, family) : prefix;
  if (pool.ok) return pool.value;
  fields.refuse(pool, field);
  return 'drawn';
}

function readSettings(fields: Fields, hasIpv6: boolean): Partial<NetworkSettings> {
  const settings: { -readonly [K in keyof NetworkSettings]?: NetworkSettings[K] } = {};
  const mtu = fields.integer('mtu', hasIpv6 ? SMALLEST_IPV6_MTU : SMALLEST_MTU, LARGEST_MTU, 'octets');
  const ike = fields.integer('ikeLifetimeSeconds', SHORTEST_LIFETIME, LONGEST_LIFETIME, 'seconds');
  const child = fields.integer('childLifetimeSeconds', SHORTEST_LIFETIME, LONGEST_LIFETIME, 'seconds');
  const legacy = fields.boolean('legacy');
  const nullEncryption = fields.boolean('nullEncryption');
  const dns = readEach(fields, 'dns', SERVERS, readAddress);
  const domains = readEach(fields, 'domains', DOMAINS, readDomain);
  if (mtu !== undefined) settings.mtu = mtu;
  if (ike !== undefined) settings.ikeLifetimeSeconds = ike;
  if (child !== undefined) settings.childLifetimeSeconds = child;
  if (legacy !== undefined) settings.legacy = legacy;
  if (nullEncryption !== undefined) settings.nullEncryption = nullEncryption;
  if (dns) settings.dns = dns;
  if (domains) settings.domains = domains;
  return settings;
}

function readEach<T>(fields: Fields, name: string, most: number, read: (text: string) => Result<T>): T[] | undefined {
  return fields.strings(name, most)?.flatMap((text) => {
    const result = read(text);
    if (result.ok) return [result.value];
    fields.refuse(result, name);
    return [];
  });
}

function readDomain(text: string): Result<string> {
  const domain = text.toLowerCase().replace(/\.$/, '');
  const isDomain =
    domain.length <= 253 &&
    /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/.test(domain);
  return isDomain
    ? done(domain)
    : refuse(
        'bad-value',
        `'${shorten(text)}' is not a domain name.`,
        "Write it as 'corp.example.com', without a wildcard.",
      );
}
