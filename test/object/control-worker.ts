// The control plane in workerd for tests: the API as it is mounted, the PAD by HTTP, and objects that remember what they were told.

import { DurableObject } from 'cloudflare:workers';
import { Hono } from 'hono';
import { fromHex, toHex } from '../../src/bytes/octets.ts';
import type { Command } from '../../src/peer/output.ts';
import { authRoutes, PASSED_ON } from '../../worker/account/routes.ts';
import { api } from '../../worker/api/app.ts';
import { docsRoutes } from '../../worker/api/openapi/routes.tsx';
import { viewCertificate } from '../../worker/ca/certificate.ts';
import { type Issuer, issueClient, issueOrganisationCa, issueRoot } from '../../worker/ca/issue.ts';
import { importPrivateKey } from '../../worker/ca/key-pair.ts';
import { Vault } from '../../worker/ca/vault.ts';
import { consoleApp } from '../../worker/console/app.tsx';
import { organisationAuthority, rootAuthority } from '../../worker/directory/authorities.ts';
import { gatewayKey, gatewayNames } from '../../worker/directory/gateway.ts';
import { recordConnections } from '../../worker/directory/connection-events.ts';
import { directoryPad } from '../../worker/directory/pad.ts';
import { staticRoutes } from '../../worker/directory/static-routes.ts';
import type {
  AttemptEvidence,
  AttemptsPage,
  ConnectedMember,
  DepartureEvidence,
  History,
  NetworkPage,
  NetworkQuery,
  PeerReport,
  Presence,
  Figures,
  TrafficPoint,
} from '../../worker/edge/rpc.ts';
import type { Env } from '../../worker/env.ts';
import { handoutRoutes } from '../../worker/handout/routes.tsx';
import { runScheduled } from '../../worker/schedule/scheduled.ts';

// biome-ignore lint/suspicious/noExplicitAny: the tests send what each call takes.
type Call = (env: Env, args: readonly any[]) => Promise<unknown>;

