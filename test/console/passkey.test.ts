// The whole ceremony, with an authenticator that Chromium plays.

import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserObstacle, launch, visitor } from './browser.ts';
import { type ConsoleGateway, startConsole } from './gateway.ts';
import { signIn, signUpFirst } from './people.ts';

describe.skipIf(browserObstacle())('a passkey', () => {
  let gateway: ConsoleGateway;
  let browser: Browser;
  /** Passkeys belong to a name, never to an address. */
  let url: string;

  beforeAll(async () => {
    gateway = await startConsole();
    browser = await launch();
    url = gateway.url.replace('127.0.0.1', 'localhost');
    const { page, context } = await visitor(browser, { url });
    await signUpFirst({ ...gateway, url }, page);
    await context.close();
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  it('is added, signs in, and signs in no more when it is removed', async () => {
    const { page, context, complaints } = await visitor(browser, { url });
    const { cdp, authenticatorId } = await authenticator(page);
    await signIn(page);
    await page.goto('/o/default/account');
    expect(await page.getByText('You have none yet.').isVisible()).toBe(true);
    await page.getByLabel('Name of a new one').fill('Key of Anna');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('The passkey is added').waitFor();
    expect(await page.getByRole('rowheader', { name: 'Key of Anna' }).isVisible()).toBe(true);
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }]);

    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL('**/o/default/overview*');

    await page.goto('/o/default/account');
    await page.getByRole('button', { name: 'Remove the passkey Key of Anna' }).click();
    await page.getByText('The passkey is removed').waitFor();
    expect(await page.getByText('You have none yet.').isVisible()).toBe(true);
    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('It did not work').waitFor();
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('that nobody confirms changes nothing, and says so', async () => {
    const { page, context } = await visitor(browser, { url });
    const { cdp, authenticatorId } = await authenticator(page);
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await signIn(page);
    await page.goto('/o/default/account');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('Nothing was done').waitFor();
    await page.reload();
    expect(await page.getByText('You have none yet.').isVisible()).toBe(true);
    await context.close();
  });

  it('of somebody else cannot be removed', async () => {
    const { page, context } = await visitor(browser, { url });
    await signIn(page);
    await page.goto('/o/default/account');
    await gateway.database
      .prepare(
        `INSERT INTO users (id, name, email, email_verified, created_at, updated_at) VALUES ('ben', 'Ben', 'ben@example.com', 1, 1, 1)`,
      )
      .bind()
      .run();
    await gateway.database
      .prepare(
        `INSERT INTO passkeys (id, user_id, public_key, credential_id, counter, device_type, backed_up)
         VALUES ('his', 'ben', 'k', 'c', 0, 'singleDevice', 0)`,
      )
      .bind()
      .run();
    const csrf = await page.locator('input[name=csrf]').first().inputValue();
    const answer = await page.request.post('/o/default/account/passkeys/his/remove', {
      form: { csrf },
      headers: { Origin: url, 'Sec-Fetch-Site': 'same-origin' },
    });
    expect([answer.status(), await answer.text()]).toEqual([422, expect.stringContaining('You have no such passkey.')]);
    const count = await gateway.database
      .prepare('SELECT count(*) AS n FROM passkeys WHERE id = ?')
      .bind('his')
      .first('n');
    expect(count).toBe(1);
    await context.close();
  });

  it('is refused in words where the console is opened by an address', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await authenticator(page);
    await signIn(page);
    await page.goto('/o/default/account');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('open the console by its name').waitFor();
    await context.close();
  });
});

async function authenticator(page: Page): Promise<{ cdp: CDPSession; authenticatorId: string }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  return { cdp, authenticatorId };
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.goto('/sign-in');
}
