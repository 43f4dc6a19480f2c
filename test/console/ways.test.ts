import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserObstacle, launch, visitor } from './browser.ts';
import { type ConsoleGateway, startConsole } from './gateway.ts';
import { ANNA, signIn } from './people.ts';

const LARGEST_FIRST_PAGE = 150_000;

describe.skipIf(browserObstacle())('the ways through the console', () => {
  let gateway: ConsoleGateway;
  let browser: Browser;

  beforeAll(async () => {
    gateway = await startConsole();
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  it('lead from sign-up to a profile by the keyboard alone, and talk to nobody else', async () => {
    const { page, context, complaints } = await visitor(browser, { url: gateway.url });
    const { link } = await gateway.api('GET', '/first-account');
    await page.goto(String(link));
    for (const text of [ANNA.name, ANNA.email, ANNA.password]) {
      await tabUntil(
        () =>
          page.evaluate(
            () =>
              document.activeElement?.matches('input:not([type=hidden])') &&
              !(document.activeElement as HTMLInputElement).value,
          ),
        page,
      );
      await page.keyboard.type(text);
    }
    await page.keyboard.press('Enter');
    await page.waitForURL('**/overview*');

    await tabUntil(
      () => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.name === 'name'),
      page,
    );
    await page.keyboard.press('Enter');
    await page.waitForURL('**/devices/new*');
    expect(await page.getByText('The network is there.').isVisible()).toBe(true);

    await tabUntil(
      () => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.name === 'name'),
      page,
    );
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Connect anna-/ }).waitFor();
    await tabUntil(() => page.evaluate(() => document.activeElement?.matches('a.main-one') ?? false), page);
    const handout = await page.evaluate(() => (document.activeElement as HTMLAnchorElement).href);
    expect(handout.startsWith(`${gateway.url}/p/`)).toBe(true);

    const plain = await visitor(browser, { url: gateway.url, javaScriptEnabled: false });
    await plain.page.goto(handout);
    const download = plain.page.waitForEvent('download');
    await plain.page.getByRole('link', { name: 'Fetch the file' }).click();
    expect((await download).suggestedFilename()).toMatch(/^anna-/);
    await plain.page.goto(handout);
    expect(await plain.page.getByRole('heading').textContent()).toBe('This link does not work');

    await page.reload();
    expect(await page.getByText('Profile fetched').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
    await plain.context.close();
  });

  it('say what is wrong beside its field, and keep what was typed', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    await page.goto('/o/default/sites/new');
    await page.getByLabel('Name', { exact: true }).fill('office');
    await page.getByLabel('What stands behind it').fill('10.1.0.5/16');
    await page.getByRole('button', { name: 'Join the site' }).click();
    const field = page.getByLabel('What stands behind it');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.inputValue()).toBe('10.1.0.5/16');
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('office');
    const described = (await field.getAttribute('aria-describedby'))?.split(' ').at(-1) ?? '';
    expect(await page.locator(`#${described}`).textContent()).toContain('10.1.0.0/16');
    await context.close();
  });

  it('answer two tabs that add the same device: the second one is told, beside the name', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    const other = await context.newPage();
    for (const tab of [page, other]) await tab.goto('/o/default/devices/new');
    for (const tab of [page, other]) {
      await tab.getByLabel('Name', { exact: true }).fill('twice');
      await tab.getByRole('button', { name: 'Add the device' }).click();
    }
    await page.getByRole('heading', { name: 'Connect twice' }).waitFor();
    expect(await other.locator('.wrong, [role=alert]').first().textContent()).toContain("a device 'twice' already");
    expect(await other.getByLabel('Name', { exact: true }).inputValue()).toBe('twice');
    await context.close();
  });

  it('refuse a form that another site sends', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const response = await fetch(`${gateway.url}/o/default/networks/new`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Cookie: cookies, Origin: 'https://evil.example', 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'name=stolen',
    });
    expect(response.status).toBe(422);
    const { networks } = (await gateway.api('GET', '/networks')) as { networks: { name: string }[] };
    expect(networks.map(({ name }) => name)).not.toContain('stolen');
    await context.close();
  });

  it('show nothing of an organisation that one is not part of', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    for (const path of [
      '/o/other/overview',
      '/o/other/devices',
      '/o/default/devices/none',
      '/o/default/overview?network=none',
    ]) {
      expect((await page.goto(path))?.status(), path).toBe(404);
    }
    await context.close();
  });

  it('weigh less than 150 kB compressed on the first page', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    let octets = 0;
    const bodies: Promise<void>[] = [];
    page.on('response', (response) => {
      bodies.push(
        response.body().then(
          (body) => void (octets += gzipSync(body).length),
          () => {},
        ),
      );
    });
    await signIn(page);
    await page.waitForLoadState('networkidle');
    await Promise.all(bodies);
    expect(octets).toBeGreaterThan(5_000);
    expect(octets).toBeLessThan(LARGEST_FIRST_PAGE);
    await context.close();
  });
});

/** @throws when the focus never comes there: nobody could by keyboard. */
async function tabUntil(
  there: () => Promise<boolean | undefined>,
  page: { keyboard: { press(key: string): Promise<void> } },
): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await there()) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('the keyboard does not lead there');
}
