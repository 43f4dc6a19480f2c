// Each route that the API has, from its own list: described, answering as described, and closed to whoever has no business there.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstOwner, joined, newOwner } from '../account/organisation.ts';
import { Browser } from '../browser.ts';
import { Control, OPERATOR_TOKEN } from '../control.ts';
import { misfits } from './schema.ts';

interface Route {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly scope: string | null;
  readonly isPublic: boolean;
}

let control: Control;
let owner: Browser;
let auditor: Browser;
let member: Browser;
let stranger: Browser;
let routes: Route[];
// biome-ignore lint/suspicious/noExplicitAny: the description is any JSON.
let description: any;
/** Real ones of the first organisation, by the name of the parameter. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  control = await Control.start({ bindings: { SIGN_UP: 'open' } });
  owner = await firstOwner(control);
  auditor = await joined(control, owner, 'auditor@example.com', 'auditor');
  member = await joined(control, owner, 'member@example.com', 'member');
  stranger = await newOwner(control, 'stranger@elsewhere.example');
  description = (await control.request('GET', '/openapi.json', undefined, null)).body;
  routes = ((await control.call('routes')) as string[])
    .map((route) => {
      const [method, path] = route.replace(/:(\w+)/g, '{$1}').split(' ') as [string, string];
      const operation = description.paths[path]?.[method.toLowerCase()];
      const scope = (operation?.['x-culvert-scope'] ?? null) as string | null;
      return { method, path: `/api${path}`, scope, isPublic: operation?.security !== undefined };
    })
    .filter(({ method, path }, i, all) => all.findIndex((each) => each.method === method && each.path === path) === i);
  await fill();
}, 120_000);

afterAll(() => control?.stop());

/** What the first organisation has: something for each parameter. */
async function fill(): Promise<void> {
  const network = await owner.post('/api/networks', { name: 'secretnet' });
  const device = await owner.post('/api/networks/secretnet/devices', { name: 'laptop', auth: 'cert' });
  await owner.post('/api/networks/secretnet/sites', { name: 'hq', prefixes: ['10.1.0.0/16'] });
  await owner.post('/api/networks/secretnet/groups', { name: 'eng' });
  await owner.post('/api/networks/secretnet/groups/eng/members', { members: ['laptop'] });
  const invitation = await owner.post('/api/invitations', { email: 'someday@example.com', role: 'member' });
  const token = await owner.post('/api/tokens', { name: 'secrettoken', scopes: ['networks:read'] });
  const webhook = await owner.post('/api/webhooks', { url: 'https://hooks.example.com/secrethook' });
  const [person] = await control.rows("SELECT id FROM users WHERE email = 'member@example.com'");
  await owner.request('PATCH', '/api/networks/secretnet/devices/laptop', { owner: person!.id });
  const tested = await owner.post(`/api/webhooks/${webhook.body.webhook.id}/test`, {});
  Object.assign(ids, {
    delivery: tested.body.delivery,
    ...{ network: 'secretnet', group: 'eng', member: 'laptop', command: 'disconnect' },
    ...{ invitation: invitation.body.invitation.id, token: token.body.token.id, webhook: webhook.body.webhook.id },
    ...{ user: person!.id, networkId: network.body.network.id, deviceId: device.body.device.id },
  });
}

/** A parameter without a sample stops the tests: whoever adds one says here what it stands for. */
function filled(path: string, own: Record<string, string> = {}): string {
  const isSite = path.includes('/sites/');
  const isMine = path.startsWith('/api/mine');
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value =
      own[name] ?? (name === 'member' && isSite ? 'hq' : name === 'member' && isMine ? ids.deviceId : ids[name]);
    if (value === undefined) throw new Error(`no sample for {${name}} of ${path}`);
    return value;
  });
}

const POLICY = { version: 0, default: 'allow', rules: [] };

