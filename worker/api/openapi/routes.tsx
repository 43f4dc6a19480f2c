// /docs: what is read about this deployment's API.

import { Hono } from 'hono';
import { html } from 'hono/html';
import { secureHeaders } from 'hono/secure-headers';
import type { Env } from '../../env.ts';
import { STYLE } from '../plain-style.ts';
import { ApiPage } from './page.tsx';

export const docsRoutes = new Hono<{ Bindings: Env }>();

docsRoutes.use(
  '*',
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  }),
);

docsRoutes.get('/api', (c) => c.html(html`<!doctype html>${<ApiPage />}`));

docsRoutes.get('/style.css', (c) => {
  return c.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'max-age=3600' });
});
