// Small manners of the page: copying, dialogs, toasts, menus, picking all.

export function wireCopying(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    const word = button.querySelector('[data-copy-word]');
    button.addEventListener('click', async () => {
      let said = 'Copied';
      try {
        await navigator.clipboard.writeText(button.dataset.copy ?? '');
      } catch {
        said = 'Not allowed';
      }
      if (!word) return;
      word.textContent = said;
      setTimeout(() => {
        word.textContent = 'Copy';
      }, 2000);
    });
  }
}

export function wireDialogs(): void {
  for (const opener of document.querySelectorAll<HTMLElement>('[data-opens]')) {
    opener.addEventListener('click', (event) => {
      const dialog = document.getElementById(opener.dataset.opens ?? '');
      if (!(dialog instanceof HTMLDialogElement)) return;
      event.preventDefault();
      dialog.showModal();
    });
  }
  for (const closer of document.querySelectorAll<HTMLElement>('[data-closes]')) {
    closer.addEventListener('click', () => closer.closest('dialog')?.close());
  }
}

/** A form that was sent is not sent twice by an impatient hand. */
export function wireForms(): void {
  for (const form of document.querySelectorAll('form[method="post"]')) {
    form.addEventListener('submit', (event) => {
      if (form.hasAttribute('data-sent')) event.preventDefault();
      form.setAttribute('data-sent', '');
    });
  }
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]')) form.removeAttribute('data-sent');
  });
  // The page that a form answered with has an address of its own: loading it again sends nothing.
  const place = document.querySelector<HTMLElement>('[data-replace]')?.dataset.replace;
  if (place !== undefined) history.replaceState(null, '', place);
}

/** Menus close when the attention goes elsewhere. */
export function wireMenus(): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.switch')) {
    document.addEventListener('click', (event) => {
      if (!menu.contains(event.target as Node)) menu.open = false;
    });
    menu.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      menu.open = false;
      menu.querySelector('summary')?.focus();
    });
  }
}

export function wirePicking(): void {
  for (const all of document.querySelectorAll<HTMLInputElement>('[data-pick-all]')) {
    const each = [...document.querySelectorAll<HTMLInputElement>(`input[name="pick"][form="${all.dataset.pickAll}"]`)];
    all.hidden = false;
    all.addEventListener('change', () => {
      for (const box of each) box.checked = all.checked;
    });
  }
}

export function wireToasts(): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-dismiss]')) {
    button.addEventListener('click', () => button.closest('[data-toast]')?.remove());
  }
  const url = new URL(location.href);
  if (!url.searchParams.has('note')) return;
  url.searchParams.delete('note');
  history.replaceState(null, '', url);
}
