// Ctrl-K or Cmd-K: the page that finds things, in a dialog over the page where one is.

const PAUSE_MS = 120;

interface Option {
  readonly label: string;
  readonly kind: string;
  readonly href: string;
}

export function wireFind(): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('[data-find]')];
  const [first] = links;
  if (!first) return;
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  for (const key of document.querySelectorAll<HTMLElement>('[data-find-key]')) {
    key.textContent = isMac ? '⌘K' : 'Ctrl K';
    key.hidden = false;
  }
  const palette = new Palette(first.href);
  for (const link of links) {
    link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      palette.open();
    });
  }
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    palette.open();
  });
}

class Palette {
  readonly #address: string;
  readonly #dialog = element('dialog', { class: 'dialog palette', 'aria-label': 'Find' });
  readonly #input = element('input', {
    ...{ class: 'input', type: 'text', role: 'combobox', autocomplete: 'off', spellcheck: 'false' },
    ...{
      'aria-label': 'Find a page, a device, a site, or something to do',
      placeholder: 'Find, or do: suspend laptop',
    },
    ...{ 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-autocomplete': 'list' },
  });
  readonly #list = element('ul', { id: 'palette-list', role: 'listbox', 'aria-label': 'What was found' });
  readonly #says = element('p', { class: 'small soft', role: 'status' });
  #options: readonly Option[] = [];
  #active = 0;
  #asking: AbortController | null = null;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(address: string) {
    this.#address = address;
    const close = element('button', { type: 'button', class: 'button plain' });
    close.textContent = 'Close';
    close.addEventListener('click', () => this.#dialog.close());
    const top = element('div', { class: 'top-row' });
    top.append(this.#input, close);
    this.#dialog.append(top, this.#list, this.#says);
    this.#input.addEventListener('input', () => {
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => void this.#ask(), PAUSE_MS);
    });
    this.#input.addEventListener('keydown', (event) => this.#press(event));
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    document.body.append(this.#dialog);
  }

  open(): void {
    // Over another dialog it would leave that one waiting.
    if (document.querySelector('dialog[open]')) return;
    this.#dialog.showModal();
    this.#input.focus();
    this.#input.select();
    void this.#ask();
  }

  /** Asks the page that finds things, and takes its list; of two answers the younger question counts. */
  async #ask(): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#says.textContent = 'Searching…';
    const url = new URL(this.#address);
    url.searchParams.set('q', this.#input.value);
    try {
      const response = await fetch(url, { headers: { Accept: 'text/html' }, signal: asking.signal });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
      if (asking !== this.#asking) return;
      this.#show([...fresh.querySelectorAll<HTMLElement>('[data-found] > li')].map(optionIn));
    } catch {
      if (asking.signal.aborted) return;
      this.#show([]);
      this.#says.textContent = 'The gateway did not answer, or you are signed out: load the page again.';
    }
  }

  #show(options: readonly Option[]): void {
    this.#options = options;
    this.#list.replaceChildren(...options.map((option, index) => this.#row(option, index)));
    this.#list.hidden = options.length === 0;
    this.#input.setAttribute('aria-expanded', String(options.length > 0));
    this.#says.textContent = options.length === 0 ? 'Nothing fits.' : `${options.length} found.`;
    this.#mark(0);
  }

  #row({ label, kind }: Option, index: number): HTMLElement {
    const row = element('li', { role: 'option', id: `palette-${index}`, 'aria-selected': 'false' });
    const [name, tag] = [element('span', {}), element('span', { class: 'tag' })];
    name.textContent = label;
    tag.textContent = kind;
    row.append(name, tag);
    row.addEventListener('click', () => this.#go(index));
    return row;
  }

  #press(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && this.#options.length > 0) {
      event.preventDefault();
      this.#mark((this.#active + step + this.#options.length) % this.#options.length);
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      this.#go(this.#active);
    }
  }

  #mark(index: number): void {
    this.#list.children[this.#active]?.setAttribute('aria-selected', 'false');
    this.#active = index;
    const row = this.#list.children[index];
    if (!row) {
      this.#input.removeAttribute('aria-activedescendant');
      return;
    }
    row.setAttribute('aria-selected', 'true');
    row.scrollIntoView({ block: 'nearest' });
    this.#input.setAttribute('aria-activedescendant', row.id);
  }

  #go(index: number): void {
    const option = this.#options[index];
    if (option) location.assign(option.href);
  }
}

function optionIn(row: HTMLElement): Option {
  const link = row.querySelector('a');
  return {
    label: link?.textContent ?? '',
    kind: row.querySelector('.tag')?.textContent ?? '',
    href: link?.getAttribute('href') ?? '/',
  };
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>>,
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
