// Style sheet and islands where nothing in front of the Worker hands them out: in `npm start`, from a folder on disk.

import type { Context } from 'hono';
import type { Env } from '../env.ts';

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

export async function assets(c: Context<{ Bindings: Env }>): Promise<Response> {
  const name = /^\/assets\/([\w-]+\.(css|js|svg))$/.exec(c.req.path);
  const found = name && c.env.ASSETS ? await c.env.ASSETS.fetch(`http://assets/assets/${name[1]}`) : null;
  if (!name || !found?.ok) return c.text('There is no such file.\n', 404);
  return new Response(found.body, {
    headers: {
      'Content-Type': TYPES[name[2]!]!,
      'Cache-Control': 'public, max-age=0, must-revalidate',
      'X-Content-Type-Options': 'nosniff',
    },
  });
}
