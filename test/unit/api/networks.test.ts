// The API's networks: made, listed, changed, removed, and each refusal.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { innerMtu } from '../../../src/esp/shape.ts';
import { EncrId, IntegId, KeId } from '../../../src/wire/ike-numbers.ts';
import { Control } from '../control.ts';

let control: Control;

beforeAll(async () => {
  control = await Control.start();
});

afterAll(() => control?.stop());

describe('networks', () => {
  it('draws pools and settings for one that gives a name only', async () => {
    const { status, body } = await control.post('/networks', { name: 'drawn' });
    expect(status).toBe(201);
    expect(body.network).toMatchObject({ name: 'drawn', organisation: 'default', mtu: 1400, legacy: false });
    expect(body.network).toMatchObject({
      dns: [],
      domains: [],
      ikeLifetimeSeconds: 86_400,
      childLifetimeSeconds: 28_800,
    });
    expect(body.network.ipv4).toMatch(/^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.0\/20$/);
    expect(body.network.ipv6).toMatch(/^fd[0-9a-f]{2}:[0-9a-f:]+::\/64$/);
    expect(body.network.gateway).toEqual([
      body.network.ipv4.replace('0/20', '1'),
      body.network.ipv6.replace('/64', '1'),
    ]);
    expect((await control.get('/networks/drawn')).body.network).toEqual(body.network);
  });

  it('takes what is given', async () => {
    const given = {
      ...{ name: 'given', ipv4: '10.20.0.0/16', ipv6: 'fd00:1::/64', mtu: 1380, dns: ['10.1.0.53', 'fd00::53'] },
      ...{ domains: ['Corp.Example.com.'], legacy: true, ikeLifetimeSeconds: 3600, childLifetimeSeconds: 600 },
    };
    const { status, body } = await control.post('/networks', given);
    expect(status).toBe(201);
    expect(body.network).toMatchObject({
      ...given,
      domains: ['corp.example.com'],
      gateway: ['10.20.0.1', 'fd00:1::1'],
    });
    const { networks } = (await control.get('/networks')).body;
    expect(networks.map((network: { name: string }) => network.name)).toContain('given');
  });

  it('lets ESP go without encryption only where that is asked for', async () => {
    const { body } = await control.post('/networks', { name: 'guarded' });
    expect(body.network.nullEncryption).toBe(false);
    const on = await control.post('/networks', { name: 'measured', nullEncryption: true });
    expect(on.body.network).toMatchObject({ nullEncryption: true, legacy: false });
    const { networks } = (await control.get('/networks')).body;
    expect(networks.find((network: { name: string }) => network.name === 'measured').nullEncryption).toBe(true);
    const off = await control.request('PATCH', '/networks/measured', { nullEncryption: false });
    expect(off.body.network.nullEncryption).toBe(false);
    expect((await control.get('/networks/measured')).body.network.nullEncryption).toBe(false);
  });

  it('takes the largest MTU that a tunnel can have', async () => {
    const gcm = { encr: EncrId.AES_GCM_16, encrKeyBits: 256, integ: IntegId.NONE, esn: false, ke: KeId.NONE };
    const { status, body } = await control.post('/networks', { name: 'large', mtu: innerMtu(1500, 4, gcm) });
    expect([status, body.network.mtu]).toEqual([201, 1438]);
  });

  it('may have one family only', async () => {
    const { body } = await control.post('/networks', { name: 'only-ipv4', ipv4: '10.30.0.0/24', ipv6: null, mtu: 576 });
    expect(body.network).toMatchObject({ ipv6: null, gateway: ['10.30.0.1'], mtu: 576 });
  });

  it('changes settings and leaves the rest', async () => {
    await control.post('/networks', { name: 'changing', ipv4: '10.40.0.0/16' });
    const { status, body } = await control.request('PATCH', '/networks/changing', { legacy: true, dns: ['10.1.1.1'] });
    expect(status).toBe(200);
    expect(body.network).toMatchObject({ legacy: true, dns: ['10.1.1.1'], ipv4: '10.40.0.0/16', mtu: 1400 });
    expect((await control.get('/networks/changing')).body.network).toEqual(body.network);
    expect(await control.call('told', body.network.id)).toEqual([['changed']]);
    const fixed = await control.request('PATCH', '/networks/changing', { ipv4: '10.41.0.0/16' });
    expect([fixed.status, fixed.body.error.code]).toEqual([409, 'pool-fixed']);
  });

  it('goes when it is empty, and not before', async () => {
    await control.post('/networks', { name: 'leaving' });
    await control.post('/networks/leaving/devices', { name: 'last', auth: 'psk' });
    const refused = await control.delete('/networks/leaving');
    expect([refused.status, refused.body.error.code]).toEqual([409, 'network-not-empty']);
    await control.delete('/networks/leaving/devices/last');
    expect((await control.delete('/networks/leaving')).status).toBe(200);
    expect((await control.get('/networks/leaving')).body.error.code).toBe('unknown-network');
    const { body } = await control.post('/networks', { name: 'leaving' });
    expect(await control.rows('SELECT * FROM members WHERE network_id = ?', body.network.id)).toEqual([]);
  });
});

