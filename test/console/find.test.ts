import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserObstacle, launch, visitor } from './browser.ts';
import { type ConsoleGateway, startConsole } from './gateway.ts';
import { AXE, lookForBarriers, RULES } from './barriers.ts';
import { signIn, signUpFirst } from './people.ts';
import { seed } from './seed.ts';

describe.skipIf(browserObstacle())('finding things', () => {
  let gateway: ConsoleGateway;
  let browser: Browser;
  let ids: { device: string };

  beforeAll(async () => {
    gateway = await startConsole();
    browser = await launch();
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signUpFirst(gateway, page);
    await context.close();
    ids = await seed(gateway);
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  it('works by the keyboard from any page, and gives the focus back', async () => {
    const { page, context, complaints } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    await page.goto('/o/default/activity');
    await page.getByRole('link', { name: 'DNS' }).focus();
    await page.keyboard.press('Control+k');
    const box = page.getByRole('combobox');
    await page.getByRole('option', { name: 'Overview' }).waitFor();
    expect(await box.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(
      await page.getByRole('link', { name: 'DNS' }).evaluate((element) => element === document.activeElement),
    ).toBe(true);
    await page.keyboard.press('Meta+k');
    await page.keyboard.type('anna');
    await page.getByText('1 found.').waitFor();
    expect(await page.getByRole('option', { selected: true }).textContent()).toBe('anna-iphoneDevice');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'anna-iphone' }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('tells a screen reader what is chosen, and goes round at the ends', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('add');
    await page.getByRole('option', { name: 'Add a device' }).waitFor();
    await page.getByRole('option', { name: 'Overview' }).waitFor({ state: 'detached' });
    const box = page.getByRole('combobox');
    const chosen = async () =>
      page.locator(`#${await box.getAttribute('aria-activedescendant')}`).getAttribute('aria-selected');
    const at = () => box.getAttribute('aria-activedescendant');
    expect(await at()).toBe('palette-0');
    await page.keyboard.press('ArrowUp');
    const count = await page.getByRole('option').count();
    expect(await at()).toBe(`palette-${count - 1}`);
    expect(await chosen()).toBe('true');
    await page.keyboard.press('ArrowDown');
    expect(await at()).toBe('palette-0');
    expect(await page.getByRole('option', { selected: true }).count()).toBe(1);
    expect(await page.getByRole('dialog').getByRole('status').textContent()).toBe(`${count} found.`);
    await context.close();
  });

  it('leads to what can be done to a device, which asks first', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('suspend lap');
    await page.getByRole('option', { name: 'Suspend laptop…' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Suspend laptop?' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/o/default/devices/${ids.device}/suspend`);
    await context.close();
  });

  it('works on a phone by a button, without barriers in both themes', async () => {
    for (const theme of ['light', 'dark'] as const) {
      const { page, context } = await visitor(browser, { url: gateway.url, width: 360, theme, bypassCSP: true });
      await signIn(page);
      await page.getByRole('link', { name: 'Find' }).click();
      await page.getByRole('combobox').fill('office');
      await page.getByText('1 found.').waitFor();
      await page.evaluate(AXE);
      expect(await page.evaluate(lookForBarriers, RULES)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
      await page.getByRole('option', { name: 'office' }).click();
      await page.getByRole('heading', { name: 'office' }).waitFor();
      await context.close();
    }
  });

  it('says when nothing fits, and when nobody answers', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('zzzz');
    await page.getByText('Nothing fits.').waitFor();
    await page.keyboard.press('Enter');
    await page.route('**/find?*', (route) => route.abort());
    await page.keyboard.type('z');
    await page.getByText('The gateway did not answer').waitFor();
    expect(await page.getByRole('combobox').inputValue()).toBe('zzzzz');
    await context.close();
  });

  it('is a page of its own without JavaScript', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url, javaScriptEnabled: false });
    await signIn(page);
    await page.getByRole('link', { name: 'Find' }).click();
    await page.getByLabel('Beginning of a name').fill('revoke ben');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('link', { name: 'Revoke ben-pc…' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Revoke ben-pc?');
    await page.getByRole('link', { name: 'Cancel' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('ben-pc');
    await context.close();
  });

  it('finds nothing that one may not see or do', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    await gateway.database.prepare('UPDATE people SET role = ?').bind('auditor').run();
    try {
      await page.goto('/o/default/find?q=a');
      const found = await page.locator('[data-found]').textContent();
      expect(found).toContain('anna-iphone');
      expect(found).not.toContain('Add a device');
      await page.goto('/o/default/find?q=revoke%20lap');
      expect(await page.getByText('Nothing fits').isVisible()).toBe(true);
      expect((await page.goto(`/o/default/devices/${ids.device}/revoke`))?.status()).toBe(404);
      await gateway.database.prepare('UPDATE people SET role = ?').bind('member').run();
      expect((await page.goto('/o/default/account'))?.status()).toBe(200);
      expect(await page.getByRole('heading', { name: 'Passkeys' }).isVisible()).toBe(true);
      await page.goto('/o/default/find?q=laptop');
      expect(await page.getByText('Nothing fits').isVisible()).toBe(true);
    } finally {
      await gateway.database.prepare('UPDATE people SET role = ?').bind('owner').run();
    }
    await context.close();
  });
});
