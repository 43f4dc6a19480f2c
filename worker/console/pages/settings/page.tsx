// The page of the settings, with a tab for each noun.

import type { Child } from 'hono/jsx';
import { page } from '../../answer.tsx';
import { Typed } from '../../form.ts';
import { CopyButton } from '../../parts/button.tsx';
import { Notice, Refused } from '../../parts/notice.tsx';
import { Heading, Shell } from '../../parts/shell.tsx';
import { type ConsoleContext, linkTo } from '../../place.ts';
import { authority } from './authority.tsx';
import { network } from './network.tsx';
import type { Shown } from './shown.ts';
import { tokens } from './tokens.tsx';
import { webhooks } from './webhooks.tsx';

const TABS = {
  network: 'Network',
  authority: 'Certificate authority',
  tokens: 'API tokens',
  webhooks: 'Webhooks',
} as const;

export type Tab = keyof typeof TABS;

export function tabOf(name: string | null): Tab {
  return name !== null && Object.hasOwn(TABS, name) ? (name as Tab) : 'network';
}

export async function settingsPage(
  c: ConsoleContext,
  tab: Tab,
  form = new Typed(tab),
  secret: string | null = null,
): Promise<Response> {
  const { place } = c.var;
  const content: Record<Tab, (shown: Shown) => Child | Promise<Child>> = {
    network,
    authority,
    tokens,
    webhooks,
  };
  return page(
    c,
    <Shell place={place} title="Settings" room="settings">
      <Heading title="Settings" lead={`Of ${place.organisation.name}.`} />
      <nav class="tabs" aria-label="Settings">
        {Object.entries(TABS).map(([name, label]) => (
          <a href={linkTo(place, 'settings', { tab: name })} {...(name === tab ? { 'aria-current': 'page' } : {})}>
            {label}
          </a>
        ))}
      </nav>
      <Refused refusal={form.overall} />
      {secret !== null && (
        <Notice tone="good">
          <p>This is shown once. Keep it where only your program finds it.</p>
          <p>
            <code data-secret>{secret}</code> <CopyButton text={secret} what="the secret" />
          </p>
        </Notice>
      )}
      {await content[tab]({ c, place, form, secret })}
    </Shell>,
    form.refused ? 422 : 200,
  );
}
