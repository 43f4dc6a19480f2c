// A hundred thousand devices: what a page costs the database, counted in the rows that it reads.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Control } from '../control.ts';
import { startCrowded } from './crowd.ts';

let control: Control;

beforeAll(async () => {
  control = await startCrowded();
}, 240_000);

afterAll(() => control?.stop());

const PAGES: readonly [what: string, path: string][] = [
  ['the networks', '/api/networks'],
  ['one network', '/api/networks/net'],
  ['the first devices', '/api/networks/net/devices?limit=50'],
  ['the next devices', '/api/networks/net/devices?limit=50&after=d000040'],
  ['devices by the beginning of their name', '/api/networks/net/devices?limit=50&prefix=d00003'],
  ['a name behind all others', '/api/networks/net/devices?limit=50&prefix=zebra'],
  ['the sites', '/api/networks/net/sites'],
  ['one device', '/api/networks/net/devices/d000050'],
  ['links of a device', '/api/networks/net/members/d000050/links'],
  ['the groups', '/api/networks/net/groups'],
  ['the policy', '/api/networks/net/policy'],
  ['the activity', '/api/activity'],
  ['the activity of a device', '/api/activity?target=device%20net/d000050'],
  ['the people', '/api/people'],
  ['the metrics', '/api/metrics'],
  ['who is connected', '/api/status'],
  ['own devices', '/api/mine'],
];

describe('in an organisation with a hundred thousand devices', () => {
  for (const [what, path] of PAGES) {
    it(`${what} cost at most twice what they cost among a hundred`, async () => {
      const small = await control.call('cost', 'small', path);
      const large = await control.call('cost', 'large', path);
      expect([small.status, large.status]).toEqual([200, 200]);
      expect(small.rows).toBeGreaterThan(0);
      expect([path, large.rows, small.rows]).toEqual([
        path,
        expect.toSatisfy((rows) => rows <= 2 * small.rows),
        small.rows,
      ]);
    });
  }

  it('an address among all is found as one among few', async () => {
    for (const address of ['10.0.0.51', '10.0.0.90']) {
      const body = { from: 'd000050', to: address, protocol: 'tcp', port: 22 };
      expect(await ratio('/api/networks/net/policy/ask', 'POST', body)).toBeLessThanOrEqual(2);
    }
  });

  it('what a policy would change is told by groups, not by devices', async () => {
    const rule = (source: object) => ({ source, target: { kind: 'everyone' }, services: ['any'], action: 'deny' });
    const rules = [rule({ kind: 'group', name: 'half' }), rule({ kind: 'device', name: 'd000001' })];
    const body = { version: 0, default: 'allow', rules };
    expect(await ratio('/api/networks/net/policy/dry-run', 'POST', body)).toBeLessThanOrEqual(2);
  });

  it('a device is enrolled and revoked at the cost of one', async () => {
    const devices = '/api/networks/net/devices';
    for (const auth of ['eap', 'cert']) {
      expect(await ratio(devices, 'POST', { name: `new-${auth}`, auth })).toBeLessThanOrEqual(2);
      expect(await ratio(`${devices}/new-${auth}`, 'DELETE')).toBeLessThanOrEqual(2);
    }
  });

  it('a device enters a group at the cost of one', async () => {
    const members = '/api/networks/net/groups/half/members';
    expect(await ratio(members, 'POST', { members: ['d000090'] })).toBeLessThanOrEqual(2);
    expect(await ratio(`${members}/d000090`, 'DELETE')).toBeLessThanOrEqual(2);
  });

  it('counts them as they come and go', async () => {
    const counts = () => control.rows("SELECT devices, sites FROM networks WHERE id = 'net-large'");
    expect(await counts()).toEqual([{ devices: 100_000, sites: 0 }]);
    await control.rows("UPDATE members SET revoked_at = 1 WHERE id IN ('large-1', 'large-2')");
    await control.rows("UPDATE members SET revoked_at = 2 WHERE id = 'large-1'");
    await control.rows("DELETE FROM members WHERE id IN ('large-2', 'large-3')");
    expect(await counts()).toEqual([{ devices: 99_997, sites: 0 }]);
  });
});

/** Rows read among many for each that is read among few. @throws for what is refused. */
async function ratio(path: string, method: string, body?: object): Promise<number> {
  const [small, large] = [
    await control.call('cost', 'small', path, method, body),
    await control.call('cost', 'large', path, method, body),
  ];
  for (const { status, text } of [small, large]) if (status >= 300) throw new Error(`${path}: ${text}`);
  return large.rows / small.rows;
}
