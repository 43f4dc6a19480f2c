// Status, attempts and commands: what the API makes of what the objects of the data plane say.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strangersFrom } from '../../../worker/edge/strangers.ts';
import { Control } from '../control.ts';

let control: Control;
let network: string;
let laptop: string;
let site: string;

const REPORT = {
  behind: 'peer',
  mobike: true,
  additional: ['192.0.2.50'],
  moved: 1,
  moves: [
    { at: 1500, from: '203.0.113.1:4500 - 198.51.100.7:61233', to: '203.0.113.1:4500 - 198.51.100.7:61234', by: 'esp' },
  ],
  lifetime: { survived: 30_000, expired: null },
  keepalive: null,
  roundTrip: { smoothed: 42, variation: 7 },
  loss: 0.015,
  fragments: { supported: true, largest: 1232 },
};

const STATUS = {
  ...{
    name: 'laptop',
    kind: 'device',
    route: 7,
    state: 'connected',
    identity: 'laptop@corp',
    software: 'strongSwan',
    nat: 'peer',
  },
  remote: { address: '198.51.100.7', port: 61234 },
  local: { address: '203.0.113.1', port: 4500 },
  ...{
    suite: 'AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384',
    esp: ['AES_GCM_16_256'],
    addresses: ['10.0.0.2'],
    children: 1,
    mtu: 1400,
  },
  ...{
    since: 1000,
    lastIn: 2000,
    lastOut: 2500,
    packetsIn: 3,
    octetsIn: 300,
    packetsOut: 4,
    octetsOut: 400,
    drops: { replayed: 2 },
  },
  report: REPORT,
  relay: 'relay-1',
};

beforeAll(async () => {
  control = await Control.start();
  network = (await control.post('/networks', { name: 'corp', ipv4: '10.0.0.0/16', ipv6: null })).body.network.id;
  await control.post('/networks', { name: 'quiet' });
  laptop = (await control.post('/networks/corp/devices', { name: 'laptop', auth: 'psk' })).body.device.id;
  site = (await control.post('/networks/corp/sites', { name: 'hq', prefixes: ['10.1.0.0/16'], auth: 'psk' })).body.site
    .id;
  await control.post('/networks/corp/devices', { name: 'away', auth: 'psk' });
  const told = { at: 1900, report: { ...STATUS, member: laptop, octetsIn: 250, lastIn: 1800 } };
  const base = { since: 900, kind: 'device', prefixes: ['10.0.0.2/32'], told };
  await control.call(
    'arrive',
    network,
    { ...base, member: laptop, name: 'laptop', route: 7 },
    { ...STATUS, member: laptop },
  );
  const hq = { since: 950, kind: 'site', member: site, name: 'hq', route: 8, prefixes: ['10.1.0.0/16'], told: null };
  // The route has gone to another member in the meantime.
  await control.call('arrive', network, hq, { ...STATUS, member: 'somebody-else' });
});

afterAll(() => control?.stop());

describe('status', () => {
  const shown = () => ({
    ...{ member: laptop, name: 'laptop', network: 'corp', kind: 'device', state: 'connected' },
    ...{ path: '198.51.100.7:61234', relay: '203.0.113.1:4500', nat: 'peer', suite: STATUS.suite, esp: STATUS.esp },
    ...{ addresses: ['10.0.0.2'], octetsIn: 300, octetsOut: 400, packetsIn: 3, packetsOut: 4, mtu: 1400 },
    ...{ since: 1000, lastIn: 2000, drops: { replayed: 2 }, report: { ...REPORT, relay: 'relay-1' } },
  });
  const named = (peers: { name: string }[], name: string) => peers.find((peer) => peer.name === name);

  it('shows a peer as its object said last, and does not wake it', async () => {
    const { peers, more, networks } = (await control.get('/status')).body;
    expect(more).toEqual([]);
    expect(named(peers, 'laptop')).toEqual({ ...shown(), asOf: 1900, octetsIn: 250, lastIn: 1800 });
    expect(named(peers, 'hq')).toMatchObject({ state: 'unknown', asOf: null, addresses: ['10.1.0.0/16'] });
    expect(networks).toEqual([
      { network: 'corp', unavailable: false, connected: 2 },
      { network: 'quiet', unavailable: false, connected: 0 },
    ]);
  });

  it('shows a peer as its object sees it, where that is asked', async () => {
    const { peers } = (await control.get('/status?live=1')).body;
    expect(named(peers, 'laptop')).toEqual({ ...shown(), asOf: expect.any(Number) });
    expect(named(peers, 'laptop')).not.toMatchObject({ asOf: 1900 });
  });

  it('names a network that does not answer, and shows the others', async () => {
    const { id } = (await control.post('/networks', { name: 'broken' })).body.network;
    await control.call('failing', id, true);
    for (const query of ['', '?live=1']) {
      const { status, body } = await control.get(`/status${query}`);
      expect(status).toBe(200);
      expect(named(body.peers, 'laptop')).toBeDefined();
      expect(body.networks).toContainEqual({ network: 'broken', unavailable: true, reason: 'out of order' });
    }
    expect((await control.get('/status?network=broken')).body).toEqual({
      ...{ peers: [], more: [], networks: [{ network: 'broken', unavailable: true, reason: 'out of order' }] },
    });
    await control.call('failing', id, false);
    await control.delete('/networks/broken');
  });

  it('never shows what another member sends and receives', async () => {
    const { peers } = (await control.get('/status?network=corp&live=1')).body;
    expect(peers.find((peer: { name: string }) => peer.name === 'hq')).toMatchObject({
      ...{ member: site, state: 'unknown', path: '', nat: 'unknown', octetsIn: 0, addresses: ['10.1.0.0/16'] },
    });
  });

  it('is of one network when that is asked', async () => {
    expect((await control.get('/status?network=quiet')).body).toEqual({
      ...{ peers: [], more: [], networks: [{ network: 'quiet', unavailable: false, connected: 0 }] },
    });
    expect((await control.get('/status?network=nowhere')).body.error.code).toBe('unknown-network');
  });

  it('goes on where a page ended', async () => {
    const { body } = await control.post('/networks', { name: 'many' });
    for (let i = 0; i < 101; i++) {
      const member = {
        member: `m${String(i).padStart(3, '0')}`,
        name: `d${i}`,
        kind: 'device',
        route: 100 + i,
        since: 0,
        prefixes: [],
        told: null,
      };
      await control.call('arrive', body.network.id, member, null);
    }
    const first = (await control.get('/status?network=many')).body;
    expect([first.peers.length, first.more]).toEqual([100, [{ network: 'many', after: 'm099' }]]);
    const rest = (await control.get('/status?network=many&after=m099')).body;
    expect([rest.peers.length, rest.more]).toEqual([1, []]);
  });
});

