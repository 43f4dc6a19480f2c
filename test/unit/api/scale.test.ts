// A hundred thousand devices: what a page costs the database, counted in the rows that it reads.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Control } from '../control.ts';

const SIZES = { small: 100, large: 100_000 } as const;
const NEW = 1_800_000_000_000;

let control: Control;

beforeAll(async () => {
  control = await Control.start();
  await control.post('/networks', { name: 'warm' });
  await control.post('/networks/warm/devices', { name: 'warm', auth: 'cert' });
  for (const [organisation, size] of Object.entries(SIZES)) await fill(organisation, size);
}, 240_000);

afterAll(() => control?.stop());

/** An organisation with one network of so many devices, as many certificates, and as many entries in its audit. */
async function fill(organisation: string, size: number): Promise<void> {
  const rows = (sql: string, ...values: unknown[]) => control.rows(sql, ...values);
  const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)';
  await rows('INSERT INTO organisations (id, label, name, created_at) VALUES (?1, ?1, ?1, 0)', organisation);
  await rows(
    `INSERT INTO networks (id, organisation_id, name, label, ipv4, mtu, dns, domains, legacy, ike_lifetime_seconds, child_lifetime_seconds, created_at)
     VALUES ('net-' || ?1, ?1, 'net', 'net-' || ?1, '10.0.0.0/8', 1400, '[]', '[]', 0, 3600, 3600, 0)`,
    organisation,
  );
  await rows(
    `${numbers} INSERT INTO members (id, organisation_id, network_id, name, kind, auth, created_at)
     SELECT ?2 || '-' || i, ?2, 'net-' || ?2, printf('d%06d', i), 'device', 'cert', 0 FROM n`,
    size,
    organisation,
  );
  await rows(
    `${numbers} INSERT INTO addresses (network_id, family, position, organisation_id, member_id)
     SELECT 'net-' || ?2, 4, i + 1, ?2, ?2 || '-' || i FROM n`,
    size,
    organisation,
  );
  await rows(
    `${numbers} INSERT INTO certificates (fingerprint, organisation_id, member_id, authority_id, certificate, private_key, not_before, not_after, created_at)
     SELECT ?2 || '-' || i, ?2, ?2 || '-' || i, 'root', x'00', x'00', 0, ?3, 0 FROM n`,
    size,
    organisation,
    NEW,
  );
  await rows(
    `${numbers} INSERT INTO audit (organisation_id, at, actor, action, target)
     SELECT ?2, i, 'operator', 'device.add', 'device net/' || printf('d%06d', i) FROM n`,
    size,
    organisation,
  );
}

const PAGES: readonly [what: string, path: string][] = [
  ['the networks', '/api/networks'],
  ['one network', '/api/networks/net'],
  ['the first devices', '/api/networks/net/devices?limit=50'],
  ['the next devices', '/api/networks/net/devices?limit=50&after=d000040'],
  ['devices by the beginning of their name', '/api/networks/net/devices?limit=50&prefix=d00003'],
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

  it('counts them as they come and go', async () => {
    const counts = () => control.rows("SELECT devices, sites FROM networks WHERE id = 'net-large'");
    expect(await counts()).toEqual([{ devices: 100_000, sites: 0 }]);
    await control.rows("UPDATE members SET revoked_at = 1 WHERE id IN ('large-1', 'large-2')");
    await control.rows("UPDATE members SET revoked_at = 2 WHERE id = 'large-1'");
    await control.rows("DELETE FROM members WHERE id IN ('large-2', 'large-3')");
    expect(await counts()).toEqual([{ devices: 99_997, sites: 0 }]);
  });
});
