// The API's groups and policy: made, changed, asked, refused, and kept apart between tenants.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Control } from '../control.ts';

let control: Control;
let network: string;

beforeAll(async () => {
  control = await Control.start();
  network = (await control.post('/networks', { name: 'corp', ipv4: '10.7.0.0/16', ipv6: 'fd00:7::/64' })).body.network
    .id;
  for (const name of ['alice', 'bob', 'carol']) await control.post('/networks/corp/devices', { name, auth: 'psk' });
  await control.post('/networks/corp/sites', { name: 'office', auth: 'psk', prefixes: ['10.1.0.0/16'] });
  await control.post('/networks/corp/groups', { name: 'eng' });
  await control.post('/networks/corp/groups/eng/members', { members: ['alice', 'bob'] });
});

afterAll(() => control?.stop());

const eng = { kind: 'group', name: 'eng' };
const office = { kind: 'site', name: 'office' };
const everyone = { kind: 'everyone' };
const web = { source: eng, target: office, services: ['tcp/443,8000-8080', 'icmp'], action: 'allow' };

function put(body: object) {
  return control.request('PUT', '/networks/corp/policy', body);
}

async function version(): Promise<number> {
  return (await control.get('/networks/corp/policy')).body.policy.version;
}

async function ask(from: string, to: string, port = 443) {
  return (await control.post('/networks/corp/policy/ask', { from, to, port })).body.answer;
}

describe('groups', () => {
  it('are listed with how many are in them, and whom', async () => {
    const { body } = await control.get('/networks/corp/groups');
    expect(body.groups).toMatchObject([{ name: 'eng', members: 2 }]);
    const one = await control.get('/networks/corp/groups/eng');
    expect(one.body.members).toEqual([
      { name: 'alice', kind: 'device' },
      { name: 'bob', kind: 'device' },
    ]);
  });

  it('tell their members by the page: a hundred where no size is asked for', async () => {
    const many = Array.from({ length: 101 }, (_, i) => `m${String(i).padStart(3, '0')}`);
    await control.post('/networks', { name: 'large' });
    for (const name of many) await control.post('/networks/large/devices', { name, auth: 'eap' });
    await control.post('/networks/large/groups', { name: 'all' });
    await control.post('/networks/large/groups/all/members', { members: many });
    const pageOf = async (query: string) => (await control.get(`/networks/large/groups/all${query}`)).body;
    const first = await pageOf('');
    expect(first).toMatchObject({ group: { members: 101 }, next: 'm099' });
    expect(first.members).toHaveLength(100);
    expect(await pageOf('?after=m099')).toMatchObject({ members: [{ name: 'm100' }], next: null });
    const two = await pageOf('?limit=2&after=m001');
    expect(two).toMatchObject({ members: [{ name: 'm002' }, { name: 'm003' }], next: 'm003' });
    for (const limit of ['0', '501', 'all', '1.5']) {
      expect((await control.get(`/networks/large/groups/all?limit=${limit}`)).body.error.code).toBe('bad-value');
    }
  });

  it('are renamed, emptied and removed, and each change is told to the edge', async () => {
    await control.post('/networks/corp/groups', { name: 'temporary' });
    await control.call('told', network);
    expect((await control.post('/networks/corp/groups/temporary/members', { members: ['carol'] })).status).toBe(200);
    expect((await control.request('PATCH', '/networks/corp/groups/temporary', { name: 'brief' })).body.group.name).toBe(
      'brief',
    );
    expect((await control.delete('/networks/corp/groups/brief/members/carol')).body).toEqual({
      group: 'brief',
      removed: 'carol',
    });
    expect((await control.delete('/networks/corp/groups/brief')).status).toBe(200);
    expect(await control.call('told', network)).toEqual([['changed'], ['changed'], ['changed']]);
  });

  it('grow the epoch by each change of who is in them', async () => {
    const epoch = async () =>
      (await control.rows('SELECT epoch FROM policies WHERE network_id = ?', network))[0]!.epoch;
    const before = (await epoch()) as number;
    await control.post('/networks/corp/groups/eng/members', { members: ['carol'] });
    await control.delete('/networks/corp/groups/eng/members/carol');
    expect(await epoch()).toBe(before + 2);
  });

  const REFUSED: readonly [what: string, path: string, body: object, status: number, code: string, field?: string][] = [
    ['a name that is taken', '/groups', { name: 'eng' }, 409, 'name-taken', 'name'],
    ['a name that is no label', '/groups', { name: 'The Engineers' }, 400, 'bad-name', 'name'],
    ['nobody', '/groups/eng/members', { members: [] }, 400, 'bad-value', 'members'],
    ['a member that is not there', '/groups/eng/members', { members: ['alice', 'zed'] }, 404, 'unknown-member'],
    ['a group that is not there', '/groups/sales/members', { members: ['alice'] }, 404, 'unknown-group'],
  ];

  for (const [what, path, body, status, code, field] of REFUSED) {
    it(`refuse ${what}`, async () => {
      const answer = await control.post(`/networks/corp${path}`, body);
      expect([answer.status, answer.body.error.code, answer.body.error.field]).toEqual([status, code, field]);
    });
  }
});

