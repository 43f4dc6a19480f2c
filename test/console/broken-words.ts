// Words that are broken in their middle because what holds them is too narrow. Runs in the browser: it must not use anything from outside.

/** @returns each with where it stands; long ones may break. */
export function brokenWords(): string[] {
  const found: string[] = [];
  // What is for screen readers alone is a pixel wide.
  const isSeen = (part: Element | null): boolean =>
    part === null || (part.getBoundingClientRect().width > 2 && isSeen(part.parentElement));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    if (!node.parentElement?.checkVisibility() || !isSeen(node.parentElement)) continue;
    for (const { 0: word, index } of (node.textContent ?? '').matchAll(/(?<![\w.:@/-])[\w.:]{2,20}(?![\w.:@/-])/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
      if (lines.size > 1) found.push(`${word} in ${node.parentElement?.tagName.toLowerCase()}`);
    }
  }
  return found;
}
