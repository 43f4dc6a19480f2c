// The web console: sign-in, and everything below /o/ORGANISATION.

import { Hono } from 'hono';
import type { Env } from '../env.ts';
import { failed, nothingHere, PAGE_HEADERS } from './answer.tsx';
import { assets } from './assets.ts';
import { enter } from './door.ts';
import { ownPath } from './own-path.ts';
import { keepTheme, THEMES } from './theme.ts';
import { entrance } from './pages/entrance/routes.ts';
import { organisation } from './pages/organisation.tsx';
import { proof } from './pages/proof.tsx';
import type { ConsoleEnv } from './place.ts';

export const consoleApp = new Hono<{ Bindings: Env }>({ strict: false });

consoleApp.get('/assets/*', assets);

consoleApp.use('*', async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(PAGE_HEADERS)) c.header(name, value);
});

consoleApp.post('/theme', async (c) => {
  const form = await c.req.formData();
  const theme = THEMES.find((each) => each === form.get('theme'));
  if (theme) keepTheme(c, theme);
  return c.redirect(ownPath(String(form.get('back') ?? '/')), 303);
});

consoleApp.route('/', entrance);
consoleApp.route('/verify-email', proof);

const inside = new Hono<ConsoleEnv>({ strict: false });
inside.use('/:organisation/*', enter);
inside.route('/:organisation', organisation);
consoleApp.route('/o', inside);

consoleApp.notFound(nothingHere);

consoleApp.onError((thrown, c) => {
  const id = crypto.randomUUID().slice(0, 8);
  // What SQLite and the runtime say is for the log; it names tables and columns, never values.
  const { message } = thrown;
  console.error(JSON.stringify({ level: 'error', room: 'console', event: 'page-failed', id, error: message }));
  return failed(c, id);
});
