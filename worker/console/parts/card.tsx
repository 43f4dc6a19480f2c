// A card: a heading, something to do with it, and what it holds.

import type { Child } from 'hono/jsx';

interface CardProps {
  readonly title?: string;
  /** Beside the title. */
  readonly aside?: Child;
  /** For tables and lists that reach to the edge. */
  readonly flush?: boolean;
  readonly id?: string;
  readonly children?: Child;
}

export function Card({ title, aside, flush = false, id, children }: CardProps) {
  return (
    <section class="card" {...(id ? { id } : {})}>
      {title !== undefined && (
        <div class="head">
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      <div class={flush ? 'body flush' : 'body'}>{children}</div>
    </section>
  );
}

/** Names and values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, Child])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

/** A few large numbers. */
export function Figures({
  figures,
}: {
  readonly figures: readonly { readonly name: string; readonly value: Child; readonly live?: string }[];
}) {
  return (
    <dl class="figures">
      {figures.map(({ name, value, live }) => (
        <div>
          <dt>{name}</dt>
          <dd {...(live ? { 'data-live': live } : {})}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
