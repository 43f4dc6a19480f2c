// A question before something that cannot be undone: a dialog over the page, and a page of its own where there is no JavaScript.

import type { Child } from 'hono/jsx';
import { Button, LinkButton } from './button.tsx';
import { Card } from './card.tsx';

interface QuestionProps {
  readonly title: string;
  readonly action: string;
  readonly csrf: string;
  readonly yes: string;
  readonly danger?: boolean;
  readonly children?: Child;
}

export function Dialog({
  id,
  title,
  action,
  csrf,
  yes,
  danger = false,
  children,
}: QuestionProps & { readonly id: string }) {
  return (
    <dialog class="dialog" id={id} aria-labelledby={`${id}-title`}>
      <form method="post" action={action}>
        <input type="hidden" name="csrf" value={csrf} />
        <h2 id={`${id}-title`}>{title}</h2>
        {children}
        <div class="buttons">
          <Button kind={danger ? 'danger' : 'main-one'}>{yes}</Button>
          <button type="button" class="button plain" data-closes={id}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** The title is the page's own. */
export function QuestionCard({
  action,
  csrf,
  yes,
  danger = false,
  no,
  children,
}: Omit<QuestionProps, 'title'> & { readonly no: string }) {
  return (
    <Card>
      <form class="form" method="post" action={action}>
        <input type="hidden" name="csrf" value={csrf} />
        {children}
        <div class="buttons">
          <Button kind={danger ? 'danger' : 'main-one'}>{yes}</Button>
          <LinkButton href={no} kind="plain">
            Cancel
          </LinkButton>
        </div>
      </form>
    </Card>
  );
}

/** Opens the dialog; a link to the page with the same question. */
export function Opens({
  id,
  href,
  danger = false,
  children,
}: {
  readonly id: string;
  readonly href: string;
  readonly danger?: boolean;
  readonly children?: Child;
}) {
  return (
    <a class={danger ? 'button danger' : 'button'} href={href} data-opens={id}>
      {children}
    </a>
  );
}
