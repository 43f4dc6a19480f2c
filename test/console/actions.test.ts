// What is done to members, groups, certificates and webhooks from the pages; and what is said where it fails.

import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AXE, lookForBarriers, RULES } from './barriers.ts';
import { browserObstacle, launch, visitor } from './browser.ts';
import { type ConsoleGateway, startConsole } from './gateway.ts';
import { signIn, signUpFirst } from './people.ts';
import { networkStub, seed } from './seed.ts';

type Listed = { suspendedAt: number | null; name: string; id: string };

describe.skipIf(browserObstacle())('what is done from the pages', () => {
  let gateway: ConsoleGateway;
  let browser: Browser;
  let ids: { network: string; device: string; site: string; webhook: string };

  beforeAll(async () => {
    gateway = await startConsole();
    browser = await launch();
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signUpFirst(gateway, page);
    await context.close();
    ids = await seed(gateway);
    await gateway.api('POST', '/networks/home/devices', { name: 'proven', auth: 'cert' });
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const devices = async () => {
    const { devices: list } = (await gateway.api('GET', '/networks/home/devices')) as { devices: Listed[] };
    return new Map(list.map((each) => [each.name, each]));
  };
  const membersOf = async (group: string) => {
    const { members } = (await gateway.api('GET', `/networks/home/groups/${group}`)) as { members: { name: string }[] };
    return members.map(({ name }) => name);
  };
  const pick = async (page: Page, names: readonly string[], deed: string) => {
    await page.goto('/o/default/devices');
    for (const name of names) await page.getByLabel(`Pick ${name}`).check();
    await page.getByLabel('With the picked').selectOption(deed);
    await page.getByRole('button', { name: 'Go on' }).click();
  };

  it('suspends a device that is connected, which every open page shows, and resumes it', async () => {
    const { page, context, complaints } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    const list = await context.newPage();
    await list.goto('/o/default/devices');
    await list.waitForSelector('body[data-feed-state=live]');
    await page.goto(`/o/default/devices/${ids.device}`);
    await page.getByRole('link', { name: 'Suspend…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await page.getByText('Suspended: it is disconnected').waitFor();
    const heading = page.locator('[data-state-of]');
    expect(await heading.textContent()).toMatch(/Suspended since .*It cannot connect until it is resumed\./);
    expect(await page.getByText('It is suspended.').isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'Disconnect' }).count()).toBe(0);
    await list.bringToFront();
    await list.locator(`[data-row="${ids.device}"]`).getByText('Suspended', { exact: true }).waitFor();
    const stub = await networkStub(gateway, ids.network);
    const coming = { network: ids.network, member: ids.device, name: 'laptop', kind: 'device', prefixes: [] } as const;
    expect(await stub.join({ ...coming, route: 301, report: null })).toBe('suspended');

    await list.goto('/o/default/devices?state=suspended');
    expect(await list.locator('[data-row]').count()).toBe(1);

    await page.bringToFront();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Resumed: it may connect again.').waitFor();
    expect(await heading.textContent()).toContain('It was suspended.');
    expect(await stub.join({ ...coming, route: 302, report: null })).toBe('joined');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('asks on a page of its own without JavaScript, and does nothing by Cancel', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url, javaScriptEnabled: false });
    await signIn(page);
    await page.goto(`/o/default/sites/${ids.site}`);
    await page.getByRole('link', { name: 'Suspend…' }).click();
    await page.getByRole('link', { name: 'Cancel' }).click();
    expect(await page.getByText('Suspended', { exact: true }).count()).toBe(0);
    await page.getByRole('link', { name: 'Suspend…' }).click();
    await page.getByRole('button', { name: 'Suspend' }).click();
    expect(await page.locator('[data-state-of]').textContent()).toContain('Suspended');
    await page.getByRole('button', { name: 'Resume' }).click();
    await context.close();
  });

  it('renews a certificate after a question, and leads to its new profile', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    const { id } = (await devices()).get('proven')!;
    await page.goto(`/o/default/devices/${id}?tab=profiles`);
    const fingerprint = () => page.locator('dd code').first().textContent();
    const before = await fingerprint();
    await page.getByRole('link', { name: 'Renew…' }).click();
    expect(await page.getByRole('dialog').textContent()).toContain('accepted for 14 days more');
    await page.getByRole('dialog').getByRole('button', { name: 'Renew' }).click();
    await page.getByText('Renewed. Bring the new profile').waitFor();
    expect(await fingerprint()).not.toBe(before);
    expect(await page.getByRole('button', { name: 'Make a link' }).isVisible()).toBe(true);
    await context.close();
  });

  it('rotates the authority after telling whom it meets; a wrong number stays, with what is wrong', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    await page.goto('/o/default/settings?tab=authority');
    const days = page.getByLabel('Accept the one before for, days');
    for (const wrong of ['731', 'soon', '']) {
      await days.fill(wrong);
      await page.getByRole('button', { name: 'Rotate…' }).click();
      expect(await days.getAttribute('aria-invalid')).toBe('true');
      expect(await days.inputValue()).toBe(wrong);
    }
    await days.fill('0');
    await page.getByRole('button', { name: 'Rotate…' }).click();
    expect(await page.getByRole('main').textContent()).toContain(
      '1 certificate of the organisation is refused at once',
    );
    await page.getByRole('link', { name: 'Cancel' }).click();
    await days.fill('30');
    await page.getByRole('button', { name: 'Rotate…' }).click();
    expect(await page.getByRole('main').textContent()).toContain('1 certificate in use is accepted until');
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByText('Another authority signs from now on.').waitFor();
    expect(await page.getByRole('heading', { name: 'Accepted for a while' }).count()).toBe(1);
    const { authorities } = (await gateway.api('GET', '/authority')) as { authorities: unknown[] };
    expect(authorities).toHaveLength(2);
    await context.close();
  });

  it('puts members into groups and takes them out, from either page', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    await gateway.api('POST', '/networks/home/groups', { name: 'travelling' });
    await page.goto(`/o/default/devices/${ids.device}`);
    await page.getByLabel('Another group').selectOption('travelling');
    await page.getByRole('button', { name: 'Put it in' }).click();
    await page.getByText('Put into the group.').waitFor();
    expect(await membersOf('travelling')).toEqual(['laptop']);
    await page.getByRole('button', { name: 'Take out of engineers' }).click();
    await page.getByText('Taken out of the group.').waitFor();
    expect(await membersOf('engineers')).toEqual(['build-server']);

    await page.getByRole('link', { name: 'travelling' }).click();
    await page.getByLabel('Devices or sites').fill('ben-pc\nnobody-here');
    await page.getByRole('button', { name: 'Put in' }).click();
    expect(await page.getByRole('main').textContent()).toContain("no device or site 'nobody-here'");
    expect(await page.getByLabel('Devices or sites').inputValue()).toBe('ben-pc\nnobody-here');
    expect(await membersOf('travelling')).toEqual(['laptop']);
    await page.getByLabel('Devices or sites').fill('ben-pc');
    await page.getByRole('button', { name: 'Put in' }).click();
    await page.getByRole('button', { name: 'Take out laptop' }).click();
    await page.getByText('Taken out of the group.').waitFor();
    expect(await membersOf('travelling')).toEqual(['ben-pc']);
    await page.getByLabel('Name').fill('Not A Name');
    await page.getByRole('button', { name: 'Rename' }).click();
    expect(await page.getByLabel('Name').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByLabel('Name').inputValue()).toBe('Not A Name');
    await page.getByLabel('Name').fill('abroad');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('heading', { level: 1, name: 'abroad' }).waitFor();
    await page.getByRole('button', { name: 'Remove the group' }).click();
    await page.getByText('The group is removed.').waitFor();
    await page.goto('/o/default/access/groups/engineers');
    await page.getByRole('button', { name: 'Remove the group' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('is named by rule');
    await context.close();
  });

  it('does one thing to several devices', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    const two = ['ben-pc', 'meeting-room'];
    await pick(page, two, 'suspend');
    await page.getByRole('heading', { name: 'Suspend 2 devices?' }).waitFor();
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByText('Suspended: they are disconnected').waitFor();
    for (const name of two) expect((await devices()).get(name)?.suspendedAt).toEqual(expect.any(Number));
    await pick(page, two, 'resume');
    await page.getByText('Resumed: they may connect again.').waitFor();
    for (const name of two) expect((await devices()).get(name)?.suspendedAt).toBe(null);
    await pick(page, two, 'join');
    await page.getByText('Put into the group.').waitFor();
    expect(await membersOf('engineers')).toEqual(['ben-pc', 'build-server', 'meeting-room']);
    await pick(page, two, 'leave');
    await page.getByText('Taken out of the group.').waitFor();
    expect(await membersOf('engineers')).toEqual(['build-server']);
    await pick(page, [], 'suspend');
    expect(await page.getByRole('heading', { name: 'No device is picked' }).isVisible()).toBe(true);
    await context.close();
  });

  it('comes back to the list as it was filtered, with those ticked for which it failed', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    for (const name of ['zone-1', 'zone-2', 'zone-3'])
      await gateway.api('POST', '/networks/home/devices', { name, auth: 'eap' });
    const where = () => new URL(page.url()).searchParams;
    const choose = async (deed: string) => {
      await page.getByLabel('With the picked').selectOption(deed);
      await page.getByRole('button', { name: 'Go on' }).click();
    };
    const list = '/o/default/devices?q=zone&state=offline&after=zone-1';
    await page.goto(list);
    expect(await page.locator('[data-row]').count()).toBe(2);
    await page.getByLabel('Pick zone-2').check();
    await choose('resume');
    await page.getByText('Resumed: they may connect again.').waitFor();
    expect(Object.fromEntries(where())).toEqual({ q: 'zone', state: 'offline', after: 'zone-1' });
    expect(await page.getByLabel('Pick zone-2').isChecked()).toBe(false);

    for (const name of ['zone-2', 'zone-3']) await page.getByLabel(`Pick ${name}`).check();
    await choose('suspend');
    await page.getByRole('link', { name: 'Cancel' }).click();
    expect(where().get('after')).toBe('zone-1');
    expect(await page.getByLabel('Pick zone-3').isChecked()).toBe(true);

    await gateway.api('POST', '/networks/home/groups', { name: 'short-lived' });
    await page.goto(list);
    for (const name of ['zone-2', 'zone-3']) await page.getByLabel(`Pick ${name}`).check();
    await page.getByLabel('Group', { exact: true }).selectOption('short-lived');
    await gateway.api('DELETE', '/networks/home/groups/short-lived');
    await choose('join');
    await page.getByRole('heading', { name: 'It failed for 2 devices of 2' }).waitFor();
    await page.getByRole('link', { name: 'Leave it' }).click();
    expect(where().get('state')).toBe('offline');
    for (const name of ['zone-2', 'zone-3']) expect(await page.getByLabel(`Pick ${name}`).isChecked()).toBe(true);
    await context.close();
  });

  it('tells of each device for which it failed, and does it to the others', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url, bypassCSP: true, width: 360 });
    await signIn(page);
    await gateway.api('POST', '/networks/home/devices', { name: 'gone-soon', auth: 'eap' });
    await page.goto('/o/default/devices');
    for (const name of ['ben-pc', 'gone-soon']) await page.getByLabel(`Pick ${name}`).check();
    await gateway.api('DELETE', '/networks/home/devices/gone-soon');
    await page.getByLabel('With the picked').selectOption('suspend');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('heading', { name: 'It failed for 1 device of 2' }).waitFor();
    expect(await page.getByText('1 device is suspended.').isVisible()).toBe(true);
    expect(await page.getByRole('row').last().textContent()).toMatch(/^gone-soon.*no device 'gone-soon'/);
    await page.evaluate(AXE);
    expect(await page.evaluate(lookForBarriers, RULES)).toEqual([]);
    expect((await devices()).get('ben-pc')?.suspendedAt).toEqual(expect.any(Number));
    await gateway.api('DELETE', '/networks/home/devices/ben-pc/suspension');
    await context.close();
  });

  it('shows what a webhook was told, and tells it again', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    gateway.internet.status = 503;
    await page.goto('/o/default/settings?tab=webhooks');
    await page.getByRole('button', { name: 'Test https://hooks.example.com/culvert' }).click();
    await page.getByText('A test is on its way.').waitFor();
    const row = page.getByRole('row', { name: /webhook.test/ }).first();
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Look again' }).click();
        return row.textContent();
      })
      .toContain('the server answered 503');
    expect(await row.textContent()).toMatch(/Not taken yet1the server answered 503in \d+ seconds/);
    gateway.internet.status = 204;
    await row.getByRole('button', { name: 'Tell again: webhook.test' }).click();
    await page.getByText('It is told again now.').waitFor();
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Look again' }).click();
        return row.textContent();
      })
      .toContain('Taken1204');
    await context.close();
  });

  it('asks and refuses without barriers in both themes, on a phone and on a desk', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url, bypassCSP: true });
    await signIn(page);
    const look = async (sign: Locator) => {
      await sign.waitFor();
      await page.waitForLoadState();
      await page.evaluate(AXE);
      expect(await page.evaluate(lookForBarriers, RULES)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
    };
    const days = page.getByLabel('Accept the one before for, days');
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [360, 1440]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 740 });
        await page.goto(`/o/default/devices/${ids.device}`);
        await page.getByRole('link', { name: 'Suspend…' }).click();
        await look(page.getByRole('dialog'));
        await page.goto('/o/default/settings?tab=authority');
        await days.fill('soon');
        await page.getByRole('button', { name: 'Rotate…' }).click();
        await look(page.locator('[aria-invalid=true]'));
        await days.fill('0');
        await page.getByRole('button', { name: 'Rotate…' }).click();
        await look(page.getByRole('heading', { name: 'Let another authority sign?' }));
        await pick(page, ['laptop', 'meeting-room'], 'revoke');
        await look(page.getByRole('heading', { name: 'Revoke 2 devices?' }));
        await pick(page, [], 'resume');
        await look(page.getByRole('heading', { name: 'No device is picked' }));
        await page.goto('/o/default/access/groups/engineers');
        await page.getByLabel('Devices or sites').fill('nobody-here');
        await page.getByRole('button', { name: 'Put in' }).click();
        await look(page.locator('[role=alert], [aria-invalid=true]').first());
      }
    }
    await context.close();
  });
});