describe('attempts', () => {
  it('come from networks and from strangers, the youngest first, with names', async () => {
    const attempt = {
      id: 1,
      path: '198.51.100.7:500',
      outcome: 'failed',
      organisation: null,
      network: null,
      member: null,
    };
    await control.call('attempted', network, {
      ...attempt,
      at: 10,
      reason: 'revoked',
      detail: '',
      identity: 'laptop@corp',
      member: laptop,
    });
    await control.call('attempted', 'strangers-3', {
      ...attempt,
      at: 20,
      reason: 'unknown-identity',
      detail: '',
      identity: 'x@y',
    });
    const { attempts } = (await control.get('/attempts')).body;
    expect(
      attempts.map((each: { at: number; network: string; member: string }) => [each.at, each.network, each.member]),
    ).toEqual([
      [20, null, null],
      [10, 'corp', 'laptop'],
    ]);
    expect((await control.get('/attempts?network=corp')).body.attempts).toHaveLength(1);
  });
});

describe('commands', () => {
  it('reach the connection', async () => {
    await control.call('told', network);
    for (const command of ['rekey-child', 'rekey-ike', 'disconnect']) {
      const { status, body } = await control.post(`/networks/corp/members/laptop/${command}`, undefined);
      expect([status, body]).toEqual([200, { member: 'laptop', command }]);
    }
    expect(await control.call('told', network)).toEqual([
      ['command', laptop, { kind: 'rekey-child' }],
      ['command', laptop, { kind: 'rekey-ike' }],
      ['command', laptop, { kind: 'terminate', reason: 'disconnected by the operator' }],
    ]);
  });

  it('are refused where there is no connection, no member, no such command', async () => {
    const away = await control.post('/networks/corp/members/away/rekey-ike', undefined);
    expect([away.status, away.body.error.code]).toEqual([409, 'not-connected']);
    const nobody = await control.post('/networks/corp/members/nobody/rekey-ike', undefined);
    expect([nobody.status, nobody.body.error.code]).toEqual([404, 'unknown-member']);
    for (const command of ['explode', 'constructor']) {
      const strange = await control.post(`/networks/corp/members/laptop/${command}`, undefined);
      expect([strange.status, strange.body.error.code]).toEqual([404, 'not-found']);
    }
  });
});

describe('an explanation', () => {
  const SEEN = { port: 4500, nat: 'peer', windows: false, software: '', weak: false, cookie: false, fragments: null };
  const attempt = {
    ...{ id: 1, path: '203.0.113.1:4500 - 198.51.100.7:61234', from: '198.51.100.7', outcome: 'failed', detail: '' },
    ...{ organisation: null, network: null, member: null, seen: SEEN },
  };

  it('is made of what the network remembers, and of strangers from the same address that may be the device', async () => {
    const { body } = await control.post('/networks', { name: 'lab', ipv4: '10.9.0.0/16', ipv6: null });
    const { device } = (await control.post('/networks/lab/devices', { name: 'tablet' })).body;
    const path = '/networks/lab/members/tablet/explain';
    expect((await control.get(path)).body).toMatchObject({ member: 'tablet', findings: [] });
    const failed = { ...attempt, at: 10, reason: 'certificate-expired', member: device.id };
    await control.call('attempted', body.network.id, failed);
    const expired = (await control.get(path)).body;
    expect(expired.findings).toMatchObject([{ row: 'certificate-expired', severity: 'failure' }]);
    expect(expired.report).toContain('Its certificate has expired. [certificate-expired]');
    // Somebody else behind the same NAT is not told of.
    const other = { ...attempt, at: 30, reason: 'unknown-identity', identity: 'boss@elsewhere' };
    await control.call('attempted', strangersFrom(Uint8Array.of(198, 51, 100, 7)), other);
    expect((await control.get(path)).body.findings).toMatchObject([{ row: 'certificate-expired' }]);
    const nameless = { ...attempt, at: 40, reason: 'no-auth', identity: '', seen: { ...SEEN, port: 500 } };
    await control.call('attempted', strangersFrom(Uint8Array.of(198, 51, 100, 7)), nameless);
    expect((await control.get(path)).body.findings).toMatchObject([{ row: 'port-4500-blocked' }]);
  });

  it('says what is wrong with the question', async () => {
    expect(await control.get('/networks/lab/members/nobody/explain')).toMatchObject({ status: 404 });
    expect(await control.get('/networks/lab/members/tablet/explain?waiting=long')).toMatchObject({
      status: 400,
      body: { error: { code: 'bad-value' } },
    });
    const { findings } = (await control.get('/networks/lab/members/tablet/explain?waiting=90')).body;
    expect(findings).toMatchObject([{ row: 'nothing-heard' }, { row: 'port-4500-blocked' }]);
  });
});
