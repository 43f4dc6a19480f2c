// A whole deployment in this isolate: the real directory, API and console around the real objects, one network, its devices and sites.

import { createExecutionContext, runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Hono } from 'hono';
import { utf8 } from '../../src/bytes/octets.ts';
import type { Pad } from '../../src/ike/pad.ts';
import { Peer } from '../../src/peer/peer.ts';
import { AuthMethod } from '../../src/wire/ike-numbers.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { firstAccountToken } from '../../worker/account/keys.ts';
import { authRoutes } from '../../worker/account/routes.ts';
import { api } from '../../worker/api/app.ts';
import type { ExplanationView } from '../../worker/api/json.ts';
import { registrarFor } from '../../worker/api/request.ts';
import { viewCertificate } from '../../worker/ca/certificate.ts';
import { Vault } from '../../worker/ca/vault.ts';
import { consoleApp } from '../../worker/console/app.tsx';
import { accessOf } from '../../worker/directory/access.ts';
import { rootAuthority } from '../../worker/directory/authorities.ts';
import { octetsOf, type SqlBlob } from '../../worker/directory/blob.ts';
import { enrol } from '../../worker/directory/enrol.ts';
import type { MemberAuth, MemberRecord } from '../../worker/directory/member-record.ts';
import { deploymentDomain, memberIdentity } from '../../worker/directory/names.ts';
import { findNetwork, type Network } from '../../worker/directory/networks.ts';
import { directoryPad } from '../../worker/directory/pad.ts';
import { renewCertificate } from '../../worker/directory/renew.ts';
import { staticRoutes } from '../../worker/directory/static-routes.ts';
import type { CoreCheckpoint } from '../../worker/edge/peer-core.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import type { Env } from '../../worker/env.ts';
import { trusting } from '../sim/certificates.ts';
import { fqdn, mailbox } from '../sim/initiator/identities.ts';
import type { Authentication } from '../sim/initiator/options.ts';
import type { Credentials } from '../sim/materials.ts';
import type { Device } from './device.ts';
import { access, cores, onRecord } from './worker.ts';

const CONSOLE = 'http://console.example';
const deployment = env as unknown as Env & { readonly MIGRATIONS: string[] };

/** Somebody on record, with what its client needs and what nobody else may see. */
export interface Enrolled {
  readonly record: MemberRecord;
  readonly identity: string;
  readonly credentials: Credentials;
  /** Password, pre-shared key or private key. */
  readonly secret: Uint8Array;
}

export interface Wish {
  readonly auth: MemberAuth;
  /** Makes it a site. */
  readonly prefixes?: readonly string[];
  /** When that was, ms. */
  readonly at?: number;
}

export class Office {
  readonly network: Network;
  readonly #cookie: string;
  #members = 0;

  private constructor(network: Network, cookie: string) {
    this.network = network;
    this.#cookie = cookie;
  }

  static async open(): Promise<Office> {
    const { DB, MIGRATIONS } = deployment;
    await DB.batch(MIGRATIONS.map((sql) => DB.prepare(sql)));
    cores.make = makePeer;
    access.of = (_, network, members) => accessOf(DB, network, members);
    const wish = { name: 'office', dns: ['10.9.0.53'], domains: ['corp.example'] };
    const made = await ask(api, '/networks', { method: 'POST', headers: OPERATOR, body: JSON.stringify(wish) });
    if (made.status !== 201) throw new Error(await made.text());
    const found = await findNetwork(DB, 'default', 'office');
    if (!found.ok) throw new Error(found.refusal.message);
    const office = new Office(found.value, await signUp());
    await office.recorded();
    return office;
  }

  async enrol({ auth, prefixes = [], at = Date.now() }: Wish): Promise<Enrolled> {
    const registrar = await registrarFor(deployment);
    const kind = prefixes.length > 0 ? 'site' : 'device';
    const name = `${kind}-${++this.#members}`;
    const input = { kind, name, auth, prefixes: prefixes.map((prefix) => parsePrefix(prefix)!) } as const;
    const enrolled = await enrol(registrar, this.network, input, at);
    if (!enrolled.ok) throw new Error(enrolled.refusal.message);
    await this.recorded();
    const { record, secret } = enrolled.value;
    const identity = memberIdentity({ kind, name, auth, network: this.network.label }, deploymentDomain(deployment));
    const root = await rootAuthority(deployment.DB, await Vault.open(deployment.DEPLOYMENT_KEY), Date.now());
    const authentication = secret === null ? await certificateOf(record.id) : proofBy(auth, identity, secret);
    return {
      record,
      identity,
      secret: authentication.kind === 'certificate' ? authentication.privateKey : utf8(secret!),
      credentials: {
        identity: identity.includes('@') ? mailbox(identity) : fqdn(identity),
        authentication,
        trust: trusting(root.view.der),
        gatewaySecret: auth === 'psk' ? utf8(secret!) : null,
      },
    };
  }

  /** Gives the member another certificate; it keeps the one that it has. */
  async renew({ record }: Enrolled, at: number): Promise<void> {
    const renewed = await renewCertificate(await registrarFor(deployment), this.network, record, [], at);
    if (!renewed.ok) throw new Error(renewed.refusal.message);
  }

  get object() {
    return env.NETWORK.getByName(this.network.id);
  }

  /** Network objects read again what is on record. */
  async recorded(): Promise<void> {
    onRecord.set(this.network.id, await staticRoutes(deployment.DB, this.network.id));
    await this.object.changed();
  }

