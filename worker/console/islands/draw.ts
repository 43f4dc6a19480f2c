// Parts of the page that the server draws anew. What somebody types into, has open or has picked stays.

import { localTimes } from './times.ts';

export async function drawFrom(address: string, selectors: readonly string[]): Promise<void> {
  let response: Response;
  try {
    response = await fetch(address, { headers: { Accept: 'text/html' } });
  } catch {
    // The feed says by itself that the connection is gone.
    return;
  }
  if (!response.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const selector of selectors) swap(selector, fresh);
}

function swap(selector: string, fresh: Document): void {
  for (const old of document.querySelectorAll<HTMLElement>(selector)) {
    const exact = old.dataset.row === undefined ? selector : `[data-row="${CSS.escape(old.dataset.row)}"]`;
    const next = fresh.querySelector<HTMLElement>(exact);
    if (!next || next.innerHTML === old.innerHTML) continue;
    const picked = old.querySelector<HTMLInputElement>('input[name="pick"]')?.checked ?? false;
    if (old.contains(document.activeElement)) continue;
    const taken = document.importNode(next, true);
    const box = taken.querySelector<HTMLInputElement>('input[name="pick"]');
    if (box) box.checked = picked;
    localTimes(taken);
    old.replaceWith(taken);
  }
}