const CALLS: Readonly<Record<string, Call>> = {
  gateway: async (env) => {
    const { sign: _, ...credential } = await directoryPad(env).gateway();
    return credential;
  },
  sign: async (env, [scheme, message]) => (await directoryPad(env).gateway()).sign(scheme, message),
  preShared: (env, [identity]) => directoryPad(env).preShared(identity),
  password: (env, [userName]) => directoryPad(env).password(userName),
  certificate: (env, [chain, identity, now]) => directoryPad(env).certificate(chain, identity, now),
  staticRoutes: (env, [network]) => staticRoutes(env.DB, network),
  authorities: async (env, [now]) => {
    const vault = await Vault.open(env.DEPLOYMENT_KEY);
    const root = await rootAuthority(env.DB, vault, now);
    const organisation = await organisationAuthority(env.DB, vault, 'default', now);
    return { root: root.view.der, organisation: organisation.view.der };
  },
  // A hundred at once see one credential.
  gatewayKeys: async (env, [count, now]) => {
    const vault = await Vault.open(env.DEPLOYMENT_KEY);
    const made = Array.from({ length: count! }, () => gatewayKey(env.DB, vault, gatewayNames(env), now));
    return (await Promise.all(made)).map(({ certificate }) => certificate);
  },
  // Signed by the organisation's real authority and registered nowhere.
  unregistered: async (env, [names, now]) => {
    const vault = await Vault.open(env.DEPLOYMENT_KEY);
    const authority = await organisationAuthority(env.DB, vault, 'default', now);
    return (await issueClient(authority.issuer, 'default', 'corp', names, now)).certificate;
  },
  foreign: async (_env, [names, now]) => {
    const root = await signing(await issueRoot(now));
    const ca = await signing(await issueOrganisationCa(root, 'default', now));
    return (await issueClient(ca, 'default', 'corp', names, now)).certificate;
  },
  // Rows that the database reads for one call of the API.
  cost: async (env, [organisation, path, method = 'GET', body]) => {
    const headers = { Authorization: `Bearer ${env.OPERATOR_TOKEN}`, 'X-Culvert-Organisation': organisation };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return costOf(env, new Request(`http://console.example${path}`, init));
  },
  // The same for a page, as whoever holds the cookie sees it, or for a form that is sent from one.
  pageCost: (env, [url, cookie, form]) => {
    const headers = { Cookie: cookie, Origin: new URL(url).origin, 'Sec-Fetch-Site': 'same-origin' };
    if (!form) return costOf(env, new Request(url, { headers }));
    return costOf(env, new Request(url, { method: 'POST', headers, body: new URLSearchParams(form) }));
  },
  // Middleware is for all methods.
  routes: async () =>
    api.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
  authRoutes: async () => [
    ...authRoutes.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} /auth${path}`),
    ...PASSED_ON,
  ],
  connections: (env, [network, events, now]) => recordConnections(env.DB, network, events, now),
  mails: async () => mails.splice(0),
  breakMails: async (_env, [broken]) => void (mailsBroken = broken),
  scheduled: (env, [cron, now]) => runScheduled(env, cron, now),
  view: async (_env, [der]) => viewCertificate(der),
  seal: async (env, [purpose, row, octets]) => (await Vault.open(env.DEPLOYMENT_KEY)).seal(purpose, row, octets),
  open: async (env, [purpose, row, sealed]) => (await Vault.open(env.DEPLOYMENT_KEY)).open(purpose, row, sealed),
  told: (env, [network]) => network_(env, network).told(),
  arrive: async (env, [network, member, status]) => {
    await network_(env, network).arrive(member);
    if (status) await peer_(env, member.route).become(status);
  },
  attempted: (env, [network, attempt]) => network_(env, network).attempted(attempt),
  failing: (env, [network, failing]) => network_(env, network).setFailing(failing),
};

const app = new Hono<{ Bindings: Env }>();

app.route('/api', api);
app.route('/auth', authRoutes);
app.route('/p', handoutRoutes);
app.route('/docs', docsRoutes);
app.route('/', consoleApp);

app.post('/test/:call', async (c) => {
  const args = JSON.parse(await c.req.text(), revive) as unknown[];
  try {
    return c.body(JSON.stringify({ result: await CALLS[c.req.param('call')]!(c.env, args) }, replace));
  } catch (thrown) {
    return c.json({ thrown: (thrown as Error).message });
  }
});

/** What was mailed, where mails go out. */
const mails: unknown[] = [];
let mailsBroken = false;
const EMAIL = {
  send: async (mail: unknown) => {
    if (mailsBroken) throw new Error('the mail service is down');
    mails.push(mail);
  },
};

export default {
  fetch: (request, env, context) => app.fetch(request, env.MAIL_FROM ? ({ ...env, EMAIL } as never) : env, context),
} satisfies ExportedHandler<Env>;

/** Tells who is connected as the tests say, and keeps what it is told, also when it is evicted. */
export class NetworkObject extends DurableObject<Env> {
  async revoke(member: string): Promise<void> {
    await this.#tell(['revoke', member]);
    await this.#keep(
      'members',
      (await this.#members()).filter((each) => each.member !== member),
    );
  }

  async suspend(member: string): Promise<void> {
    await this.#tell(['suspend', member]);
    await this.#keep(
      'members',
      (await this.#members()).filter((each) => each.member !== member),
    );
  }

  async resume(member: string): Promise<void> {
    await this.#tell(['resume', member]);
  }

  async changed(): Promise<void> {
    await this.#tell(['changed']);
  }

  async reach(prefixes: readonly string[]): Promise<void> {
    await this.#tell(['reach', ...prefixes]);
  }

  async command(member: string, command: Command): Promise<boolean> {
    if (!(await this.#members()).some((each) => each.member === member)) return false;
    await this.#tell(['command', member, command]);
    return true;
  }

  async status({ after = '', limit = 100, kind }: NetworkQuery = {}): Promise<NetworkPage> {
    if ((await this.#read('failing')).length > 0) throw new Error('out of order');
    const all = await this.#members();
    const fits = (each: ConnectedMember) => each.member > after && (kind === undefined || each.kind === kind);
    const rest = all.filter(fits).sort((a, b) => (a.member < b.member ? -1 : 1));
    const members = rest.slice(0, limit);
    return { connected: all.length, members, next: rest.length > limit ? members.at(-1)!.member : null };
  }

  async attempts(): Promise<AttemptsPage> {
    return { attempts: await this.#read<AttemptEvidence>('attempts'), next: null, dropped: 0 };
  }

  async find(member: string): Promise<ConnectedMember | null> {
    return (await this.#members()).find((each) => each.member === member) ?? null;
  }

  async history(member: string): Promise<History> {
    const { attempts } = await this.attempts();
    const departures = await this.#read<DepartureEvidence>('departures');
    return { attempts: attempts.filter((each) => each.member === member), departures };
  }

  async presence(): Promise<readonly Presence[]> {
    return [];
  }

  async figures(): Promise<Figures> {
    if ((await this.#read('failing')).length > 0) throw new Error('out of order');
    const connected = (await this.#members()).length;
    return { octetsIn: 1_500, octetsOut: 2_500, packetsIn: 15, packetsOut: 25, connected };
  }

  async traffic(): Promise<readonly TrafficPoint[]> {
    return [];
  }

  async knocks(address: string): Promise<AttemptEvidence[]> {
    return (await this.#read<AttemptEvidence>('attempts')).filter(({ from }) => from === address);
  }

  async told(): Promise<unknown[]> {
    const told = await this.#read<unknown>('told');
    await this.#keep('told', []);
    return told;
  }

  async arrive(member: ConnectedMember): Promise<void> {
    const others = (await this.#members()).filter((each) => each.member !== member.member);
    await this.#keep('members', [...others, member]);
  }

  async attempted(attempt: AttemptEvidence): Promise<void> {
    await this.#keep('attempts', [...(await this.#read<AttemptEvidence>('attempts')), attempt]);
  }

  async setFailing(failing: boolean): Promise<void> {
    await this.#keep('failing', failing ? [true] : []);
  }

  async #tell(what: unknown): Promise<void> {
    if ((await this.#read('failing')).length > 0) throw new Error('out of order');
    await this.#keep('told', [...(await this.#read('told')), what]);
  }

  #members(): Promise<ConnectedMember[]> {
    return this.#read('members');
  }

  async #read<T>(name: string): Promise<T[]> {
    return (await this.ctx.storage.get<T[]>(name)) ?? [];
  }

  async #keep(name: string, values: unknown[]): Promise<void> {
    await this.ctx.storage.put(name, values);
  }
}

export class PeerObject extends DurableObject<Env> {
  async status(): Promise<PeerReport | null> {
    return (await this.ctx.storage.get<PeerReport>('status')) ?? null;
  }

  async become(status: PeerReport): Promise<void> {
    await this.ctx.storage.put('status', status);
  }
}

export class RelayObject extends DurableObject<Env> {}

interface Counter {
  /** Rows that the database reads, and rows that it hands over. */
  rows: number;
  results: number;
}

function newCounter(): Counter {
  return { rows: 0, results: 0 };
}

async function costOf(
  env: Env,
  request: Request,
): Promise<Counter & { status: number; characters: number; text: string }> {
  const counter = newCounter();
  const waiting = { waitUntil() {}, passThroughOnException() {}, props: {} };
  const response = await app.fetch(request, { ...env, DB: counted(env.DB, counter) }, waiting as never);
  const text = await response.text();
  return { status: response.status, characters: text.length, text, ...counter };
}

/** The database, with what its statements read added up. */
function counted(db: D1Database, counter: Counter): D1Database {
  const count = <T>(result: D1Result<T>): D1Result<T> => {
    counter.rows += result.meta.rows_read;
    counter.results += result.results.length;
    return result;
  };
  const statement = (inner: D1PreparedStatement): D1PreparedStatement & { readonly inner: D1PreparedStatement } =>
    ({
      inner,
      bind: (...values: unknown[]) => statement(inner.bind(...values)),
      all: async () => count(await inner.all()),
      run: async () => count(await inner.run()),
      first: async (column?: string) => {
        const [row] = count(await inner.all<Record<string, unknown>>()).results;
        return row === undefined ? null : column === undefined ? row : row[column];
      },
    }) as never;
  return {
    prepare: (sql: string) => statement(db.prepare(sql)),
    batch: async (statements: { readonly inner: D1PreparedStatement }[]) =>
      (await db.batch(statements.map(({ inner }) => inner))).map(count),
  } as never;
}

function network_(env: Env, id: string): NetworkObject {
  return env.NETWORK.getByName(id) as unknown as NetworkObject;
}

function peer_(env: Env, route: number): PeerObject {
  return env.PEER.getByName(String(route)) as unknown as PeerObject;
}

async function signing({
  certificate,
  privateKey,
}: {
  certificate: Uint8Array;
  privateKey: Uint8Array;
}): Promise<Issuer> {
  return { certificate, signingKey: await importPrivateKey(privateKey, 'P-384') };
}

function replace(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { octets: toHex(value) } : value;
}

function revive(_name: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'octets' in value ? fromHex(value.octets as string) : value;
}