describe('the policy', () => {
  it('is allowed to all where nobody has said anything, and denied where the network was made so', async () => {
    expect((await control.get('/networks/corp/policy')).body.policy).toEqual({
      version: 0,
      default: 'allow',
      rules: [],
    });
    await control.post('/networks', { name: 'strict', access: 'deny' });
    expect((await control.get('/networks/strict/policy')).body.policy.default).toBe('deny');
    const wrong = await control.post('/networks', { name: 'odd', access: 'maybe' });
    expect([wrong.status, wrong.body.error.field]).toEqual([400, 'access']);
  });

  it('is replaced, told to the edge, and read as it was written', async () => {
    await control.call('told', network);
    const rules = [
      { id: 'web', ...web },
      { ...web, target: { ...office, prefixes: ['10.1.2.0/24'] }, action: 'deny' },
    ];
    const { status, body } = await put({ version: 0, default: 'deny', rules });
    expect(status).toBe(200);
    expect(body.policy).toMatchObject({ version: 1, default: 'deny', rules: [{ id: 'web', ...web }, rules[1]] });
    expect(body.policy.rules[1].id).toMatch(/^[0-9a-f]{8}$/);
    expect((await control.get('/networks/corp/policy')).body.policy).toEqual(body.policy);
    expect(await control.call('told', network)).toEqual([['changed']]);
  });

  it('is not replaced by who has read an older one, and nothing of that is written', async () => {
    const late = await put({ version: 0, default: 'allow', rules: [] });
    expect([late.status, late.body.error.code]).toEqual([409, 'policy-changed']);
    expect(late.body.error.message).toMatch(/by operator at 20.* since you read version 0: it is version 1 now/);
    expect((await put({ version: 7, default: 'allow', rules: [] })).status).toBe(409);
    expect((await control.get('/networks/corp/policy')).body.policy.default).toBe('deny');
    const at = await version();
    const both = await Promise.all(['allow', 'deny'].map((each) => put({ version: at, default: each, rules: [web] })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await version()).toBe(at + 1);
  });

  it('remembers who changed what', async () => {
    const { body } = await control.get('/networks/corp/policy/history');
    expect(body.versions.map((each: { version: number }) => each.version)).toEqual([2, 1]);
    expect(body.versions[1]).toMatchObject({ who: 'operator', default: 'deny', at: expect.any(Number) });
    expect(body.versions[1].rules[0]).toMatchObject(web);
    expect(body.next).toBeNull();
    expect((await control.get('/networks/corp/policy/history?before=2')).body.versions).toHaveLength(1);
  });

  it('names groups by what they are called today, and keeps those that it names', async () => {
    await put({ version: await version(), default: 'deny', rules: [web] });
    await control.request('PATCH', '/networks/corp/groups/eng', { name: 'dev' });
    expect((await control.get('/networks/corp/policy')).body.policy.rules[0].source.name).toBe('dev');
    const refused = await control.delete('/networks/corp/groups/dev');
    expect([refused.status, refused.body.error.code]).toEqual([409, 'group-in-use']);
    expect(refused.body.error.message).toContain('rule 1');
    await control.request('PATCH', '/networks/corp/groups/dev', { name: 'eng' });
  });

  it('may go on naming a device that was revoked, and name no new one', async () => {
    await control.post('/networks/corp/devices', { name: 'leaver', auth: 'psk' });
    const rule = {
      id: 'leaver',
      source: { kind: 'device', name: 'leaver' },
      target: everyone,
      services: ['any'],
      action: 'deny',
    };
    await put({ version: await version(), default: 'deny', rules: [web, rule] });
    await control.delete('/networks/corp/devices/leaver');
    expect((await put({ version: await version(), default: 'deny', rules: [rule, web] })).status).toBe(200);
    expect((await put({ version: await version(), default: 'deny', rules: [web] })).status).toBe(200);
    const again = await put({ version: await version(), default: 'deny', rules: [web, rule] });
    expect([again.status, again.body.error.code, again.body.error.field]).toEqual([
      404,
      'unknown-device',
      'rules[1].source',
    ]);
  });
});

describe('what is refused of a policy', () => {
  const rule = (more: object) => ({ default: 'deny', rules: [web, { ...web, ...more }] });
  const CASES: readonly [what: string, body: object, code: string, field: string][] = [
    ['no version', { version: undefined }, 'bad-value', 'version'],
    ['no default', { rules: [] }, 'bad-value', 'default'],
    ['a default that is none', { default: 'perhaps' }, 'bad-value', 'default'],
    ['rules that are no list', { default: 'deny', rules: {} }, 'bad-rule', 'rules'],
    ['more rules than there can be', { default: 'deny', rules: Array(257).fill(web) }, 'bad-rule', 'rules'],
    ['a rule that is none', { default: 'deny', rules: [7] }, 'bad-request', 'rules[0]'],
    ['a misspelt field', rule({ port: 443 }), 'unknown-field', 'rules[1]'],
    ['no action', rule({ action: undefined }), 'bad-rule', 'rules[1].action'],
    ['nobody as source', rule({ source: 'alice' }), 'bad-rule', 'rules[1].source'],
    ['a subject of no kind', rule({ source: { kind: 'person', name: 'x' } }), 'bad-rule', 'rules[1].source'],
    ['a group without a name', rule({ target: { kind: 'group' } }), 'bad-rule', 'rules[1].target'],
    ['a group that is not there', rule({ source: { kind: 'group', name: 'x' } }), 'unknown-group', 'rules[1].source'],
    [
      'a site named as a device',
      rule({ target: { kind: 'device', name: 'office' } }),
      'unknown-device',
      'rules[1].target',
    ],
    [
      'prefixes of a device',
      rule({ target: { kind: 'device', name: 'bob', prefixes: [] } }),
      'unknown-field',
      'rules[1].target',
    ],
    [
      'a prefix with host bits',
      rule({ target: { ...office, prefixes: ['10.1.2.3/16'] } }),
      'host-bits-set',
      'rules[1].target',
    ],
    [
      'a prefix of elsewhere',
      rule({ target: { ...office, prefixes: ['10.2.0.0/16'] } }),
      'bad-prefix',
      'rules[1].target',
    ],
    [
      'a prefix around the site',
      rule({ target: { ...office, prefixes: ['10.0.0.0/8'] } }),
      'bad-prefix',
      'rules[1].target',
    ],
    ['no service', rule({ services: [] }), 'bad-rule', 'rules[1].services'],
    ['a service without port', rule({ services: ['tcp'] }), 'bad-rule', 'rules[1].services'],
    ['a port out of range', rule({ services: ['tcp/65536'] }), 'bad-rule', 'rules[1].services'],
    ['ports backwards', rule({ services: ['udp/9-8'] }), 'bad-rule', 'rules[1].services'],
    ['an id with markup', rule({ id: '<b>' }), 'bad-rule', 'rules[1].id'],
    [
      'an id twice',
      {
        default: 'deny',
        rules: [
          { ...web, id: 'a' },
          { ...web, id: 'a' },
        ],
      },
      'bad-rule',
      'rules[1].id',
    ],
  ];

  for (const [what, body, code, field] of CASES) {
    it(what, async () => {
      const { status, body: answer } = await put({ version: await version(), ...body });
      expect([answer.error.code, answer.error.field]).toEqual([code, field]);
      expect(status).toBe(code.startsWith('unknown-') && code !== 'unknown-field' ? 404 : 400);
      expect(answer.error.next).toMatch(/\.$/);
    });
  }

  it('no more than a policy can need', async () => {
    const { status, body } = await put({ version: 0, default: 'deny', rules: ['x'.repeat(300_000)] });
    expect([status, body.error.code]).toEqual([413, 'body-too-large']);
  });
});

describe('a question', () => {
  beforeAll(async () => {
    const inner = {
      ...web,
      id: 'no-vault',
      target: { ...office, prefixes: ['10.1.9.0/24'] },
      services: ['any'],
      action: 'deny',
    };
    await put({ version: await version(), default: 'deny', rules: [inner, { ...web, id: 'web' }] });
  });

  it('is answered with the rule that decides, or with the default', async () => {
    expect(await ask('alice', 'office')).toMatchObject({
      allowed: true,
      position: 2,
      rule: { id: 'web' },
      from: { name: 'alice', kind: 'device', address: '10.7.0.2' },
      to: { name: 'office', address: '10.1.0.1' },
    });
    expect(await ask('alice', '10.1.9.7')).toMatchObject({ allowed: false, position: 1, rule: { id: 'no-vault' } });
    expect(await ask('alice', 'office', 22)).toMatchObject({
      allowed: false,
      position: null,
      rule: null,
      default: 'deny',
    });
    expect(await ask('carol', 'office')).toMatchObject({ allowed: false, rule: null });
    expect(await ask('10.7.0.3', '10.1.2.3', 8_080)).toMatchObject({ allowed: true, from: { name: 'bob' } });
    const ping = await control.post('/networks/corp/policy/ask', { from: 'alice', to: 'office', protocol: 'icmp' });
    expect(ping.body.answer.allowed).toBe(true);
  });

  const REFUSED: readonly [what: string, body: object, status: number, code: string, field: string | undefined][] = [
    ['from nobody', { to: 'office', port: 1 }, 400, 'bad-value', 'from'],
    ['to nobody', { from: 'alice', port: 1 }, 400, 'bad-value', 'to'],
    ['a stranger', { from: 'alice', to: 'zed', port: 1 }, 404, 'unknown-member', 'to'],
    ['an address of nobody', { from: '192.0.2.1', to: 'office', port: 1 }, 404, 'unknown-member', 'from'],
    ['no port', { from: 'alice', to: 'office' }, 400, 'bad-value', 'port'],
    ['a protocol that is none', { from: 'alice', to: 'office', protocol: 'http' }, 400, 'bad-value', 'protocol'],
    ['two of different families', { from: 'fd00:7::2', to: 'office', port: 1 }, 400, 'bad-value', undefined],
  ];

  for (const [what, body, status, code, field] of REFUSED) {
    it(`is refused: ${what}`, async () => {
      const answer = await control.post('/networks/corp/policy/ask', body);
      expect([answer.status, answer.body.error.code, answer.body.error.field]).toEqual([status, code, field]);
    });
  }
});

describe('a dry run', () => {
  it('tells who loses what, and changes nothing', async () => {
    const before = await version();
    const { body } = await control.post('/networks/corp/policy/dry-run', {
      default: 'deny',
      rules: [{ ...web, services: ['tcp/443'] }],
    });
    expect(body).toMatchObject({ losing: 2, gaining: 2, complete: true });
    expect(body.changes).toContainEqual({
      from: { name: 'devices in eng', members: 2, prefix: null },
      to: { name: 'office', members: 1, prefix: '10.1.0.0/16' },
      lost: ['tcp/8000-8080', 'icmp'],
      gained: [],
    });
    expect(body.changes).toContainEqual({
      from: { name: 'devices in eng', members: 2, prefix: null },
      to: { name: 'office', members: 1, prefix: '10.1.9.0/24' },
      lost: [],
      gained: ['tcp/443'],
    });
    expect(await version()).toBe(before);
  });

  it('of another default tells of everyone', async () => {
    const { body } = await control.post('/networks/corp/policy/dry-run', { default: 'allow', rules: [] });
    expect(body.losing).toBe(0);
    expect(body.gaining).toBe(4);
    expect(body.changes).toContainEqual({
      from: { name: 'office', members: 1, prefix: null },
      to: { name: 'carol', members: 1, prefix: null },
      lost: [],
      gained: ['any'],
    });
  });
});
