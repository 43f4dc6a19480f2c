// The edge's HTTP API as commands call it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorView } from '../../worker/api/json.ts';
import { Exit, Failure, usage } from './failure.ts';

const PATIENCE_MS = 30_000;

export class Edge {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  get<T>(path: string): Promise<T> {
    return this.#request('GET', path, undefined);
  }

  post<T>(path: string, body?: object): Promise<T> {
    return this.#request('POST', path, body);
  }

  put<T>(path: string, body: object): Promise<T> {
    return this.#request('PUT', path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.#request('DELETE', path, undefined);
  }

  /** @throws Failure when the edge is not reached or refuses. */
  async #request<T>(method: string, path: string, body: object | undefined): Promise<T> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.#token}`, Accept: 'application/json' };
    if (body) headers['Content-Type'] = 'application/json';
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(`${this.#url}/api${path}`, {
        ...{ method, headers, body: body ? JSON.stringify(body) : null },
        // The token is for this edge only.
        ...{ redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) },
      });
      answer = await response.json().catch(() => null);
    } catch (thrown) {
      throw this.#unreachable(thrown);
    }
    if (response.ok && typeof answer === 'object' && answer !== null) return answer as T;
    const refusal = (answer as { error?: ErrorView } | null)?.error;
    if (!refusal?.message) {
      throw new Failure(
        Exit.UNREACHABLE,
        'no-edge',
        `What answers at ${this.#url} is no Culvert edge (HTTP ${response.status}): check --edge.`,
      );
    }
    throw new Failure(Exit.REFUSED, refusal.code, [refusal.message, refusal.next].filter(Boolean).join(' '));
  }

  #unreachable(thrown: unknown): Failure {
    const next = "start it with 'npm start', or name another one with --edge";
    return new Failure(
      Exit.UNREACHABLE,
      'unreachable',
      `The edge at ${this.#url} does not answer (${causeOf(thrown)}): ${next}.`,
    );
  }
}

/** A path segment that means itself. */
export function segment(text: string): string {
  // Encoded dots are still dots to a URL parser.
  if (text === '' || text === '.' || text === '..')
    throw usage(`'${text}' is no name: give the one that the list shows.`);
  return encodeURIComponent(text);
}

/** @throws Failure when the text is no HTTP URL. */
export function readEdgeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href.replace(/\/+$/, '');
  throw usage(`--edge: '${text}' is not an HTTP address such as http://127.0.0.1:8787.`);
}

/** From the environment or the data folder, never from the command line, where others can see it. */
export function findToken(env: NodeJS.ProcessEnv, data: string): string {
  const given = env.CULVERT_TOKEN?.trim();
  if (given) return given;
  const file = join(data, 'operator-token');
  try {
    const token = readFileSync(file, 'utf8').trim();
    if (token !== '') return token;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT')
      throw usage(`The operator token in ${file} cannot be read: run this as the user who started Culvert.`);
  }
  throw usage(
    `There is no operator token: set CULVERT_TOKEN, or name the data folder of the gateway with --data (${file} is not there).`,
  );
}

function causeOf(thrown: unknown): string {
  const { name, message, cause } = thrown as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return `no answer in ${PATIENCE_MS / 1000} s`;
  return cause?.code ?? cause?.message ?? message;
}
