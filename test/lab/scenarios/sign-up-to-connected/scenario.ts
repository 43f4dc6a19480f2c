// The whole way of a tenant: an account, a network, a device, its profile by the one-time link, a real client that uses it, a page that turns green.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { CHROMIUM, launch, visitor } from '../../../console/browser.ts';
import { ANNA } from '../../../console/people.ts';
import { expect } from '../../expect.ts';
import type { Lab } from '../../lab.ts';
import type { Host } from '../../namespace.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { StrongSwan } from '../../strongswan.ts';
import { culvert } from '../culvert.ts';

const CONSOLE = 'http://127.0.0.1:8787';
const NETWORK = 'home';

export const scenario: Scenario = {
  description:
    'Somebody signs up in the console, adds a device, and connects with the very file that the link hands out.',
  topology: 'alice - NAT a - internet - gateway; the browser on the gateway itself',
  sees: [
    'sign-up by the first link, a new network, a new device: three forms',
    'the profile comes by the one-time link, and no second time',
    'strongSwan loads it as it is and connects, and the gateway answers ping',
    'the page that has stayed open turns green by itself',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 240,
  run,
};

async function run(lab: Lab, note: (text: string) => void): Promise<void> {
  const alice = await lab.stranger('alice', await lab.nat('nat-a', 'masquerade-random'));
  const browser = await launch(browserIn(lab.gatewayHost));
  try {
    const { page, complaints } = await visitor(browser, { url: CONSOLE });
    await signUp(page, await culvert(lab).firstAccount());
    const began = performance.now();
    const name = await addDevice(page);
    const archive = await fetchProfile(page, alice);
    const daemon = new StrongSwan(alice);
    await alice.run(['tar', '-x', '-f', archive, '-C', daemon.configuration]);
    await daemon.start();
    await daemon.load();
    const result = await daemon.initiate(NETWORK);
    expect(result.status === 0, `${name} could not connect:\n${result.stdout}${result.stderr}`);
    await page.locator('[data-way] li.waiting').first().waitFor({ state: 'detached', timeout: 60_000 });
    note(`from the form to the green page in ${Math.round((performance.now() - began) / 1_000)} s`);
    const [address] = await culvert(lab).addressesIn(NETWORK);
    await expectPing(alice, address!);
    expect(complaints.length === 0, `the pages complained:\n${complaints.join('\n')}`);
  } finally {
    await browser.close();
  }
}

async function signUp(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.locator('input[name=name]').fill(ANNA.name);
  await page.locator('input[name=email]').fill(ANNA.email);
  await page.locator('input[name=password]').fill(ANNA.password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/overview*');
}

async function addDevice(page: Page): Promise<string> {
  await page.goto('/o/default/networks/new');
  await page.locator('input[name=name]').fill(NETWORK);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/devices/new*');
  await page.locator('input[name=system][value=swanctl]').check({ force: true });
  const name = await page.locator('input[name=name]').inputValue();
  await page.locator('input[name=name]').press('Enter');
  await page.getByRole('heading', { name: `Connect ${name}` }).waitFor();
  return name;
}

/** In a second tab, as on the device: the first one stays where it is. @returns the path of the file. */
async function fetchProfile(page: Page, device: Host): Promise<string> {
  const link = await page.locator('a.main-one').getAttribute('href');
  const tab = await page.context().newPage();
  await tab.goto(link!);
  const download = tab.waitForEvent('download');
  await tab.getByRole('link', { name: 'Fetch the file' }).click();
  const path = join(device.directory, 'profile.tar');
  await (await download).saveAs(path);
  await tab.goto(link!);
  const heading = await tab.getByRole('heading').textContent();
  expect(heading === 'This link does not work', `the link hands the profile out again: ${heading}`);
  return path;
}

/** A program that is Chromium in that namespace. */
function browserIn(host: Host): string {
  const path = join(host.directory, 'chromium');
  writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${host.namespace} ${CHROMIUM} "$@"\n`, { mode: 0o700 });
  return path;
}
