// Changes that pages make go through the API's own routes, in this process: one reader, one sentence, one audit entry for both.

import { api } from '../api/app.ts';
import { ORGANISATION_HEADER } from '../api/door.ts';
import type { ErrorView } from '../api/json.ts';
import { SCRIPT_HEADER } from '../account/same-origin.ts';
import type { Refusal } from '../directory/refusal.ts';
import { consoleOrigin } from '../account/session.ts';
import type { ConsoleContext } from './place.ts';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

/** @param path below /api; its parts are encoded by whoever calls. The form's own token has been checked by then. */
export async function callApi<T>(
  c: ConsoleContext,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const response = await ask(c, method, path, body);
  const answer = (await response.json()) as T & { error?: ErrorView };
  if (response.ok) return { ok: true, value: answer };
  return { ok: false, refusal: answer.error as unknown as Refusal };
}

/** A file as the API writes it. */
export async function fileOfApi(c: ConsoleContext, path: string): Promise<Response> {
  const { status, body, headers } = await ask(c, 'GET', path);
  return new Response(body, { status, headers });
}

async function ask(c: ConsoleContext, method: string, path: string, body?: unknown): Promise<Response> {
  const origin = consoleOrigin(c.env, c.req.raw);
  const headers = new Headers({
    Cookie: c.req.header('Cookie') ?? '',
    Origin: origin,
    'Sec-Fetch-Site': 'same-origin',
    [SCRIPT_HEADER]: '1',
    [ORGANISATION_HEADER]: c.var.place.organisation.organisation,
  });
  for (const name of ['CF-Connecting-IP', 'User-Agent']) {
    const value = c.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return api.fetch(new Request(`${origin}${path}`, init), c.env, c.executionCtx);
}

/** A part of a path. */
export function part(text: string): string {
  return encodeURIComponent(text);
}