/** Bodies with which a call succeeds; those without one take none. */
const BODIES: Readonly<Record<string, unknown>> = {
  'POST /api/networks': { name: 'another' },
  'PATCH /api/networks/{network}': { mtu: 1380 },
  'POST /api/networks/{network}/devices': { name: 'phone', auth: 'eap' },
  'POST /api/networks/{network}/sites': { name: 'branch', prefixes: ['10.2.0.0/16'], auth: 'psk' },
  'PATCH /api/networks/{network}/devices/{member}': { owner: null },
  'POST /api/networks/{network}/members/{member}/links': { format: 'swanctl' },
  'POST /api/mine/{member}/links': { format: 'swanctl' },
  'POST /api/networks/{network}/groups': { name: 'ops' },
  'PATCH /api/networks/{network}/groups/{group}': { name: 'eng' },
  'POST /api/networks/{network}/groups/{group}/members': { members: ['hq'] },
  'PUT /api/networks/{network}/policy': POLICY,
  'POST /api/networks/{network}/policy/dry-run': POLICY,
  'POST /api/networks/{network}/policy/ask': { from: 'laptop', to: 'hq', port: 443 },
  'PATCH /api/organisation': { name: 'Renamed' },
  'POST /api/organisations': { name: 'Second' },
  'PATCH /api/people/{user}': { role: 'auditor' },
  'POST /api/invitations': { email: 'new@example.com', role: 'member' },
  'POST /api/tokens': { name: 'second', scopes: ['status:read'] },
  'POST /api/webhooks': { url: 'https://hooks.example.com/second', events: ['device.*'] },
  'POST /api/authority/rotation': { overlapDays: 30 },
};

function bodyOf({ method, path }: Route): unknown {
  return BODIES[`${method} ${path}`] ?? (method === 'GET' || method === 'DELETE' ? undefined : {});
}

function ask(browser: Browser, route: Route, own: Record<string, string> = {}) {
  return browser.request(route.method, filled(route.path, own), bodyOf(route));
}

function name({ method, path }: Route): string {
  return `${method} ${path}`;
}

