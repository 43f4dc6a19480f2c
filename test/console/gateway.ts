// The whole Worker in workerd with a database of its own, and a first account: what the browser tests look at.

import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Log, LogLevel, Miniflare, Response } from 'miniflare';
import { buildConsole } from '../../scripts/build-console.ts';
import { bundleWorker } from '../../scripts/start/bundle.ts';
import { workerOptions } from '../../scripts/start/deployment.ts';
import { migrate } from '../../worker/directory/migrate.ts';

export const OPERATOR = 'operator-token-of-the-console-tests';

export interface ConsoleGateway {
  readonly url: string;
  readonly miniflare: Miniflare;
  readonly database: D1Like;
  /** What whoever the Worker calls answers; nothing leaves this machine. */
  readonly internet: { status: number };
  /** As the operator, below /api. @throws when the answer is no success. */
  api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

interface D1Like {
  prepare(sql: string): {
    bind(...values: unknown[]): { run(): Promise<unknown>; first<T>(column: string): Promise<T | null> };
  };
}

export async function startConsole(port = 0): Promise<ConsoleGateway> {
  const folder = await buildConsole(fileURLToPath(new URL('../../.culvert/console-test', import.meta.url)));
  const script = await bundleWorker(fileURLToPath(new URL('../../worker/entry.ts', import.meta.url)));
  const options = workerOptions({
    ...{ host: '127.0.0.1', port, data: '', portIke: 500, portNatT: 4500, logLevel: 'error', script, console: folder },
    secrets: { deploymentKey: randomBytes(32).toString('base64'), relayToken: 'relay', operatorToken: OPERATOR },
    settings: { gatewayName: 'vpn.example.com', publicAddress: '192.0.2.1' },
    ...{ consoleUrl: '', signUp: 'invited' },
  });
  const internet = { status: 204 };
  const miniflare = new Miniflare({
    ...options,
    outboundService: () => new Response(null, { status: internet.status }),
    ...{ host: '127.0.0.1', port, cachePersist: false, cf: false, telemetry: { enabled: false } },
    log: new Log(LogLevel.NONE),
  });
  const url = (await miniflare.ready).origin;
  const database = await miniflare.getD1Database('DB');
  await migrate(database);
  const api = async (method: string, path: string, body?: unknown) => {
    const headers = { Authorization: `Bearer ${OPERATOR}`, 'Content-Type': 'application/json' };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${url}/api${path}`, init);
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  return { url, miniflare, database: database as unknown as D1Like, internet, api, stop: () => miniflare.dispose() };
}
