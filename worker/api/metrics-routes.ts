// /metrics: the organisation in numbers (OpenMetrics 1.0), for a token with the scope status:read.

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { listNetworks, type Network } from '../directory/networks.ts';
import type { Figures } from '../edge/rpc.ts';
import type { Env } from '../env.ts';

export const metricsRoutes = new Hono<ApiEnv>();

const TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const DAY_MS = 86_400_000;
const NETWORKS = 100;

metricsRoutes.get('/metrics', require('status:read'), async (c) => {
  const { organisation } = c.var.principal;
  const networks = (await listNetworks(c.env.DB, organisation)).slice(0, NETWORKS);
  const answers = await answered(c.env, networks);
  const connected = answers.map(({ network, figures }) => ({ labels: { network }, value: figures.connected }));
  const lines = [
    ...gauge('culvert_members', 'Members in force.', networks.flatMap(members)),
    ...gauge('culvert_connected', 'Members connected now.', connected),
    ...gauge(
      'culvert_certificates_ending',
      'Certificates in force that end within days.',
      await ending(c.env.DB, organisation),
    ),
    ...carried(answers),
    '# EOF',
  ];
  return c.body(`${lines.join('\n')}\n`, 200, { 'Content-Type': TYPE });
});

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function members({ name: network, devices, sites }: Network): Sample[] {
  return [
    { labels: { network, kind: 'device' }, value: devices },
    { labels: { network, kind: 'site' }, value: sites },
  ];
}

interface Answered {
  readonly network: string;
  readonly figures: Figures;
}

/** One call each. A network whose object does not answer has no sample: a gap is seen, a zero would be believed. */
async function answered(env: Pick<Env, 'NETWORK'>, networks: readonly Network[]): Promise<Answered[]> {
  const asked = networks.map(async ({ id, name: network }): Promise<Answered[]> => {
    try {
      return [{ network, figures: await env.NETWORK.getByName(id).figures() }];
    } catch {
      return [];
    }
  });
  return (await Promise.all(asked)).flat();
}

/** Four samples for each of at most a hundred networks; members have none of their own. */
function carried(answers: readonly Answered[]): string[] {
  const both = (of: 'octets' | 'packets'): Sample[] =>
    answers.flatMap(({ network, figures }) => [
      { labels: { network, direction: 'in' }, value: figures[`${of}In`] },
      { labels: { network, direction: 'out' }, value: figures[`${of}Out`] },
    ]);
  return [
    ...counter('culvert_octets', 'Octets of inner packets from members and to them.', both('octets')),
    ...counter('culvert_packets', 'Inner packets from members and to them.', both('packets')),
  ];
}

async function ending(db: D1Database, organisation: string): Promise<Sample[]> {
  const now = Date.now();
  const query = db.prepare(
    `SELECT count(*) AS n FROM certificates
     WHERE organisation_id = ? AND revoked_at IS NULL AND accepted_until IS NULL AND not_after > ? AND not_after <= ?`,
  );
  const days = [30, 7, 1];
  const counts = await db.batch<{ n: number }>(days.map((each) => query.bind(organisation, now, now + each * DAY_MS)));
  return days.map((each, i) => ({ labels: { days: String(each) }, value: counts[i]!.results[0]!.n }));
}

function gauge(name: string, help: string, samples: readonly Sample[]): string[] {
  return family(name, 'gauge', help, '', samples);
}

function counter(name: string, help: string, samples: readonly Sample[]): string[] {
  return family(name, 'counter', help, '_total', samples);
}

function family(name: string, type: string, help: string, suffix: string, samples: readonly Sample[]): string[] {
  return [
    `# TYPE ${name} ${type}`,
    `# HELP ${name} ${help}`,
    ...samples.map((sample) => `${name}${suffix}${labels(sample)} ${sample.value}`),
  ];
}

function labels({ labels: all }: Sample): string {
  const escaped = (text: string) => text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
  return `{${Object.entries(all)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;
}
