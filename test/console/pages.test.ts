import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AXE, lookForBarriers, RULES } from './barriers.ts';
import { brokenWords } from './broken-words.ts';
import { browserObstacle, launch, visitor } from './browser.ts';
import { type ConsoleGateway, startConsole } from './gateway.ts';
import { seed } from './seed.ts';
import { signIn, signUpFirst } from './people.ts';

/** DEVICE, SITE and WEBHOOK stand for the ids of one. */
const PAGES = [
  ...[
    'overview',
    'devices',
    'devices?state=offline',
    'devices?q=nobody',
    'devices/new',
    'devices/DEVICE',
    'devices/DEVICE?tab=diagnostics',
  ],
  ...[
    'devices/DEVICE?tab=traffic',
    'devices/DEVICE?tab=profiles',
    'devices/DEVICE?tab=history',
    'sites',
    'sites/new',
    'sites/SITE/connect',
  ],
  ...[
    'access',
    'access?from=laptop&to=office&port=443',
    'people',
    'dns',
    'activity',
    'activity?show=connections',
    'diagnostics?from=192.0.2.9',
  ],
  ...[
    'settings',
    'settings?tab=authority',
    'settings?tab=tokens',
    'settings?tab=webhooks',
    'account',
    'find',
    'find?q=lap',
    'access/groups/engineers',
    'devices/DEVICE/suspend',
    'devices/DEVICE/revoke',
    'settings/webhooks/WEBHOOK',
    'mine',
    'networks/new',
  ],
];

/** Before sign-in. */
const DOORS = ['/sign-in', '/sign-up', '/forgot-password', '/reset-password?token=x', '/invitation/none', '/nothing'];

const HOSTILE = '"><script>window.harmed=1</script>\u202e<img src=x onerror=window.harmed=1>';

describe.skipIf(browserObstacle())('every page', () => {
  let gateway: ConsoleGateway;
  let browser: Browser;
  let ids: { device: string; site: string; webhook: string };

  const pathOf = (page: string) =>
    `/o/default/${page.replace('DEVICE', ids.device).replace('SITE', ids.site).replace('WEBHOOK', ids.webhook)}`;

  beforeAll(async () => {
    gateway = await startConsole();
    browser = await launch();
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signUpFirst(gateway, page);
    await context.close();
    ids = await seed(gateway, HOSTILE);
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  for (const theme of ['light', 'dark'] as const) {
    for (const width of [360, 1440]) {
      it(`is without barriers in the ${theme} theme, ${width} px wide`, async () => {
        const { page, context } = await visitor(browser, { url: gateway.url, theme, width, bypassCSP: true });
        const barriers: string[] = [];
        const look = async (path: string) => {
          await page.goto(path);
          await page.evaluate(AXE);
          barriers.push(...(await page.evaluate(lookForBarriers, RULES)).map((each) => `${path}: ${each}`));
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          if (overflow > 0) barriers.push(`${path}: ${overflow} px wider than the screen`);
        };
        for (const path of DOORS) await look(path);
        await signIn(page);
        for (const each of PAGES) await look(pathOf(each));
        expect(barriers).toEqual([]);
        await context.close();
      });
    }
  }

  // The narrowest screen on which two cards stand side by side, and the narrowest of all.
  for (const width of [1120, 360]) {
    it(`breaks no word, ${width} px wide`, async () => {
      const { page, context } = await visitor(browser, { url: gateway.url, width });
      await signIn(page);
      const broken: string[] = [];
      for (const each of PAGES) {
        await page.goto(pathOf(each));
        const words = (await page.evaluate(brokenWords)).filter((word) => !HOSTILE.includes(word.split(' ')[0]!));
        broken.push(...words.map((word) => `${each}: ${word}`));
      }
      expect(broken).toEqual([]);
      await context.close();
    });
  }

  it('shows hostile names as text, and keeps to its policy', async () => {
    const { page, context, complaints } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    for (const each of PAGES) {
      expect((await page.goto(pathOf(each)))?.status(), each).toBe(200);
      expect(await page.evaluate(() => 'harmed' in window), each).toBe(false);
      expect(await page.locator('img').count(), each).toBe(0);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('hand a profile out within the width of a phone, with a code that is no taller than wide', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url, width: 360 });
    await signIn(page);
    await page.goto('/o/default/devices/new');
    await page.getByLabel(/^Linux desktop/).check();
    await page.getByLabel('Name', { exact: true }).fill('handed-out');
    await page.getByRole('button', { name: 'Add the device' }).click();
    await page.getByRole('heading', { name: 'Connect handed-out' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
    const card = (await page.locator('.handout').boundingBox())!;
    for (const part of ['.handout .steps', '.handout .button.main-one', '.handout [data-link]']) {
      const box = (await page.locator(part).boundingBox())!;
      expect(box.x + box.width, part).toBeLessThanOrEqual(card.x + card.width);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    const code = (await page.locator('.handout .qr').boundingBox())!;
    expect(Math.abs(code.height - code.width)).toBeLessThan(12);
    await context.close();
  });

  it('says what applies otherwise in lines of a readable width on a phone', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url, width: 360 });
    await signIn(page);
    await page.goto('/o/default/access');
    const said = (await page.getByText(/^Otherwise: /).boundingBox())!;
    expect(said.width).toBeGreaterThan(150);
    await context.close();
  });

  it('works without JavaScript', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url, javaScriptEnabled: false });
    await signIn(page);
    await page.goto('/o/default/devices/new');
    await page.getByLabel('Name', { exact: true }).fill('by-hand');
    await page.getByRole('button', { name: 'Add the device' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Connect by-hand');
    await page.goto('/o/default/devices?q=by-h');
    await page.getByLabel('Pick by-hand').check();
    await page.getByLabel('With the picked').selectOption('revoke');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    expect(await page.getByText('Revoked: they are cut off').isVisible()).toBe(true);
    await context.close();
  });
});
