// culvert network add | list

import type { NetworkView } from '../../worker/api/json.ts';
import { type Call, type Command, text, texts, wholeNumber } from './command.ts';
import { segment, type Edge } from './edge.ts';
import { Exit, Failure, usage } from './failure.ts';
import { pairs, table } from './table.ts';

export const networkAdd: Command = {
  words: 'network add',
  summary: 'Add a network for devices and sites',
  synopsis:
    'NAME [--ipv4 PREFIX] [--ipv6 PREFIX] [--mtu N] [--dns A,B] [--domain D]... [--legacy] [--access allow|deny] [--allow-null-encryption]',
  help: [
    ['--ipv4 PREFIX', "addresses for devices, or 'none' (default: one of 100.64.0.0/10)"],
    ['--ipv6 PREFIX', "addresses for devices, or 'none' (default: a unique local /64)"],
    [
      '--mtu N',
      'largest packet inside the tunnel, octets (default 1400); a tunnel takes less where its suite leaves less',
    ],
    ['--dns A,B', 'name servers for devices'],
    ['--domain D', 'ask them for names below this domain only; repeatable'],
    ['--legacy', 'take weak suites, which Windows proposes unless told otherwise'],
    [
      '--allow-null-encryption',
      'take ESP that is authenticated but not encrypted from devices that offer nothing else',
    ],
    ['--access A', 'what members may do before there are rules: allow or deny (default allow)'],
    ['--ike-lifetime S', 'seconds until the keys of IKE are replaced (default 86400)'],
    ['--child-lifetime S', 'seconds until the keys of ESP are replaced (default 28800)'],
  ],
  options: {
    ipv4: { type: 'string' },
    ipv6: { type: 'string' },
    mtu: { type: 'string' },
    dns: { type: 'string', multiple: true },
    domain: { type: 'string', multiple: true },
    legacy: { type: 'boolean' },
    'allow-null-encryption': { type: 'boolean' },
    access: { type: 'string' },
    'ike-lifetime': { type: 'string' },
    'child-lifetime': { type: 'string' },
  },
  takes: ['NAME'],
  run: addNetwork,
};

export const networkList: Command = {
  words: 'network list',
  summary: 'List the networks',
  synopsis: '',
  help: [],
  options: {},
  takes: [],
  run: listNetworks,
};

/** The network that --network names, or the only one there is. */
export async function networkFor({ edge, values }: Pick<Call, 'edge' | 'values'>): Promise<string> {
  const given = text(values.network);
  if (given !== undefined) return given;
  const names = await networkNames(edge);
  if (names.length === 1) return names[0]!;
  if (names.length > 1) throw usage(`There are several networks: name one with --network (${names.join(', ')}).`);
  throw new Failure(
    Exit.REFUSED,
    'unknown-network',
    "There is no network yet: add one with 'culvert network add NAME'.",
  );
}

/** The one that --network names, or all. */
export async function networksFor({ edge, values }: Pick<Call, 'edge' | 'values'>): Promise<string[]> {
  const given = text(values.network);
  return given === undefined ? networkNames(edge) : [given];
}

export function networkPath(network: string): string {
  return `/networks/${segment(network)}`;
}

async function networkNames(edge: Edge): Promise<string[]> {
  const { networks } = await edge.get<{ networks: NetworkView[] }>('/networks');
  return networks.map(({ name }) => name);
}

async function addNetwork({ edge, names, values, json, say }: Call): Promise<void> {
  const dns = texts(values.dns)
    .flatMap((list) => list.split(','))
    .filter((each) => each !== '');
  const body = {
    name: names[0],
    ipv4: poolIn(text(values.ipv4)),
    ipv6: poolIn(text(values.ipv6)),
    mtu: wholeNumber(values, 'mtu'),
    dns: dns.length > 0 ? dns : undefined,
    domains: values.domain === undefined ? undefined : texts(values.domain),
    legacy: values.legacy === true ? true : undefined,
    nullEncryption: values['allow-null-encryption'] === true ? true : undefined,
    access: text(values.access),
    ikeLifetimeSeconds: wholeNumber(values, 'ike-lifetime'),
    childLifetimeSeconds: wholeNumber(values, 'child-lifetime'),
  };
  const answer = await edge.post<{ network: NetworkView }>('/networks', body);
  if (json) return say(JSON.stringify(answer));
  const { network } = answer;
  say(`Network ${network.name} added.\n`);
  say(
    pairs([
      ['Addresses', poolsOf(network)],
      ['Gateway', network.gateway.join(', ')],
      ['MTU', String(network.mtu)],
      ['DNS', dnsOf(network)],
    ]),
  );
  say(`\nNext: culvert device add NAME --network ${network.name}`);
}

async function listNetworks({ edge, json, say }: Call): Promise<void> {
  const answer = await edge.get<{ networks: NetworkView[] }>('/networks');
  if (json) return say(JSON.stringify(answer));
  if (answer.networks.length === 0) return say("There is no network yet: add one with 'culvert network add NAME'.");
  const rows = answer.networks.map((network) => [
    ...[network.name, poolsOf(network), network.gateway.join(', '), String(network.mtu), dnsOf(network)],
    ...[
      String(network.devices),
      String(network.sites),
      network.legacy ? 'yes' : 'no',
      network.nullEncryption ? 'yes' : 'no',
    ],
  ]);
  say(table(['NAME', 'ADDRESSES', 'GATEWAY', 'MTU', 'DNS', 'DEVICES', 'SITES', 'LEGACY', 'NULL ENCRYPTION'], rows));
}

/** null: no addresses of this family. */
function poolIn(given: string | undefined): string | null | undefined {
  return given === 'none' ? null : given;
}

function poolsOf({ ipv4, ipv6 }: NetworkView): string {
  return [ipv4, ipv6].filter((pool) => pool !== null).join(', ');
}

function dnsOf({ dns, domains }: NetworkView): string {
  if (dns.length === 0) return '-';
  return domains.length === 0 ? dns.join(', ') : `${dns.join(', ')} for ${domains.join(', ')}`;
}
