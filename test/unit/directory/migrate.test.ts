// Migrations: applied once, whole, and in the ledger that wrangler keeps.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, migrations } from '../../../worker/directory/migrate.ts';
import { Control } from '../control.ts';

let control: Control;

beforeAll(async () => {
  control = await Control.start({ migrated: false });
});

afterAll(() => control?.stop());

/** Tables of the deployment as a whole: a user may belong to several organisations. */
const OF_NO_TENANT = [
  ...['organisations', 'gateway_credentials', 'rate_limits'],
  ...['users', 'sessions', 'accounts', 'verifications', 'passkeys'],
];

describe('migrations', () => {
  it('are applied once', async () => {
    const names = migrations().map(({ name }) => name);
    expect(names[0]).toBe('0001_directory.sql');
    expect(await migrate(await control.database())).toEqual(names);
    expect(await migrate(await control.database())).toEqual([]);
    const ledger = await control.rows('SELECT name FROM d1_migrations ORDER BY id');
    expect(ledger.map(({ name }) => name)).toEqual(names);
  });

  it('leave the default organisation and every row to an organisation', async () => {
    expect(await control.rows('SELECT id, name FROM organisations')).toEqual([{ id: 'default', name: 'default' }]);
    const tables = await control.rows(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_*' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'd1_*'",
    );
    for (const { name } of tables) {
      if (OF_NO_TENANT.includes(name as string)) continue;
      const columns = await control.rows('SELECT name FROM pragma_table_info(?)', name);
      expect(columns.map((column) => column.name)).toContain('organisation_id');
    }
  });
});
