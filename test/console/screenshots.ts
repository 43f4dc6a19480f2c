// npx tsx test/console/screenshots.ts: pictures of the console for the documentation, of a made-up network at work.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch, visitor } from './browser.ts';
import { startConsole } from './gateway.ts';
import { signIn, signUpFirst } from './people.ts';
import { seed } from './seed.ts';

const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));

const PICTURES = [
  { name: 'overview', path: 'overview', width: 1280, theme: 'light' },
  { name: 'overview-dark', path: 'overview', width: 1280, theme: 'dark' },
  { name: 'devices', path: 'devices', width: 1280, theme: 'light' },
  { name: 'access', path: 'access?from=laptop&to=office&port=443', width: 1280, theme: 'dark' },
  { name: 'phone', path: 'devices', width: 360, theme: 'light' },
] as const;

mkdirSync(FOLDER, { recursive: true });
const gateway = await startConsole();
const browser = await launch();
try {
  const first = await visitor(browser, { url: gateway.url });
  await signUpFirst(gateway, first.page);
  await seed(gateway);
  for (const { name, path, width, theme } of PICTURES) {
    const { page, context } = await visitor(browser, { url: gateway.url, width, theme });
    await signIn(page);
    await page.goto(`/o/default/${path}`);
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${FOLDER}${name}.png` });
    await context.close();
  }
} finally {
  await browser.close();
  await gateway.stop();
}
