// The frame of pages without navigation: sign-in, sign-up, invitations, profile links, failures.

import type { Child } from 'hono/jsx';
import type { Theme } from '../theme.ts';
import { Document } from './document.tsx';
import { Mark } from './icon.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

interface DoorProps {
  readonly title: string;
  readonly theme: Theme;
  readonly note?: string | null;
  readonly back: string;
  readonly wide?: boolean;
  readonly children?: Child;
}

export function Door({ title, theme, note = null, back, wide = false, children }: DoorProps) {
  return (
    <Document title={title} theme={theme} note={note}>
      <main class="door">
        <div class={wide ? 'in wide' : 'in'}>
          <a class="brand" href="/">
            <Mark />
            Culvert
          </a>
          {children}
          <ThemeSwitch theme={theme} back={back} />
        </div>
      </main>
    </Document>
  );
}
