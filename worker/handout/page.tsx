// The page behind a one-time link: what the file is, what to do with it, and a link that fetches it. It needs no script.

import type { FC } from 'hono/jsx';

export interface HandoutProps {
  readonly device: string;
  readonly network: string;
  readonly format: string;
  readonly expiresAt: number;
  readonly steps: readonly string[];
  /** That the system asks for; null: for none. */
  readonly password: string | null;
  /** Path of the file. */
  readonly file: string;
}

export const HandoutPage: FC<HandoutProps> = ({ device, network, format, expiresAt, steps, password, file }) => (
  <Page title={`Connect ${device}`}>
    <h1>
      Connect <bdi>{device}</bdi> to <bdi>{network}</bdi>
    </h1>
    <p>
      This file connects one device, for {format}. It can be fetched once, until{' '}
      <time datetime={new Date(expiresAt).toISOString()}>{new Date(expiresAt).toUTCString()}</time>. Open this page on
      the device itself; on an iPhone or iPad, in Safari.
    </p>
    {password === null ? null : (
      <p>
        The system asks for a password: <code>{password}</code>. Copy it first; this page works no more once the file is
        fetched.
      </p>
    )}
    <ol>
      {steps.map((step) => (
        <li>{step}</li>
      ))}
    </ol>
    <p>
      <a class="button" href={file} rel="nofollow noreferrer" download>
        Fetch the file
      </a>
    </p>
    <p class="quiet">Whoever has the file can connect as this device: keep it to yourself, and delete it afterwards.</p>
  </Page>
);

export const VoidPage: FC<{ readonly message: string; readonly next: string }> = ({ message, next }) => (
  <Page title="This link does not work">
    <h1>This link does not work</h1>
    <p>{message}</p>
    <p>{next}</p>
  </Page>
);

const Page: FC<{ readonly title: string; readonly children?: unknown }> = ({ title, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex, nofollow" />
      <title>{title}</title>
      <link rel="stylesheet" href="/p/style.css" />
    </head>
    <body>
      <main>{children}</main>
    </body>
  </html>
);
