// The control plane in a workerd of its own, on an empty database: what the tests of the API, the CA, the PAD and the CLI talk to.

import { fileURLToPath } from 'node:url';
import { Miniflare, type Request, Response } from 'miniflare';
import { bundleWorker } from '../../scripts/start/bundle.ts';
import { fromHex, toHex } from '../../src/bytes/octets.ts';
import { type MigratedDatabase, migrate } from '../../worker/directory/migrate.ts';

export const OPERATOR_TOKEN = 'operator-token-of-the-tests';
export const DEPLOYMENT_KEY = Buffer.alloc(32, 7).toString('base64');
export const GATEWAY_NAME = 'vpn.example.com';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever JSON came.
  readonly body: any;
  readonly headers: Headers;
}

/** Characters. */
const LONG = 10_000;

export class Control {
  readonly #miniflare: Miniflare;
  readonly url: string;

  private constructor(miniflare: Miniflare, url: string) {
    this.#miniflare = miniflare;
    this.url = url;
  }

  /** @param bindings beside or in place of the usual; `migrated: false` leaves the database without tables. */
  static async start({
    bindings = {},
    migrated = true,
    internet = () => new Response('there is no internet here', { status: 502 }),
  }: {
    bindings?: Record<string, string>;
    migrated?: boolean;
    /** Answers what the worker fetches. */
    internet?: (request: Request) => Response | Promise<Response>;
  } = {}): Promise<Control> {
    const miniflare = new Miniflare({
      modules: [{ type: 'ESModule', path: 'worker.js', contents: await script() }],
      compatibilityDate: '2026-04-07',
      compatibilityFlags: ['nodejs_compat'],
      host: '127.0.0.1',
      port: 0,
      bindings: { OPERATOR_TOKEN, DEPLOYMENT_KEY, GATEWAY_NAME, RELAY_TOKEN: 'relay', ...bindings },
      d1Databases: { DB: 'culvert' },
      outboundService: internet,
      durableObjects: { PEER: 'PeerObject', NETWORK: 'NetworkObject', RELAY: 'RelayObject' },
    });
    const url = await miniflare.ready;
    const control = new Control(miniflare, url.origin);
    if (migrated) await migrate(await control.database());
    return control;
  }

  async database(): Promise<MigratedDatabase> {
    return (await this.#miniflare.getD1Database('DB')) as unknown as MigratedDatabase;
  }

  /** Rows of a query. */
  async rows(sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
    const { results } = await (await this.database())
      .prepare(sql)
      .bind(...values)
      .all();
    return results as Record<string, unknown>[];
  }

  async request(method: string, path: string, body?: unknown, token: string | null = OPERATOR_TOKEN): Promise<Answer> {
    const text = typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body);
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      // A body that is refused unread ends its connection: nobody else's request may be on it by then.
      ...(text !== null && text.length > LONG ? { connection: 'close' } : {}),
    };
    const response = await fetch(`${this.url}/api${path}`, { method, headers, body: text });
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  get(path: string): Promise<Answer> {
    return this.request('GET', path);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.request('POST', path, body);
  }

  delete(path: string): Promise<Answer> {
    return this.request('DELETE', path);
  }

  /** Calls something inside the worker: see test/object/control-worker.ts. */
  // biome-ignore lint/suspicious/noExplicitAny: each call has a result of its own.
  async call(name: string, ...args: unknown[]): Promise<any> {
    const response = await fetch(`${this.url}/test/${name}`, { method: 'POST', body: JSON.stringify(args, replace) });
    const answer = JSON.parse(await response.text(), revive) as { result?: unknown; thrown?: string };
    if (answer.thrown !== undefined) throw new Error(answer.thrown);
    return answer.result;
  }

  stop(): Promise<void> {
    return this.#miniflare.dispose();
  }
}

let bundled: Promise<string> | null = null;

function script(): Promise<string> {
  bundled ??= bundleWorker(fileURLToPath(new URL('../object/control-worker.ts', import.meta.url)));
  return bundled;
}

function replace(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { octets: toHex(value) } : value;
}

function revive(_name: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'octets' in value ? fromHex(value.octets as string) : value;
}
