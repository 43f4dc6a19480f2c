import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { answerRelay } from '../../worker/edge/gateway.ts';
import { cookieSecrets } from '../../worker/edge/secrets.ts';
import { ask, socketHeaders, TOKEN } from './relay.ts';

const PEER = 'culvert.relay.v1';
const bearer = (token: string) => ({ Authorization: `Bearer ${token}`, 'X-Culvert-Relay': 'relay-1' });

describe('the door for relays', () => {
  it('lets nobody in without the token', async () => {
    for (const headers of [{}, bearer(''), bearer(`${TOKEN}x`), bearer(TOKEN.slice(0, -1)), { Authorization: TOKEN }]) {
      for (const path of ['/relay/settings', '/relay/control', '/relay/peer/7?new=1']) {
        const response = await ask(path, headers as Record<string, string>);
        expect(response.status).toBe(401);
      }
    }
  });

  it('lets nobody in when the deployment has no token', async () => {
    const request = new Request('http://edge/relay/settings', { headers: bearer('') });
    const response = await answerRelay(request, { ...env, RELAY_TOKEN: '' }, 0);
    expect(response.status).toBe(401);
  });

  it('hands out the settings, the same to all, and never to a cache', async () => {
    const [one, other] = await Promise.all([
      ask('/relay/settings', bearer(TOKEN)),
      ask('/relay/settings', { ...bearer(TOKEN), 'X-Culvert-Relay': 'relay-2' }),
    ]);
    expect(one.headers.get('Cache-Control')).toBe('no-store');
    const settings = await one.json<{ cookieSecrets: unknown[]; gatewayName: string; refreshSeconds: number }>();
    expect(await other.json()).toEqual(settings);
    expect(settings.gatewayName).toBe('vpn.example.com');
    expect(settings.refreshSeconds).toBe(300);
    expect(settings.cookieSecrets).toHaveLength(3);
  });

  it('refuses numbers that are no route, and relays without a name', async () => {
    for (const route of ['0', '-1', '16777216', '007', 'x', '1/2', '99999999']) {
      const response = await ask(`/relay/peer/${route}`, socketHeaders(PEER, 'relay-1'));
      expect(response.status, route).toBe(404);
    }
    const { 'X-Culvert-Relay': _, ...nameless } = socketHeaders(PEER, 'relay-1');
    expect((await ask('/relay/peer/7', nameless)).status).toBe(400);
    expect((await ask('/relay/peer/7', socketHeaders(PEER, 'relay 1'))).status).toBe(400);
  });

  it('takes WebSockets of its own protocol only', async () => {
    expect((await ask('/relay/peer/7', bearer(TOKEN))).status).toBe(426);
    expect((await ask('/relay/peer/7', socketHeaders('culvert.relay.v2', 'relay-1'))).status).toBe(400);
    const control = await ask('/relay/control', socketHeaders('culvert.control.v1', 'relay-1'));
    expect(control.status).toBe(101);
    expect(control.headers.get('Sec-WebSocket-Protocol')).toBe('culvert.control.v1');
    control.webSocket?.accept();
    control.webSocket?.close();
  });
});

describe('cookie secrets', () => {
  const minute = 60_000;
  const at = 1_700_000_000_000 - (1_700_000_000_000 % (10 * minute));

  it('stand current first, then next and previous, and hold from any moment of an epoch', () => {
    const [current, next, previous] = cookieSecrets(env.DEPLOYMENT_KEY, at);
    expect(cookieSecrets(env.DEPLOYMENT_KEY, at + 10 * minute - 1)[0]).toEqual(current);
    expect(cookieSecrets(env.DEPLOYMENT_KEY, at + 10 * minute)[0]).toEqual(next);
    expect(cookieSecrets(env.DEPLOYMENT_KEY, at - 1)[0]).toEqual(previous);
    expect(new Set([current?.secret, next?.secret, previous?.secret]).size).toBe(3);
    expect(current?.version).toBe((at / (10 * minute)) & 255);
    expect(atob(current!.secret)).toHaveLength(32);
  });

  it('of the next epoch are known before it begins, and a cookie lives at least one epoch', () => {
    const [current, next] = cookieSecrets(env.DEPLOYMENT_KEY, at);
    expect(current!.notAfter - (at + 10 * minute)).toBe(10 * minute);
    expect(next!.notAfter).toBe(current!.notAfter + 10 * minute);
  });

  it('are those of this deployment only', () => {
    const other = btoa(String.fromCharCode(...new Uint8Array(32)));
    expect(cookieSecrets(other, at)[0]?.secret).not.toBe(cookieSecrets(env.DEPLOYMENT_KEY, at)[0]?.secret);
    expect(() => cookieSecrets('c2hvcnQ=', at)).toThrow('32 octets');
    expect(() => cookieSecrets('', at)).toThrow('32 octets');
  });
});