  /** A call of the API that changes something. */
  async change(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown = {}): Promise<void> {
    const init = { method, headers: OPERATOR, body: JSON.stringify(body) };
    const answer = await ask(api, `/networks/office${path}`, init);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }

  async policyVersion(): Promise<number> {
    const answer = await ask(api, '/networks/office/policy', { headers: OPERATOR });
    return (await answer.json<{ policy: { version: number } }>()).policy.version;
  }

  /** As somebody at this address sees it. @param waiting seconds. */
  async explain({ record }: Enrolled, from: string, waiting: number | null = null): Promise<ExplanationView> {
    const query = waiting === null ? '' : `?waiting=${waiting}`;
    const headers = { ...OPERATOR, 'CF-Connecting-IP': from };
    const answer = await ask(api, `/networks/office/members/${record.name}/explain${query}`, { headers });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** The member's profile has been fetched by a link, so many seconds ago. */
  async fetched({ record }: Enrolled, seconds: number): Promise<void> {
    const at = Date.now() - seconds * 1_000;
    await deployment.DB.prepare(
      `INSERT INTO links (token_hash, organisation_id, member_id, format, created_by, created_at, expires_at, taken_at)
       VALUES (?1, 'default', ?1, 'swanctl', 'Owner', ?2, ?2, ?2)`,
    )
      .bind(record.id, at)
      .run();
  }

  /** The page of a member in the console, as its owner sees it from there. */
  async page({ record }: Enrolled, from: string): Promise<string> {
    const headers = { Cookie: this.#cookie, 'CF-Connecting-IP': from };
    return (await ask(consoleApp, `/o/default/devices/${record.id}`, { headers })).text();
  }

  /** What no report may hold, as it is written somewhere. */
  get secrets(): readonly string[] {
    return [deployment.DEPLOYMENT_KEY, deployment.RELAY_TOKEN, deployment.OPERATOR_TOKEN, this.#cookie.split('=')[1]!];
  }
}

const OPERATOR = { Authorization: `Bearer ${deployment.OPERATOR_TOKEN}` };

/** Every core, until a test says otherwise. */
export function makePeer(route: number, checkpoint: CoreCheckpoint): Peer {
  return new Peer({ primitives: workerPrimitives(), pad: directory() }, route, checkpoint);
}

/** The real PAD. */
export function directory(): Pad {
  return directoryPad(deployment);
}

const realTime = Date.now;
let ahead = 0;

/** The clock of this isolate goes on at once; never back. */
export function later(ms: number): void {
  ahead += ms;
  Date.now = () => realTime() + ahead;
}

/** So much time goes by for the peer object of a device, deadline by deadline where there are several. */
export async function pass(ms: number, device: Device, steps = 1): Promise<void> {
  for (let step = 0; step < steps; step++) {
    later(ms / steps);
    await runDurableObjectAlarm(device.stub);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: three apps with bindings of their own.
async function ask(app: Hono<any>, path: string, init: RequestInit): Promise<Response> {
  return app.fetch(new Request(`${CONSOLE}${path}`, { ...init, redirect: 'manual' }), env, createExecutionContext());
}

/** @returns the cookie of the first account. */
async function signUp(): Promise<string> {
  const account = { name: 'Owner', email: 'owner@example.com', password: 'correct horse battery' };
  const own = { 'Sec-Fetch-Site': 'same-origin', Origin: CONSOLE, 'X-Culvert-Request': '1' };
  const headers = { ...own, 'Content-Type': 'application/json', 'CF-Connecting-IP': '198.18.0.1' };
  const body = JSON.stringify({ ...account, first: firstAccountToken(deployment) });
  const answer = await ask(authRoutes, '/sign-up', { method: 'POST', headers, body });
  if (answer.status !== 201) throw new Error(await answer.text());
  return answer.headers.getAll('Set-Cookie')[0]!.split(';')[0]!;
}

function proofBy(auth: MemberAuth, userName: string, secret: string): Authentication {
  if (auth === 'psk') return { kind: 'psk', secret: utf8(secret) };
  return { kind: 'eap-mschapv2', userName, password: secret, identityAnswer: 'name' };
}

async function certificateOf(member: string): Promise<Extract<Authentication, { kind: 'certificate' }>> {
  const row = await deployment.DB.prepare(
    'SELECT fingerprint, certificate, private_key FROM certificates WHERE member_id = ?',
  )
    .bind(member)
    .first<{ fingerprint: string; certificate: SqlBlob; private_key: SqlBlob }>();
  const vault = await Vault.open(deployment.DEPLOYMENT_KEY);
  return {
    kind: 'certificate',
    chain: [octetsOf(row!.certificate)],
    privateKey: await vault.open('certificate-key', row!.fingerprint, octetsOf(row!.private_key)),
    method: AuthMethod.DIGITAL_SIGNATURE,
    scheme: { kind: 'ecdsa', hash: 'sha256', raw: false },
  };
}

/** The subject of a member's certificate: DER, and as text (RFC 4514). */
export function subjectOf({ credentials: { authentication } }: Enrolled): { der: Uint8Array; text: string } {
  if (authentication.kind !== 'certificate') throw new Error('it has no certificate');
  const view = viewCertificate(authentication.chain[0]!)!;
  return { der: view.subject, text: view.subjectText };
}
