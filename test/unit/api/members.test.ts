// The API's devices and sites: enrolled, listed, revoked, and each refusal.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Control } from '../control.ts';

let control: Control;
let network: string;

beforeAll(async () => {
  control = await Control.start();
  const { body } = await control.post('/networks', { name: 'corp', ipv4: '10.0.0.0/16', ipv6: 'fd00:c0::/64' });
  network = body.network.id;
});

afterAll(() => control?.stop());

describe('devices', () => {
  it('get the lowest free addresses and an identity', async () => {
    const first = await control.post('/networks/corp/devices', { name: 'laptop', auth: 'cert' });
    expect(first.status).toBe(201);
    expect(first.body.device).toMatchObject({
      ...{ name: 'laptop', network: 'corp', kind: 'device', auth: 'cert', identity: 'laptop@corp' },
      ...{ addresses: ['10.0.0.2', 'fd00:c0::2'], prefixes: [], suspendedAt: null, revokedAt: null },
      certificate: { fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(first.body.device.secret).toBeUndefined();
    const second = await control.post('/networks/corp/devices', { name: 'phone', auth: 'eap' });
    expect(second.body.device).toMatchObject({ identity: 'phone@corp', addresses: ['10.0.0.3', 'fd00:c0::3'] });
    const third = await control.post('/networks/corp/devices', { name: 'box', auth: 'psk' });
    expect(third.body.device.identity).toBe('box.corp.culvert');
    expect(await control.call('told', network)).toEqual([['changed'], ['changed'], ['changed']]);
  });

  it('tell a secret once, and keep it sealed', async () => {
    const { body } = await control.post('/networks/corp/devices', { name: 'secretive', auth: 'eap' });
    const { id, secret } = body.device;
    expect(secret).toMatch(/^[1-9A-Za-z]{40}$/);
    expect((await control.get('/networks/corp/devices/secretive')).body.device.secret).toBeUndefined();
    const [row] = await control.rows('SELECT secret FROM members WHERE id = ?', id);
    const sealed = Uint8Array.from(row!.secret as number[]);
    expect(new TextDecoder().decode(await control.call('open', 'member-secret', id, sealed))).toBe(secret);
    expect(Buffer.from(sealed).includes(secret)).toBe(false);
    await expect(control.call('open', 'member-secret', 'another-row', sealed)).rejects.toThrow(/sealed under another/);
    await expect(control.call('open', 'certificate-key', id, sealed)).rejects.toThrow(/sealed under another/);
  });

  it('keep their address, and leave it to others an hour after they are revoked', async () => {
    await control.post('/networks', { name: 'small', ipv4: '10.9.0.0/29', ipv6: null });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await control.post('/networks/small/devices', { name, auth: 'psk' });
    await control.delete('/networks/small/devices/c');
    const early = await control.post('/networks/small/devices', { name: 'f', auth: 'psk' });
    expect([early.status, early.body.error.code]).toEqual([409, 'pool-exhausted']);
    expect(early.body.error.message).toContain('10.9.0.0/29');
    await control.rows('UPDATE addresses SET released_at = released_at - 3600001 WHERE released_at IS NOT NULL');
    const late = await control.post('/networks/small/devices', { name: 'f', auth: 'psk' });
    expect(late.body.device.addresses).toEqual(['10.9.0.4']);
    const { devices } = (await control.get('/networks/small/devices')).body;
    const byName = devices.map((device: { name: string; addresses: string[] }) => [device.name, device.addresses[0]]);
    expect(byName).toEqual([
      ['a', '10.9.0.2'],
      ['b', '10.9.0.3'],
      ['d', '10.9.0.5'],
      ['e', '10.9.0.6'],
      ['f', '10.9.0.4'],
    ]);
  });

  it('leave nothing behind when the pool is exhausted', async () => {
    const before = await control.rows('SELECT count(*) AS n FROM members');
    const { body } = await control.post('/networks/small/devices', { name: 'g', auth: 'cert' });
    expect(body.error.code).toBe('pool-exhausted');
    expect(await control.rows('SELECT count(*) AS n FROM members')).toEqual(before);
    expect(
      await control.rows('SELECT * FROM certificates c WHERE c.member_id NOT IN (SELECT id FROM members)'),
    ).toEqual([]);
  });

  it('that come at once get one address each', async () => {
    await control.post('/networks', { name: 'rush', ipv4: '10.8.0.0/24', ipv6: null });
    const names = Array.from({ length: 24 }, (_, i) => `d${i}`);
    const answers = await Promise.all(
      names.map((name) => control.post('/networks/rush/devices', { name, auth: 'psk' })),
    );
    const addresses = answers.map(({ body }) => body.device.addresses[0] as string);
    const expected = names.map((_, i) => `10.8.0.${i + 2}`);
    expect(new Set(addresses)).toEqual(new Set(expected));
  });

  it('of one name that come at once are one device', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => control.post('/networks/rush/devices', { name: 'wanted', auth: 'cert' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
    expect(answers.filter(({ status }) => status === 409).every(({ body }) => body.error.code === 'name-taken')).toBe(
      true,
    );
    expect(await control.rows("SELECT count(*) AS n FROM members WHERE name = 'wanted'")).toEqual([{ n: 1 }]);
  });

  it('are listed a page at a time', async () => {
    await control.post('/networks', { name: 'crowd', ipv4: '10.64.0.0/16', ipv6: null });
    const [crowd] = await control.rows("SELECT id FROM networks WHERE name = 'crowd'");
    await control.rows(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 501)
       INSERT INTO members (id, organisation_id, network_id, name, kind, auth, created_at)
       SELECT 'id-' || i, 'default', ?, printf('d%04d', i), 'device', 'psk', 0 FROM n RETURNING id`,
      crowd!.id,
    );
    const page = (await control.get('/networks/crowd/devices')).body;
    expect([page.devices.length, page.next]).toEqual([500, 'd0500']);
    const last = (await control.get(`/networks/crowd/devices?after=${page.next}`)).body;
    expect([last.devices.map((device: { name: string }) => device.name), last.next]).toEqual([['d0501'], null]);
  });
});

describe('sites', () => {
  it('hold prefixes and no address', async () => {
    const prefixes = ['192.168.10.0/24', '192.168.20.0/24', '2001:db8:10::/48'];
    const { status, body } = await control.post('/networks/corp/sites', { name: 'hq', prefixes, auth: 'psk' });
    expect(status).toBe(201);
    expect(body.site).toMatchObject({ kind: 'site', identity: 'hq.corp.culvert', addresses: [], prefixes });
    expect((await control.get('/networks/corp/sites')).body.sites).toMatchObject([{ name: 'hq', prefixes }]);
    expect((await control.get('/networks/corp')).body.network).toMatchObject({ sites: 1 });
  });

  it('may have what another network has too', async () => {
    await control.post('/networks', { name: 'elsewhere', ipv4: '10.77.0.0/16' });
    const { status } = await control.post('/networks/elsewhere/sites', { name: 'hq', prefixes: ['192.168.10.0/24'] });
    expect(status).toBe(201);
  });

  it('give their prefixes back when they are revoked', async () => {
    const site = { name: 'brief', prefixes: ['172.16.0.0/24'], auth: 'psk' };
    await control.post('/networks/corp/sites', { name: 'stays', prefixes: ['172.17.0.0/24'], auth: 'psk' });
    const [[, ...before]] = (await control.call('told', network)).slice(-1);
    expect(before).toEqual(expect.arrayContaining(['10.0.0.0/16', 'fd00:c0::/64', '172.17.0.0/24']));
    const first = await control.post('/networks/corp/sites', site);
    // Those who are connected are told of what has come, and of what has gone.
    const [[, ...during]] = await control.call('told', network);
    expect(during).toHaveLength(before.length + 1);
    expect(during).toContain('172.16.0.0/24');
    const revoked = await control.delete('/networks/corp/sites/brief');
    expect(revoked.body.site.revokedAt).toBeGreaterThan(0);
    expect(await control.call('told', network)).toEqual([
      ['revoke', first.body.site.id],
      ['reach', ...before],
    ]);
    expect((await control.post('/networks/corp/sites', site)).status).toBe(201);
  });

  it('that come at once with overlapping prefixes are one site', async () => {
    const sizes = [16, 17, 18, 19, 20, 21, 22, 23];
    const answers = await Promise.all(
      sizes.map((size) =>
        control.post('/networks/corp/sites', { name: `s${size}`, prefixes: [`10.50.0.0/${size}`], auth: 'psk' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
    expect(answers.flatMap(({ body }) => body.error?.code ?? [])).toEqual(Array(7).fill('prefix-overlap'));
    const left = await control.rows("SELECT count(*) AS n FROM members WHERE name GLOB 's[12]*'");
    expect(left).toEqual([{ n: 1 }]);
  });
});

describe('revoking', () => {
  it('can be asked for again when the edge was not reached', async () => {
    const { body } = await control.post('/networks/corp/devices', { name: 'stolen', auth: 'cert' });
    await control.call('failing', network, true);
    const first = await control.delete('/networks/corp/devices/stolen');
    expect([first.status, first.body.error.code]).toEqual([503, 'edge-busy']);
    expect(first.body.error.message).toContain('revoked and cannot connect again');
    await control.call('failing', network, false);
    await control.call('told', network);
    expect((await control.delete('/networks/corp/devices/stolen')).status).toBe(200);
    expect(await control.call('told', network)).toEqual([['revoke', body.device.id], ['changed']]);
  });

  it('destroys the secret and frees the name', async () => {
    const first = await control.post('/networks/corp/devices', { name: 'renewed', auth: 'eap' });
    await control.delete('/networks/corp/devices/renewed');
    expect(await control.rows('SELECT secret FROM members WHERE id = ?', first.body.device.id)).toEqual([
      { secret: null },
    ]);
    const second = await control.post('/networks/corp/devices', { name: 'renewed', auth: 'eap' });
    expect(second.status).toBe(201);
    expect(second.body.device.secret).not.toBe(first.body.device.secret);
  });
});

describe('suspending', () => {
  it('keeps everything, ends the connection once, and is undone by resuming', async () => {
    const { device } = (await control.post('/networks/corp/devices', { name: 'lent', auth: 'eap' })).body;
    await control.call('told', network);
    const path = '/networks/corp/devices/lent/suspension';
    const first = await control.request('PUT', path);
    const again = await control.request('PUT', path);
    expect(first.body.device).toMatchObject({ suspendedAt: expect.any(Number), addresses: device.addresses });
    expect(again.body).toEqual(first.body);
    expect((await control.call('password', 'lent@corp')).reason).toBe('suspended');
    expect((await control.delete(path)).body.device.suspendedAt).toBe(null);
    expect(await control.call('password', 'lent@corp')).toMatchObject({ admitted: true, password: device.secret });
    expect(await control.call('told', network)).toEqual([
      ['suspend', device.id],
      ['suspend', device.id],
      ['resume', device.id],
    ]);
    const { entries } = (await control.get('/activity?target=device%20corp/lent')).body;
    expect(entries.map(({ action }: { action: string }) => action)).toEqual([
      'device.resume',
      'device.suspend',
      'device.add',
    ]);
  });

  it('is told by the troubleshooter for what it is, and ends for good by revoking', async () => {
    await control.post('/networks/corp/devices', { name: 'paused', auth: 'cert' });
    await control.request('PUT', '/networks/corp/devices/paused/suspension');
    const { findings } = (await control.get('/networks/corp/members/paused/explain')).body;
    expect(findings.map(({ row }: { row: string }) => row)).toEqual(['member-suspended']);
    expect((await control.delete('/networks/corp/devices/paused')).status).toBe(200);
    const { status, body } = await control.delete('/networks/corp/devices/paused/suspension');
    expect([status, body.error.code]).toEqual([404, 'unknown-device']);
  });

  it('can be asked for again when the edge was not reached', async () => {
    await control.post('/networks/corp/devices', { name: 'far', auth: 'cert' });
    await control.call('failing', network, true);
    const path = '/networks/corp/devices/far/suspension';
    const { status, body } = await control.request('PUT', path);
    expect([status, body.error.code]).toEqual([503, 'edge-busy']);
    await control.call('failing', network, false);
    expect((await control.request('PUT', path)).body.device.suspendedAt).toEqual(expect.any(Number));
  });

  it('and resuming at the same time leave the edge with what is on record', async () => {
    const { device } = (await control.post('/networks/corp/devices', { name: 'torn', auth: 'psk' })).body;
    await control.call('told', network);
    const path = '/networks/corp/devices/torn/suspension';
    await Promise.all(
      ['PUT', 'DELETE', 'PUT', 'DELETE', 'PUT', 'DELETE'].map((method) => control.request(method, path)),
    );
    const [row] = await control.rows('SELECT suspended_at FROM members WHERE id = ?', device.id);
    const told = (await control.call('told', network)) as string[][];
    expect(told.at(-1)).toEqual([row!.suspended_at === null ? 'resume' : 'suspend', device.id]);
  });
});

describe('what is refused of a member', () => {
  const SITE = { name: 's', auth: 'psk' };
  const CASES: readonly [what: string, path: string, body: unknown, status: number, code: string, words: RegExp][] = [
    ['an unknown network', '/networks/nowhere/devices', { name: 'd' }, 404, 'unknown-network', /no network 'nowhere'/],
    ['a bad name', '/networks/corp/devices', { name: 'Alice@home' }, 400, 'bad-name', /name of a device/],
    [
      'a second device of the name',
      '/networks/corp/devices',
      { name: 'laptop' },
      409,
      'name-taken',
      /has a device 'laptop'/,
    ],
    [
      'a device with the name of a site',
      '/networks/corp/devices',
      { name: 'hq' },
      409,
      'name-taken',
      /has a site 'hq'/,
    ],
    ['a method that is none', '/networks/corp/devices', { name: 'd', auth: 'magic' }, 400, 'bad-auth', /'magic'/],
    [
      'EAP for a site',
      '/networks/corp/sites',
      { ...SITE, auth: 'eap', prefixes: ['10.2.0.0/16'] },
      400,
      'bad-auth',
      /nobody to type/,
    ],
    [
      'a site without prefixes',
      '/networks/corp/sites',
      { ...SITE, prefixes: [] },
      400,
      'bad-prefix',
      /nothing behind it/,
    ],
    ['a bad prefix', '/networks/corp/sites', { ...SITE, prefixes: ['10.2'] }, 400, 'bad-prefix', /'10.2' is not/],
    ['host bits', '/networks/corp/sites', { ...SITE, prefixes: ['10.2.0.1/16'] }, 400, 'host-bits-set', /10.2.0.1/],
    [
      'a default route',
      '/networks/corp/sites',
      { ...SITE, prefixes: ['0.0.0.0/0'] },
      400,
      'bad-prefix',
      /every address/,
    ],
    ['multicast', '/networks/corp/sites', { ...SITE, prefixes: ['ff00::/8'] }, 400, 'bad-prefix', /multicast/],
    [
      'its own overlap',
      '/networks/corp/sites',
      { ...SITE, prefixes: ['10.2.0.0/16', '10.2.3.0/24'] },
      409,
      'prefix-overlap',
      /same site/,
    ],
    [
      'overlap with a pool',
      '/networks/corp/sites',
      { ...SITE, prefixes: ['10.0.128.0/24'] },
      409,
      'prefix-overlap',
      /devices of 'corp'/,
    ],
    [
      'overlap with a site',
      '/networks/corp/sites',
      { ...SITE, prefixes: ['192.168.0.0/16'] },
      409,
      'prefix-overlap',
      /site 'hq'/,
    ],
    ['an unknown field', '/networks/corp/devices', { name: 'd', prefixes: [] }, 400, 'unknown-field', /'prefixes'/],
  ];

  for (const [what, path, body, status, code, words] of CASES) {
    it(what, async () => {
      const answer = await control.post(path, body);
      expect(answer.body.error).toMatchObject({
        code,
        message: expect.stringMatching(words),
        next: expect.stringMatching(/\.$/),
      });
      expect(answer.status).toBe(status);
    });
  }

  it('a device that is not there', async () => {
    const { status, body } = await control.delete('/networks/corp/devices/nobody');
    expect([status, body.error.code]).toEqual([404, 'unknown-device']);
    const site = await control.delete('/networks/corp/sites/laptop');
    expect([site.status, site.body.error.code]).toEqual([404, 'unknown-site']);
  });

  it('a name with which it would pass for the gateway', async () => {
    const named = await Control.start({ bindings: { GATEWAY_NAME: 'gw.corp.culvert' } });
    try {
      await named.post('/networks', { name: 'corp' });
      const { status, body } = await named.post('/networks/corp/sites', { name: 'gw', prefixes: ['10.1.0.0/16'] });
      expect([status, body.error.code]).toEqual([400, 'bad-name']);
    } finally {
      await named.stop();
    }
  });
});
