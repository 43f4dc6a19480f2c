// The door for relays: who may come in, and to which object a socket is handed. Frames do not pass here afterwards.

import type { EdgeEnv } from './env.ts';
import { bearerMatches, cookieSecrets, SETTINGS_REFRESH_SECONDS } from './secrets.ts';

export const PEER_PROTOCOL = 'culvert.relay.v1';
export const CONTROL_PROTOCOL = 'culvert.control.v1';
export const RELAY_HEADER = 'X-Culvert-Relay';

const ROUTES = 1 << 24;

/** Answers everything below `/relay/`; `now` in ms. */
export async function answerRelay(request: Request, env: EdgeEnv, now: number): Promise<Response> {
  if (!bearerMatches(request, env.RELAY_TOKEN)) {
    return refuseSocket(
      401,
      'unauthorised',
      'The relay token is missing or wrong: give the relay the RELAY_TOKEN of this deployment.',
    );
  }
  const { pathname } = new URL(request.url);
  if (pathname === '/relay/settings') return settings(env, now);
  const relay = request.headers.get(RELAY_HEADER);
  if (!isRelayId(relay))
    return refuseSocket(
      400,
      'relay-id',
      'The relay names itself in X-Culvert-Relay: 1 to 64 letters, digits, dots, hyphens.',
    );
  if (pathname === '/relay/control') {
    return asksFor(request, CONTROL_PROTOCOL) ?? env.RELAY.getByName(relay).fetch(withoutToken(request));
  }
  const route = routeIn(pathname);
  if (route === null) return refuseSocket(404, 'no-such-path', 'There is nothing here for relays.');
  return asksFor(request, PEER_PROTOCOL) ?? env.PEER.getByName(String(route)).fetch(withoutToken(request));
}

export function isRelayId(id: string | null): id is string {
  return id !== null && /^[A-Za-z0-9._-]{1,64}$/.test(id);
}

/** The answer that opens a WebSocket: `client` is the half that leaves the object. */
export function webSocketResponse(client: WebSocket, protocol: string): Response {
  return new Response(null, { status: 101, webSocket: client, headers: { 'Sec-WebSocket-Protocol': protocol } });
}

export function refuseSocket(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}

function settings(env: EdgeEnv, now: number): Response {
  return Response.json(
    {
      cookieSecrets: cookieSecrets(env.DEPLOYMENT_KEY, now),
      gatewayName: env.GATEWAY_NAME,
      refreshSeconds: SETTINGS_REFRESH_SECONDS,
    },
    { headers: { 'Cache-Control': 'no-store' } },
  );
}

/** @returns null when the request opens a WebSocket of that protocol, the refusal otherwise. */
function asksFor(request: Request, protocol: string): Response | null {
  if (request.headers.get('Upgrade')?.toLowerCase() !== 'websocket') {
    return refuseSocket(426, 'upgrade-required', 'This address takes WebSockets only.');
  }
  const offered = (request.headers.get('Sec-WebSocket-Protocol') ?? '').split(',').map((each) => each.trim());
  if (offered.includes(protocol)) return null;
  return refuseSocket(
    400,
    'protocol',
    `The subprotocol spoken here is ${protocol}: relay and edge must be of the same version.`,
  );
}

/** The route number in `/relay/peer/{route}`, null for any other path. */
export function routeIn(pathname: string): number | null {
  const digits = /^\/relay\/peer\/([1-9][0-9]{0,7})$/.exec(pathname)?.[1];
  const route = Number(digits);
  return digits && route < ROUTES ? route : null;
}

/** Objects need not know the token. */
function withoutToken(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.delete('Authorization');
  return new Request(request, { headers });
}
