// Debian's Chromium, told to talk to nobody but the gateway under test.

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

/** Why the browser tests cannot run here; null when they can. */
export function browserObstacle(): string | null {
  return existsSync(CHROMIUM) ? null : `there is no ${CHROMIUM}: sudo npm run setup:lab installs it.`;
}

/** @param executablePath of Chromium, or of what starts it somewhere else. */
export function launch(executablePath = CHROMIUM): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...[
        '--disable-component-update',
        '--disable-sync',
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
      ],
    ],
  });
}

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the pages did that they should not: errors, broken policies, requests to others. */
  readonly complaints: string[];
}

interface VisitorOptions {
  readonly url: string;
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
  /** Only for what looks at the page from within, such as axe. */
  readonly bypassCSP?: boolean;
  readonly javaScriptEnabled?: boolean;
}

export async function visitor(browser: Browser, options: VisitorOptions): Promise<Visitor> {
  const { url, width = 1440, theme = 'light', bypassCSP = false, javaScriptEnabled = true } = options;
  const context = await browser.newContext({
    ...{ baseURL: url, bypassCSP, javaScriptEnabled, colorScheme: theme, locale: 'en-GB', timezoneId: 'UTC' },
    viewport: { width, height: width < 500 ? 740 : 900 },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (4|5)\d\d|WebSocket/.test(message.text()))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(`${url}/`) && !asked.startsWith('data:')) complaints.push(`request to ${asked}`);
  });
  return { context, page, complaints };
}
