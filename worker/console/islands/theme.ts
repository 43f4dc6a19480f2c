// The theme changes at once; the cookie keeps it for the next page.

const THEMES = ['system', 'light', 'dark'] as const;
const YEAR_SECONDS = 365 * 86_400;

export function wireTheme(): void {
  const buttons = [...document.querySelectorAll<HTMLButtonElement>('[data-theme-switch]')];
  for (const button of buttons) {
    button.addEventListener('click', (event) => {
      event.preventDefault();
      const now = THEMES.find((each) => each === button.dataset.themeSwitch) ?? 'system';
      const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length] ?? 'system';
      if (next === 'system') delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
      document.cookie = `culvert-theme=${next}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
      for (const each of buttons) {
        each.dataset.themeSwitch = next;
        const word = each.querySelector('[data-theme-word]');
        if (word) word.textContent = `Theme: ${next}`;
      }
      document.dispatchEvent(new Event('culvert-theme'));
    });
  }
}
