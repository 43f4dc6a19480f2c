// Light, dark, as the system: one button that goes round, and says where it is.

import { type Theme, THEMES } from '../theme.ts';
import { Icon } from './icon.tsx';

const WORDS: Readonly<Record<Theme, string>> = { system: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' };

/** @param back where to go on when there is no JavaScript. */
export function ThemeSwitch({ theme, back }: { readonly theme: Theme; readonly back: string }) {
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  return (
    <form method="post" action="/theme" class="switch-theme">
      <input type="hidden" name="back" value={back} />
      <button type="submit" class="button plain slim" name="theme" value={next} data-theme-switch={theme}>
        <Icon name="theme" size={16} />
        <span data-theme-word>{WORDS[theme]}</span>
      </button>
    </form>
  );
}