describe('what is refused of a network', () => {
  const CASES: readonly [what: string, body: unknown, status: number, code: string, words: RegExp][] = [
    ['no JSON', '{', 400, 'bad-request', /not JSON/],
    ['no object', '[]', 400, 'bad-request', /not a JSON object/],
    ['a misspelt field', { name: 'n', ipv4Pool: '10.0.0.0/8' }, 400, 'unknown-field', /'ipv4Pool'/],
    ['no name', {}, 400, 'bad-name', /1 to 32 letters/],
    ['a name that is no label', { name: 'My Network' }, 400, 'bad-name', /'My Network'/],
    ['a name that is too long', { name: 'a'.repeat(33) }, 400, 'bad-name', /1 to 32/],
    ['a name that is no text', { name: 7 }, 400, 'bad-value', /'name' is 7/],
    ['a pool that is no prefix', { name: 'n', ipv4: '10.0.0.0' }, 400, 'bad-prefix', /not an IP prefix/],
    ['a length out of range', { name: 'n', ipv4: '10.0.0.0/33' }, 400, 'bad-prefix', /not an IP prefix/],
    ['host bits', { name: 'n', ipv4: '10.1.2.3/16' }, 400, 'host-bits-set', /bits after the first 16/],
    ['host bits of IPv6', { name: 'n', ipv6: 'fd00::1/64' }, 400, 'host-bits-set', /bits after the first 64/],
    ['a pool of the other family', { name: 'n', ipv4: 'fd00::/64' }, 400, 'bad-pool', /IPv6 prefix/],
    ['multicast', { name: 'n', ipv4: '224.0.0.0/8' }, 400, 'bad-pool', /multicast/],
    ['loopback', { name: 'n', ipv4: '127.0.0.0/16' }, 400, 'bad-pool', /never leaves a host/],
    ['link-local', { name: 'n', ipv6: 'fe80::/64' }, 400, 'bad-pool', /never leaves a link/],
    ['a pool without room', { name: 'n', ipv4: '10.0.0.0/30' }, 400, 'bad-pool', /too small/],
    ['a pool that is everything', { name: 'n', ipv6: '2000::/4' }, 400, 'bad-pool', /too large/],
    ['no pool at all', { name: 'n', ipv4: null, ipv6: null }, 400, 'bad-pool', /no addresses/],
    ['a small MTU with IPv6', { name: 'n', mtu: 1200 }, 400, 'bad-value', /from 1280 to 1438/],
    ['an MTU that no path takes', { name: 'n', mtu: 1439 }, 400, 'bad-value', /from 1280 to 1438/],
    ['a DNS server by name', { name: 'n', dns: ['dns.example.com'] }, 400, 'bad-value', /not an IP address/],
    ['five DNS servers', { name: 'n', dns: Array(5).fill('10.0.0.1') }, 400, 'bad-value', /at most 4/],
    ['a wildcard domain', { name: 'n', domains: ['*.corp'] }, 400, 'bad-value', /not a domain name/],
    ['a lifetime of seconds', { name: 'n', childLifetimeSeconds: 5 }, 400, 'bad-value', /from 60/],
    ['null encryption as text', { name: 'n', nullEncryption: 'on' }, 400, 'bad-value', /true or false/],
    ['legacy as text', { name: 'n', legacy: 'yes' }, 400, 'bad-value', /true or false/],
    ['a body without end', { name: 'n', domains: Array(20).fill('d'.repeat(1000)) }, 413, 'body-too-large', /16384/],
  ];

  for (const [what, body, status, code, words] of CASES) {
    it(what, async () => {
      const answer = await control.post('/networks', body);
      expect(answer.body.error).toMatchObject({
        code,
        message: expect.stringMatching(words),
        next: expect.stringMatching(/\.$/),
      });
      expect(answer.status).toBe(status);
    });
  }

  it('suggests the name and the prefix that were probably meant', async () => {
    const name = await control.post('/networks', { name: 'My Network!' });
    expect(name.body.error.next).toContain("'my-network'");
    const prefix = await control.post('/networks', { name: 'n', ipv4: '10.1.2.3/16' });
    expect(prefix.body.error.next).toBe('Give 10.1.0.0/16 for the network, or 10.1.2.3/32 for that one host.');
  });

  it('a second network of the same name', async () => {
    await control.post('/networks', { name: 'twice' });
    const { status, body } = await control.post('/networks', { name: 'twice' });
    expect([status, body.error.code]).toEqual([409, 'name-taken']);
  });

  it('a network that is not there', async () => {
    const { status, body } = await control.get('/networks/nowhere');
    expect([status, body.error.code]).toEqual([404, 'unknown-network']);
    expect(body.error.next).toContain('drawn');
  });
});
