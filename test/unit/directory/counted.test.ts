// What is counted as members come and go: the same as counting anew, also for what was there before it was counted.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations } from '../../../worker/directory/migrate.ts';
import { Control } from '../control.ts';

const COUNTED = '0007_counted.sql';
const NETWORK = '/networks/corp';

const GROUPS = [
  'SELECT g.name, g.members FROM groups g ORDER BY g.name',
  `SELECT g.name, (SELECT count(*) FROM group_members gm JOIN members m ON m.id = gm.member_id
     WHERE gm.group_id = g.id AND m.revoked_at IS NULL) AS members FROM groups g ORDER BY g.name`,
];

const COHORTS = [
  'SELECT network_id, cohort, devices FROM cohorts ORDER BY network_id, cohort',
  `SELECT network_id, cohort, count(*) AS devices FROM (SELECT m.network_id, (SELECT json_group_array(group_id)
     FROM (SELECT group_id FROM group_members gm WHERE gm.member_id = m.id ORDER BY group_id)) AS cohort
     FROM members m WHERE m.revoked_at IS NULL AND m.kind = 'device') GROUP BY network_id, cohort ORDER BY network_id, cohort`,
];

/** By which a page of a group is read. */
const NAMES = [
  'SELECT group_id, member_id, name FROM group_members ORDER BY group_id, member_id',
  `SELECT gm.group_id, gm.member_id, m.name FROM group_members gm
     LEFT JOIN members m ON m.id = gm.member_id AND m.revoked_at IS NULL ORDER BY gm.group_id, gm.member_id`,
];

/** Below the highest that is taken. */
const FREE = [
  `SELECT f.position FROM free_positions f WHERE f.family = 4 AND f.position < (SELECT max(a.position) FROM addresses a WHERE a.family = 4) ORDER BY 1`,
  `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < (SELECT max(position) FROM addresses WHERE family = 4))
     SELECT i AS position FROM n WHERE NOT EXISTS (SELECT 1 FROM addresses WHERE family = 4 AND position = i) ORDER BY 1`,
];

async function expectCounted(control: Control): Promise<void> {
  for (const [kept, anew] of [GROUPS, NAMES, COHORTS, FREE]) {
    const expected = await control.rows(anew!);
    expect(await control.rows(kept!)).toEqual(expected);
  }
}

async function add(control: Control, name: string): Promise<string> {
  const { status, body } = await control.post(`${NETWORK}/devices`, { name, auth: 'eap' });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body.device.addresses[0];
}

describe('what is counted', () => {
  let control: Control;

  beforeAll(async () => {
    control = await Control.start();
    await control.post('/networks', { name: 'corp', ipv4: '10.0.0.0/24' });
  });

  afterAll(() => control?.stop());

  it('is right whoever enters, leaves, is revoked or removed', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await add(control, name);
    await control.post(`${NETWORK}/sites`, { name: 'office', prefixes: ['10.9.0.0/16'], auth: 'psk' });
    for (const name of ['red', 'blue']) await control.post(`${NETWORK}/groups`, { name });
    await control.post(`${NETWORK}/groups/red/members`, { members: ['a', 'b', 'office'] });
    await control.post(`${NETWORK}/groups/blue/members`, { members: ['b', 'c'] });
    await expectCounted(control);
    expect(await control.rows(GROUPS[0]!)).toEqual([
      { name: 'blue', members: 2 },
      { name: 'red', members: 3 },
    ]);
    await control.delete(`${NETWORK}/devices/b`);
    await expectCounted(control);
    await control.post(`${NETWORK}/groups/red/members`, { members: ['a'] });
    await control.delete(`${NETWORK}/groups/red/members/a`);
    await expectCounted(control);
    await control.rows("DELETE FROM members WHERE name IN ('c', 'b')");
    await expectCounted(control);
    await control.delete(`${NETWORK}/groups/blue`);
    await expectCounted(control);
    expect(await control.rows(COHORTS[0]!)).toMatchObject([{ cohort: '[]', devices: 2 }]);
  });

  it('the lowest free address is given, and the next one when none is free below', async () => {
    expect(await add(control, 'e')).toBe('10.0.0.3');
    expect(await add(control, 'f')).toBe('10.0.0.4');
    expect(await add(control, 'g')).toBe('10.0.0.6');
    await expectCounted(control);
    await control.delete(`${NETWORK}/devices/e`);
    expect(await add(control, 'h')).toBe('10.0.0.7');
    await control.rows('UPDATE addresses SET released_at = 1 WHERE released_at IS NOT NULL');
    expect(await add(control, 'i')).toBe('10.0.0.3');
    await expectCounted(control);
  });

  it('goes with the network', async () => {
    const { results } = await (await control.database()).prepare('SELECT id FROM networks').all();
    await control.rows('DELETE FROM networks WHERE id = ?', (results[0] as { id: string }).id);
    for (const table of ['groups', 'cohorts', 'free_positions', 'members', 'certificates'])
      expect(await control.rows(`SELECT * FROM ${table}`)).toEqual([]);
  });
});

it('what was there before is counted by the migration', async () => {
  const control = await Control.start({ migrated: false });
  try {
    for (const { name, statements } of migrations()) {
      if (name >= COUNTED) break;
      for (const sql of statements) await control.rows(sql);
    }
    await control.rows(
      `INSERT INTO networks (id, organisation_id, name, label, ipv4, mtu, dns, domains, legacy, ike_lifetime_seconds, child_lifetime_seconds, created_at)
       VALUES ('n', 'default', 'corp', 'corp', '10.0.0.0/24', 1400, '[]', '[]', 0, 3600, 3600, 0)`,
    );
    await control.rows(
      `WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 8)
       INSERT INTO members (id, organisation_id, network_id, name, kind, auth, created_at, revoked_at)
       SELECT 'm' || i, 'default', 'n', 'm' || i, iif(i = 8, 'site', 'device'), 'eap', 0, iif(i = 7, 1, NULL) FROM i`,
    );
    await control.rows(
      "INSERT INTO groups (id, organisation_id, network_id, name, created_at) VALUES ('r', 'default', 'n', 'red', 0), ('b', 'default', 'n', 'blue', 0)",
    );
    await control.rows(
      `INSERT INTO group_members (group_id, member_id, organisation_id, network_id, created_at)
       SELECT g.id, m.id, 'default', 'n', 0 FROM groups g JOIN members m WHERE m.id IN ('m1', 'm7', 'm8') OR (g.id = 'r' AND m.id = 'm2')`,
    );
    await control.rows(
      `INSERT INTO addresses (network_id, family, position, organisation_id, member_id)
       VALUES ('n', 4, 4, 'default', 'm1'), ('n', 4, 5, 'default', 'm2'), ('n', 4, 9, 'default', 'm3')`,
    );
    for (const { name, statements } of migrations())
      if (name >= COUNTED) for (const sql of statements) await control.rows(sql);
    await expectCounted(control);
    expect(await control.rows(FREE[0]!)).toEqual([2, 3, 6, 7, 8].map((position) => ({ position })));
  } finally {
    await control.stop();
  }
}, 60_000);