describe('each route', () => {
  it('is described, and what is described is there', async () => {
    const described = Object.entries(description.paths).flatMap(([path, operations]) =>
      Object.keys(operations as object)
        .filter((key) => key !== 'servers')
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.length).toBeGreaterThan(40);
    const auth = (await control.call('authRoutes')) as string[];
    expect(auth.length).toBeGreaterThan(15);
    const api = routes.map((route) => name(route).replace(' /api', ' '));
    expect(described.sort()).toEqual([...api, ...new Set(auth)].sort());
    for (const [path, { servers }] of Object.entries<{ servers?: unknown }>(description.paths))
      expect([path, servers]).toEqual([path, path.startsWith('/auth/') ? [{ url: '/' }] : undefined]);
  });

  it('of /auth that is ours answers as it is described', async () => {
    const gast = { email: 'gast@example.com', password: 'correct horse battery', name: 'Gast', organisation: 'Gast' };
    const browser = new Browser(control);
    const steps: [method: string, path: string, body?: unknown][] = [
      ['POST', '/auth/sign-up', gast],
      ['GET', '/auth/session'],
      ['POST', '/auth/send-verification'],
      ['POST', '/auth/verify-email', { token: 'x' }],
      ['POST', '/auth/accept-invitation', { invitation: 'x' }],
      ['POST', '/auth/sign-out'],
      ['GET', '/auth/session'],
      ['POST', '/auth/sign-in', { email: gast.email, password: gast.password }],
      ['POST', '/auth/sign-in', { email: gast.email, password: 'wrong' }],
      ['POST', '/auth/forgot-password', { email: gast.email }],
      ['POST', '/auth/reset-password', { token: 'x', password: 'another horse battery' }],
    ];
    for (const [method, path, sent] of steps) {
      const { status, body } = await browser.request(method, path, sent);
      const { responses } = description.paths[path][method.toLowerCase()];
      const { schema } = (responses[status] ?? responses.default).content['application/json'];
      expect([path, status < 500, misfits(schema, body, description.components.schemas)]).toEqual([path, true, []]);
    }
  });

  it('says nothing to a member of another organisation who asks about this one', async () => {
    stranger.organisation = 'default';
    for (const route of routes.filter(({ isPublic }) => !isPublic)) {
      const { status, body } = await ask(stranger, route);
      expect([name(route), status, body.error?.code]).toEqual([name(route), 404, 'unknown-organisation']);
    }
    stranger.organisation = null;
  }, 60_000);

  it('finds nothing of another organisation by its real names and ids', async () => {
    for (const network of [ids.network!, ids.networkId!]) {
      for (const route of routes.filter(({ path }) => path.includes('{'))) {
        const { status, body } = await ask(stranger, route, { network });
        expect([name(route), status, body.error?.code]).toEqual([name(route), 404, expect.stringMatching(/^unknown-/)]);
      }
    }
  }, 60_000);

  it('finds nothing of another organisation within a network of the asker', async () => {
    await stranger.post('/api/networks', { name: 'mine' });
    for (const route of routes.filter(({ path }) => /\{network\}.*\{/.test(path))) {
      for (const own of [{ network: 'mine' }, { network: 'mine', member: ids.deviceId! }]) {
        const { status, body } = await ask(stranger, route, own);
        expect([name(route), status, body.error?.code]).toEqual([name(route), 404, expect.stringMatching(/^unknown-/)]);
      }
    }
  }, 60_000);

  it('lists nothing of another organisation', async () => {
    const secrets = [
      ...Object.values(ids).filter((each) => each.length > 8),
      'someday@',
      'owner@example.com',
      'hooks.',
    ];
    for (const route of routes.filter(
      ({ method, path, isPublic }) => method === 'GET' && !path.includes('{') && !isPublic,
    )) {
      const { body } = await ask(stranger, route);
      const text = JSON.stringify(body);
      for (const secret of secrets) expect([name(route), text.includes(secret)]).toEqual([name(route), false]);
    }
  }, 60_000);

  it('lets an auditor read and change nothing', async () => {
    for (const route of routes.filter(({ scope }) => scope !== null)) {
      const { status, body } = await ask(auditor, route);
      if (route.scope!.endsWith(':write')) {
        expect([name(route), status, body.error.code]).toEqual([name(route), 403, 'forbidden']);
      } else expect([name(route), status]).toEqual([name(route), 200]);
    }
  }, 60_000);

  it('that takes a scope is closed to plain members', async () => {
    for (const route of routes.filter(({ scope }) => scope !== null)) {
      const { status, body } = await ask(member, route);
      expect([name(route), status, body.error.code]).toEqual([name(route), 403, 'forbidden']);
    }
    expect((await member.get('/api/mine')).body.devices).toMatchObject([{ id: ids.deviceId }]);
    expect((await auditor.get('/api/mine')).body.devices).toEqual([]);
  }, 60_000);

  it('is closed to nobody in particular, and to tokens that have expired or were taken back', async () => {
    const made = (await owner.post('/api/tokens', { name: 'short', scopes: ['networks:read'] })).body.token;
    const gone = (await owner.post('/api/tokens', { name: 'gone', scopes: ['networks:read'] })).body.token;
    expect((await control.request('GET', '/networks', undefined, made.secret)).status).toBe(200);
    await control.rows('UPDATE api_tokens SET expires_at = 1 WHERE id = ?', made.id);
    await owner.request('DELETE', `/api/tokens/${gone.id}`);
    for (const token of [null, made.secret, gone.secret, `${made.secret}x`, made.secret.slice(0, -1)]) {
      for (const route of routes.filter(({ isPublic }) => !isPublic)) {
        const path = filled(route.path).replace('/api', '');
        const { status, body } = await control.request(route.method, path, bodyOf(route), token);
        expect([name(route), status, body.error.code]).toEqual([name(route), 401, 'unauthorised']);
      }
    }
  }, 120_000);

  it('opens to a token with its scope, and to no other scope', async () => {
    const { secret } = (await owner.post('/api/tokens', { name: 'narrow', scopes: ['status:read'] })).body.token;
    for (const route of routes.filter(({ scope }) => scope !== null && scope !== 'status:read')) {
      const path = filled(route.path).replace('/api', '');
      const { status, body } = await control.request(route.method, path, bodyOf(route), secret);
      expect([name(route), status, body.error.code]).toEqual([name(route), 403, 'forbidden']);
    }
    expect((await control.request('GET', '/status', undefined, secret)).status).toBe(200);
    const elsewhere = { Authorization: `Bearer ${secret}`, 'X-Culvert-Organisation': 'elsewhere' };
    expect((await fetch(`${control.url}/api/status`, { headers: elsewhere })).status).toBe(404);
  }, 60_000);

  it('answers as it is described', async () => {
    await connect();
    for (const route of inOrder()) {
      const { status, body, headers } = await answerOf(route);
      const operation = description.paths[route.path.replace('/api/', '/')][route.method.toLowerCase()];
      const [success] = Object.keys(operation.responses);
      expect([name(route), status, JSON.stringify(body).slice(0, 300)]).toEqual([
        name(route),
        Number(success),
        expect.anything(),
      ]);
      const [[type, { schema }]] = Object.entries(operation.responses[success!].content) as [
        [string, { schema: object }],
      ];
      expect(headers.get('content-type')).toContain(type);
      expect([name(route), misfits(schema, body, description.components.schemas)]).toEqual([name(route), []]);
    }
  }, 120_000);
});

/** What goes away goes last, what somebody has goes first, and the longest path first. */
function inOrder(): Route[] {
  const last = ({ method, path }: Route) => {
    if (path.startsWith('/api/mine')) return -1;
    // Whoever is suspended is not connected any more.
    if (path.endsWith('/suspension')) return 1;
    return Number(method === 'DELETE') * 2 + Number(path === '/api/people/{user}');
  };
  return [...routes].sort((a, b) => last(a) - last(b) || b.path.length - a.path.length);
}

async function answerOf(route: Route) {
  if (name(route) === 'GET /api/first-account') {
    return control.request('GET', '/first-account', undefined, OPERATOR_TOKEN);
  }
  if (route.path.startsWith('/api/mine')) return ask(member, route);
  if (name(route) === 'PUT /api/networks/{network}/policy') {
    const { policy } = (await owner.get('/api/networks/secretnet/policy')).body;
    return owner.request('PUT', filled(route.path), { ...policy, default: 'deny' });
  }
  // A network goes when it is empty.
  if (name(route) === 'DELETE /api/networks/{network}') return ask(owner, route, { network: 'another' });
  return ask(owner, route);
}

/** The device is connected, with everything that a status can hold. */
async function connect(): Promise<void> {
  const report = {
    ...{ behind: 'peer', mobike: true, additional: ['192.0.2.1'], moved: 1, keepalive: 20, loss: 0.5 },
    moves: [{ at: 1, from: '192.0.2.1:1', to: '192.0.2.1:2', by: 'esp' }],
    lifetime: { survived: 1, expired: null },
    roundTrip: { smoothed: 1, variation: 1 },
    fragments: { supported: true, largest: null },
  };
  const status = {
    ...{
      member: ids.deviceId,
      name: 'laptop',
      kind: 'device',
      route: 7,
      state: 'connected',
      identity: 'x',
      software: 'x',
    },
    ...{ nat: 'peer', remote: { address: '192.0.2.7', port: 1 }, local: { address: '192.0.2.8', port: 2 }, suite: 's' },
    ...{ esp: ['e'], addresses: ['10.0.0.2'], unreached: [], children: 1, mtu: 1400, since: 1, lastIn: 2, lastOut: 3 },
    ...{ packetsIn: 1, octetsIn: 1, packetsOut: 1, octetsOut: 1, drops: { replayed: 1 }, report, relay: 'r' },
  };
  const who = { member: ids.deviceId, name: 'laptop', kind: 'device', route: 7, since: 1, prefixes: ['10.0.0.2/32'] };
  await control.call('arrive', ids.networkId, who, status);
  await control.call('attempted', ids.networkId, {
    ...{ id: 1, at: 1, path: '192.0.2.7:500', outcome: 'failed', reason: 'revoked', detail: '', identity: 'x' },
    ...{ organisation: 'default', network: ids.networkId, member: ids.deviceId, from: '192.0.2.7' },
    seen: { port: 4500, nat: 'peer', windows: false, software: '', weak: false, cookie: false, fragments: null },
  });
}
