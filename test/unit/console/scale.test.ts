// A hundred thousand devices: what each page of the console costs, counted in rows that the database reads and in what is sent.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstOwner } from '../account/organisation.ts';
import { startCrowded, SIZES } from '../api/crowd.ts';
import type { Browser } from '../browser.ts';
import type { Control } from '../control.ts';

let control: Control;
let owner: Browser;

beforeAll(async () => {
  control = await startCrowded();
  owner = await firstOwner(control);
  for (const organisation of Object.keys(SIZES)) {
    await control.rows(
      "INSERT INTO people (organisation_id, user_id, role, created_at) SELECT ?, id, 'owner', 1 FROM users",
      organisation,
    );
  }
}, 240_000);

afterAll(() => control?.stop());

/** A device of each organisation is called `ORGANISATION-50`. */
const PAGES: readonly [what: string, path: string][] = [
  ['the overview', 'overview'],
  ['the devices', 'devices'],
  ['the next devices', 'devices?after=d000040'],
  ['devices by the beginning of their name', 'devices?q=d00003'],
  ['a device by its name', 'devices?q=d000050'],
  ['a name behind all others', 'devices?q=zebra'],
  ['a device by its address', 'devices?q=10.0.0.51'],
  ['devices that are offline', 'devices?state=offline'],
  ['devices that are online', 'devices?state=online'],
  ['devices whose certificate ends soon', 'devices?state=ending'],
  ['all that begins so', 'find?q=d'],
  ['what nothing begins with', 'find?q=zebra'],
  ['what can be done to a device', 'find?q=suspend%20d'],
  ['one device', 'devices/ORGANISATION-50'],
  ['what keeps a device out', 'devices/ORGANISATION-50?tab=diagnostics'],
  ['the profiles of a device', 'devices/ORGANISATION-50?tab=profiles'],
  ['the form for a new device', 'devices/new'],
  ['the sites', 'sites'],
  ['the form for a new site', 'sites/new'],
  ['the people', 'people'],
  ['the access', 'access'],
  ['whether one reaches the other', 'access?from=d000050&to=10.0.0.90&port=22'],
  ['a group of all', 'access/groups/all'],
  ['the next of a group', 'access/groups/half?after=d000020'],
  ['the DNS', 'dns'],
  ['the activity', 'activity'],
  ['the connections', 'activity?show=connections'],
  ['the diagnostics', 'diagnostics'],
  ['the diagnostics of an address', 'diagnostics?from=198.51.100.7'],
  ['the account', 'account'],
  ['the settings', 'settings'],
  ['the certificate authority', 'settings?tab=authority'],
  ['the tokens', 'settings?tab=tokens'],
  ['the webhooks', 'settings?tab=webhooks'],
  ['what a device carried', 'devices/ORGANISATION-50?tab=traffic'],
  ['what became of a device', 'devices/ORGANISATION-50?tab=history'],
  ['my devices', 'mine'],
];

/** Sent from a page, in this order; the session's own token goes with each. */
const FORMS: readonly [what: string, path: string, status: number, form: Readonly<Record<string, string>>][] = [
  ['a new device with a certificate', 'devices/new', 200, { name: 'new-cert', auth: 'cert', mine: 'yes' }],
  ['a new device with a password', 'devices/new', 200, { name: 'new-eap', auth: 'eap' }],
  ['a rule that is tried', 'access/try', 200, { source: 'group/half', target: 'device/d000050', action: 'deny' }],
  ['a default that is tried', 'access/try', 200, { default: 'deny' }],
  ['a new group', 'access/groups', 303, { name: 'some' }],
  ['a device that enters a group', 'devices/ORGANISATION-90/groups/join', 303, { group: 'some' }],
  ['a device that is suspended', 'devices/ORGANISATION-90/suspend', 303, { sure: 'yes' }],
  ['a device that is revoked', 'devices/ORGANISATION-90/revoke', 303, { sure: 'yes' }],
];

describe('with a hundred thousand devices', () => {
  for (const [what, path] of PAGES) {
    it(`${what} cost at most twice what they cost among a hundred`, async () => {
      await comparePages(path, 200);
    });
  }

  for (const [what, path, status, form] of FORMS) {
    it(`${what} costs at most twice what it costs among a hundred`, async () => {
      const { text } = await cost('small', 'devices/new');
      const csrf = /name="csrf" value="([^"]+)"/.exec(text)![1]!;
      await comparePages(path, status, { ...form, csrf });
    });
  }

  it('did what the forms said, in both', async () => {
    for (const organisation of Object.keys(SIZES)) {
      const rows = await control.rows(
        `SELECT name, (SELECT position FROM addresses a WHERE a.member_id = m.id AND a.released_at IS NULL) AS position,
           suspended_at IS NOT NULL AS suspended, revoked_at IS NOT NULL AS revoked
         FROM members m WHERE organisation_id = ? AND name IN ('new-cert', 'new-eap', 'd000090') ORDER BY name`,
        organisation,
      );
      const highest = SIZES[organisation as keyof typeof SIZES] + 1;
      expect(rows).toEqual([
        { name: 'd000090', position: null, suspended: 1, revoked: 1 },
        { name: 'new-cert', position: highest + 1, suspended: 0, revoked: 0 },
        { name: 'new-eap', position: highest + 2, suspended: 0, revoked: 0 },
      ]);
    }
  });
});

interface Cost {
  readonly status: number;
  readonly rows: number;
  readonly results: number;
  readonly characters: number;
  readonly text: string;
}

async function comparePages(path: string, status: number, form?: Readonly<Record<string, string>>): Promise<void> {
  const [small, large] = [await cost('small', path, form), await cost('large', path, form)];
  expect([small.status, large.status]).toEqual([status, status]);
  expect(small.rows).toBeGreaterThan(0);
  const within = (bound: number) => expect.toSatisfy((count: number) => count <= bound, `at most ${bound}`);
  const { text: _, ...counted } = large;
  expect(counted).toMatchObject({
    rows: within(2 * small.rows),
    results: within(2 * small.results),
    characters: within(2 * small.characters),
  });
}

function cost(organisation: string, path: string, form?: Readonly<Record<string, string>>): Promise<Cost> {
  const url = `${control.url}/o/${organisation}/${path.replace('ORGANISATION', organisation)}`;
  return control.call('pageCost', url, owner.cookie, form);
}
