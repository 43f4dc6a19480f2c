// The description of the API as a page to read; it needs no script and no other host.

import type { FC } from 'hono/jsx';
import { OPERATIONS } from './document.ts';
import type { Operation, Schema } from './operation.ts';
import { SCHEMAS } from './schemas.ts';

export const ApiPage: FC = () => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>The API of Culvert</title>
      <link rel="stylesheet" href="/docs/style.css" />
    </head>
    <body>
      <main>
        <h1>The API of Culvert</h1>
        <p>
          All paths but those of <code>/auth</code> stand below <code>/api</code>. Send a token as{' '}
          <code>Authorization: Bearer TOKEN</code>. The same as data: <a href="/api/openapi.json">openapi.json</a>.
        </p>
        <nav aria-label="Operations">
          <ul>
            {Object.entries(OPERATIONS).map(([route, { summary }]) => (
              <li>
                <a href={`#${anchor(route)}`}>
                  <code>{route}</code>
                </a>{' '}
                {summary}
              </li>
            ))}
          </ul>
        </nav>
        {Object.entries(OPERATIONS).map(([route, operation]) => (
          <OperationPart route={route} operation={operation} />
        ))}
        <h2>Schemas</h2>
        {Object.entries(SCHEMAS).map(([name, schema]) => (
          <section id={name}>
            <h3>{name}</h3>
            <Shown schema={schema} />
          </section>
        ))}
      </main>
    </body>
  </html>
);

const OperationPart: FC<{ readonly route: string; readonly operation: Operation }> = ({ route, operation }) => (
  <section id={anchor(route)}>
    <h2>
      <code>{route}</code>
    </h2>
    <p>
      {operation.summary}. {operation.description}
    </p>
    <p class="quiet">{whoMay(operation)}</p>
    {operation.query ? (
      <>
        <h3>Query</h3>
        <Shown schema={operation.query} />
      </>
    ) : null}
    {operation.body ? (
      <>
        <h3>Body</h3>
        <Shown schema={operation.body} />
      </>
    ) : null}
    <h3>Answer {operation.success.status}</h3>
    {'file' in operation.success ? (
      <p>A file of {operation.success.file}.</p>
    ) : (
      <Shown schema={operation.success.schema} />
    )}
    {operation.refusals ? <p class="quiet">Refused, such as: {operation.refusals.join(', ')}.</p> : null}
  </section>
);

const Shown: FC<{ readonly schema: Schema }> = ({ schema }) => (
  <pre tabindex={0}>
    <code>{JSON.stringify(schema, null, 2)}</code>
  </pre>
);

function whoMay({ scope }: Operation): string {
  if (scope === 'public') return 'For everybody.';
  return scope === null ? 'For everybody who is let in.' : `Scope ${scope}.`;
}

function anchor(route: string): string {
  return route
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/-$/, '');
}
