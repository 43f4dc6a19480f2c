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
  ['a device by its address', 'devices?q=10.0.0.51'],
  ['devices that are offline', 'devices?state=offline'],
  ['devices that are online', 'devices?state=online'],
  ['devices whose certificate ends soon', 'devices?state=ending'],
  ['one device', 'devices/ORGANISATION-50'],
  ['the form for a new device', 'devices/new'],
  ['the sites', 'sites'],
  ['the form for a new site', 'sites/new'],
  ['the people', 'people'],
  ['the access', 'access'],
  ['the DNS', 'dns'],
  ['the activity', 'activity'],
  ['the connections', 'activity?show=connections'],
  ['the diagnostics', 'diagnostics'],
  ['the diagnostics of an address', 'diagnostics?from=198.51.100.7'],
  ['the settings of the account', 'settings?tab=account'],
  ['the settings', 'settings'],
  ['what a device carried', 'devices/ORGANISATION-50?tab=traffic'],
  ['what became of a device', 'devices/ORGANISATION-50?tab=history'],
  ['my devices', 'mine'],
];

describe('with a hundred thousand devices', () => {
  for (const [what, path] of PAGES) {
    it(`${what} cost at most twice what they cost among a hundred`, async () => {
      const [small, large] = [await cost('small', path), await cost('large', path)];
      expect([small.status, large.status]).toEqual([200, 200]);
      expect(small.rows).toBeGreaterThan(0);
      const within = (bound: number) => expect.toSatisfy((count: number) => count <= bound, `at most ${bound}`);
      expect(large).toMatchObject({ rows: within(2 * small.rows), results: within(2 * small.results) });
      expect(large.characters).toBeLessThanOrEqual(2 * small.characters);
    });
  }
});

async function cost(
  organisation: string,
  path: string,
): Promise<{ status: number; rows: number; results: number; characters: number }> {
  const url = `${control.url}/o/${organisation}/${path.replace('ORGANISATION', organisation)}`;
  const { text: _, ...counted } = await control.call('pageCost', url, owner.cookie);
  return counted;
}
