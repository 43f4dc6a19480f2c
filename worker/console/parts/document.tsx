// The HTML document around every page.

import type { Child } from 'hono/jsx';
import { html } from 'hono/html';
import { noteNamed } from '../notes.ts';
import type { Theme } from '../theme.ts';
import { Icon } from './icon.tsx';

interface DocumentProps {
  readonly title: string;
  readonly theme: Theme;
  /** Name of what has just been done. */
  readonly note?: string | null;
  /** Read by the islands. */
  readonly feed?: string;
  readonly children?: Child;
}

export function Document({ title, theme, note, feed, children }: DocumentProps) {
  const text = noteNamed(note);
  return html`<!doctype html>${(
    <html lang="en" {...(theme === 'system' ? {} : { 'data-theme': theme })}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Culvert`}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/style.css" />
        <script type="module" src="/assets/console.js" />
      </head>
      <body {...(feed ? { 'data-feed': feed } : {})}>
        {children}
        <div class="toasts" aria-live="polite">
          {text !== null && (
            <div class="toast" data-toast>
              <span>{text}</span>
              <button type="button" class="button plain slim" data-dismiss aria-label="Dismiss">
                <Icon name="close" size={16} />
              </button>
            </div>
          )}
        </div>
      </body>
    </html>
  )}`;
}
