// What is pressed: buttons, links that look like them, and forms of a single button.

import type { Child } from 'hono/jsx';
import { Icon, type IconName } from './icon.tsx';

export type ButtonKind = 'main-one' | 'usual' | 'danger' | 'plain';

interface Look {
  readonly kind?: ButtonKind;
  readonly slim?: boolean;
  readonly whole?: boolean;
  readonly icon?: IconName;
  readonly children?: Child;
}

function classOf({ kind = 'usual', slim, whole }: Look): string {
  return ['button', kind === 'usual' ? '' : kind, slim ? 'slim' : '', whole ? 'whole' : ''].filter(Boolean).join(' ');
}

export function Button({ type = 'submit', name, value, form, ...look }: Look & ButtonAttributes) {
  const rest = attributesOf({ name, value, form });
  return (
    <button type={type} class={classOf(look)} {...rest}>
      {look.icon && <Icon name={look.icon} size={18} />}
      {look.children}
    </button>
  );
}

interface ButtonAttributes {
  readonly type?: 'submit' | 'button';
  readonly name?: string;
  readonly value?: string;
  /** Id of the form that it sends. */
  readonly form?: string;
}

export function LinkButton({ href, download, ...look }: Look & { readonly href: string; readonly download?: string }) {
  return (
    <a class={classOf(look)} href={href} {...attributesOf({ download })}>
      {look.icon && <Icon name={look.icon} size={18} />}
      {look.children}
    </a>
  );
}

/** Copies the text; without JavaScript it is not there. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <button type="button" class="button plain slim" data-copy={text} aria-label={`Copy ${what}`} hidden>
      <Icon name="copy" size={16} />
      <span data-copy-word>Copy</span>
    </button>
  );
}

function attributesOf(attributes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
