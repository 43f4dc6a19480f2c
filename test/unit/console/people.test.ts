// People in the console: nobody's role changes and nobody is removed by one press of a button.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstOwner, joined } from '../account/organisation.ts';
import type { Browser } from '../browser.ts';
import { Control } from '../control.ts';

let control: Control;
let owner: Browser;

beforeAll(async () => {
  control = await Control.start();
  owner = await firstOwner(control);
  await joined(control, owner, 'bob@example.com', 'member');
});

afterAll(() => control?.stop());

async function bob(): Promise<{ id: string; role: string } | undefined> {
  const [row] = await control.rows(
    "SELECT u.id, p.role FROM people p JOIN users u ON u.id = p.user_id WHERE u.email = 'bob@example.com'",
  );
  return row as { id: string; role: string } | undefined;
}

/** Presses the button of the form on the page. */
async function press(id: string, fields: Record<string, string>) {
  const page = (await owner.get('/o/default/people')).body as string;
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)![1]!;
  const answer = await fetch(`${control.url}/o/default/people/${id}/role`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Cookie: owner.cookie, Origin: control.url, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrf, ...fields }),
  });
  return { status: answer.status, text: await answer.text(), to: answer.headers.get('location') };
}

describe('people', () => {
  it('have another role when it was asked for twice', async () => {
    const { id } = (await bob())!;
    const asked = await press(id, { role: 'auditor' });
    expect([asked.status, (await bob())!.role]).toEqual([200, 'member']);
    expect(asked.text).toContain('Make member auditor?');
    expect(asked.text).toContain('bob@example.com');
    const sure = await press(id, { role: 'auditor', sure: 'yes' });
    expect([sure.status, (await bob())!.role]).toEqual([303, 'auditor']);
    expect(sure.to).toContain('note=role-changed');
  });

  it('are asked nothing where nothing changes', async () => {
    const { id, role } = (await bob())!;
    expect((await press(id, { role })).status).toBe(303);
  });

  it('are told of when it is oneself', async () => {
    const [row] = await control.rows("SELECT id FROM users WHERE email = 'owner@example.com'");
    expect((await press(row!.id as string, { role: 'remove' })).text).toContain('This is you');
  });

  it('are removed when it was asked for twice', async () => {
    const { id } = (await bob())!;
    const asked = await press(id, { role: 'remove' });
    expect([asked.status, await bob()]).toMatchObject([200, { id }]);
    expect(asked.text).toContain('Their devices stay');
    expect((await press(id, { role: 'remove', sure: 'yes' })).status).toBe(303);
    expect(await bob()).toBeUndefined();
    expect((await press(id, { role: 'remove' })).text).toContain('There is nobody with this id');
  });
});
