// What a page has to say beside its content: notices, and the four states of a list that has nothing to show.

import type { Child } from 'hono/jsx';
import type { Refusal } from '../../directory/refusal.ts';
import { Icon, type IconName } from './icon.tsx';

type NoticeTone = 'info' | 'good' | 'warn' | 'bad';

const ICONS: Readonly<Record<NoticeTone, IconName>> = { info: 'info', good: 'check', warn: 'alert', bad: 'alert' };

export function Notice({ tone = 'info', children }: { readonly tone?: NoticeTone; readonly children?: Child }) {
  return (
    <div class={tone === 'info' ? 'notice' : `notice ${tone}`} role={tone === 'bad' ? 'alert' : 'note'}>
      <Icon name={ICONS[tone]} size={18} />
      <div>{children}</div>
    </div>
  );
}

/** What was refused, and what to do next. */
export function Refused({ refusal }: { readonly refusal: Refusal | null }) {
  if (!refusal) return null;
  return (
    <Notice tone="bad">
      <p>{refusal.message}</p>
      <p>{refusal.next}</p>
    </Notice>
  );
}

/** Nothing is there yet, and how that changes. */
export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: Child;
}) {
  return (
    <div class="empty">
      <Icon name={icon} size={32} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** What could not be asked: never an old number in its place. */
export function Failed({ what }: { readonly what: string }) {
  return (
    <Notice tone="warn">
      <p>{what} cannot be shown now: the network does not answer.</p>
      <p>Load the page again in a moment.</p>
    </Notice>
  );
}

/** Held empty by the server and filled by the live feed when it is lost. */
export function StaleFeed() {
  return (
    <div class="notice warn" role="status" data-stale hidden>
      <Icon name="alert" size={18} />
      <p data-stale-text />
    </div>
  );
}
