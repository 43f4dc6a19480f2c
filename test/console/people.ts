// Who uses the console in the tests: an account made by the page that makes accounts.

import type { Page } from 'playwright-core';
import type { ConsoleGateway } from './gateway.ts';

export const ANNA = { name: 'Anna Example', email: 'anna@example.com', password: 'correct horse battery' };

/** The first account, by the link that the operator has. Ends on the overview. */
export async function signUpFirst(gateway: ConsoleGateway, page: Page): Promise<void> {
  const { link } = await gateway.api('GET', '/first-account');
  await page.goto(String(link));
  await page.getByLabel('Your name').fill(ANNA.name);
  await page.getByLabel('E-mail').fill(ANNA.email);
  await page.getByLabel('Password').fill(ANNA.password);
  await page.getByRole('button', { name: 'Make the account' }).click();
  await page.waitForURL('**/o/default/overview*');
}

export async function signIn(page: Page): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(ANNA.email);
  await page.getByLabel('Password').fill(ANNA.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL('**/o/default/overview*');
}
