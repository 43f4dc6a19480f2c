import type { Browser, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserObstacle, launch, visitor } from './browser.ts';
import { type ConsoleGateway, startConsole } from './gateway.ts';
import { signIn, signUpFirst } from './people.ts';
import { parseAddress } from '../../src/wire/prefix.ts';
import { strangersFrom } from '../../worker/edge/strangers.ts';
import { networkStub } from './seed.ts';

describe.skipIf(browserObstacle())('the live feed', () => {
  let gateway: ConsoleGateway;
  let browser: Browser;
  let network: string;
  let device: string;

  beforeAll(async () => {
    gateway = await startConsole();
    browser = await launch();
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signUpFirst(gateway, page);
    await context.close();
    network = ((await gateway.api('POST', '/networks', { name: 'home' })) as { network: { id: string } }).network.id;
    const added = (await gateway.api('POST', '/networks/home/devices', { name: 'laptop', auth: 'eap' })) as {
      device: { id: string };
    };
    device = added.device.id;
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const join = async (route: number) => {
    const stub = await networkStub(gateway, network);
    await stub.join({ network, member: device, name: 'laptop', kind: 'device', route, prefixes: [], report: null });
  };
  const leave = async (route: number) =>
    (await networkStub(gateway, network)).leave({ member: device, route, reason: 'deleted by the peer' });

  it('turns a page green when its device connects, and back when it goes, in every tab', async () => {
    const { page, context, complaints } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    const list = await context.newPage();
    await page.goto(`/o/default/devices/${device}`);
    await list.goto('/o/default/devices');
    for (const tab of [page, list]) await tab.waitForSelector('body[data-feed-state=live]');
    const state = page.locator('[data-state-of] .status').first();
    expect(await state.textContent()).toContain('Never connected');
    await join(201);
    await page.getByText('Online', { exact: true }).first().waitFor();
    await list.bringToFront();
    await list.locator(`[data-row="${device}"]`).getByText('Online', { exact: true }).waitFor();
    await leave(201);
    await list.locator(`[data-row="${device}"]`).getByText('Offline', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('ticks the first packet of a device that has not said yet who it is, when it comes from where the page is looked at', async () => {
    const here = '198.51.100.7';
    const { page, context } = await visitor(browser, { url: gateway.url });
    await context.setExtraHTTPHeaders({ 'CF-Connecting-IP': here });
    await signIn(page);
    const { device: tablet } = (await gateway.api('POST', '/networks/home/devices', {
      ...{ name: 'tablet', auth: 'eap' },
    })) as { device: { id: string } };
    await page.goto(`/o/default/devices/${tablet.id}`);
    const way = page.locator('[data-way]');
    const waiting = way.getByText('Waiting for its first packet');
    expect(await waiting.isVisible()).toBe(true);
    const knock = async (from: string, more: object = {}) => {
      const ring = await networkStub(gateway, strangersFrom(parseAddress(from)!));
      await ring.attempted({
        ...{ at: Date.now(), path: `192.0.2.1:500 - ${from}:500`, from, outcome: 'begun', reason: null, detail: '' },
        ...{ identity: '', organisation: null, network: null, member: null, notify: null, seen: {}, ...more },
      });
    };
    const drawn = () => page.waitForResponse((response) => new URL(response.url()).pathname.endsWith('/way'));
    await knock('203.0.113.99');
    await knock(here, { identity: 'boss@elsewhere', outcome: 'failed', reason: 'unknown-identity' });
    await knock(here, { at: Date.now() - 3_600_000 });
    await drawn();
    expect(await waiting.isVisible()).toBe(true);
    await knock(here);
    await way.getByText(`First packet reached us from ${here}`).waitFor();
    const stub = await networkStub(gateway, network);
    const coming = { network, member: tablet.id, name: 'tablet', kind: 'device', prefixes: [] } as const;
    await page.waitForSelector('body[data-feed-state=live]');
    await stub.join({ ...coming, route: 231, report: null });
    await page.locator('[data-way]:not([data-awaited])').waitFor({ state: 'attached' });
    await context.close();
  });

  it('says that it is lost and since when, and comes back by itself', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    let open = true;
    const routes: WebSocketRoute[] = [];
    await page.routeWebSocket(/\/live$/, (route) => {
      if (!open) {
        void route.close();
        return;
      }
      route.connectToServer();
      routes.push(route);
    });
    await page.goto('/o/default/devices');
    await page.waitForSelector('body[data-feed-state=live]');
    const stale = page.locator('[data-stale]');
    expect(await stale.isVisible()).toBe(false);
    open = false;
    await routes[0]!.close();
    await stale.waitFor({ state: 'visible' });
    expect(await stale.textContent()).toMatch(/^Live feed lost, data from \d\d:\d\d:\d\d, retrying\.$/);
    open = true;
    await stale.waitFor({ state: 'hidden' });
    expect(await page.getAttribute('body', 'data-feed-state')).toBe('live');
    await context.close();
  });

  it('is closed to pages of others, and to who is not signed in', async () => {
    const { page, context } = await visitor(browser, { url: gateway.url });
    await signIn(page);
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const knock = (headers: Record<string, string>) =>
      gateway.miniflare.dispatchFetch(`${gateway.url}/o/default/networks/${network}/live`, {
        redirect: 'manual',
        headers: { Upgrade: 'websocket', ...headers },
      });
    expect((await knock({ Cookie: cookie, Origin: 'https://evil.example' })).status).toBe(403);
    expect((await knock({ Origin: gateway.url })).status).toBe(303);
    const own = await knock({ Cookie: cookie, Origin: gateway.url });
    expect(own.status).toBe(101);
    own.webSocket?.accept();
    own.webSocket?.close();
    await context.close();
  });
});
