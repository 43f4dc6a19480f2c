// A question before something that cannot be undone. Without JavaScript the same question is a page of its own.

import type { Child } from 'hono/jsx';
import { Button } from './button.tsx';

interface DialogProps {
  readonly id: string;
  readonly title: string;
  readonly action: string;
  readonly csrf: string;
  readonly yes: string;
  readonly danger?: boolean;
  readonly children?: Child;
}

export function Dialog({ id, title, action, csrf, yes, danger = false, children }: DialogProps) {
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

/** Opens the dialog; a link, so that it leads somewhere without JavaScript too. */
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
