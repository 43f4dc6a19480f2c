// A state as shape, colour and word: no one of them alone.

import type { Child } from 'hono/jsx';
import { raw } from 'hono/html';
import type { Tone } from '../tone.ts';

export type { Tone };

const SHAPES: Readonly<Record<Tone, string>> = {
  good: '<circle cx="6" cy="6" r="5" fill="currentColor"/>',
  warn: '<path d="M6 .8 11.600 11H.4z" fill="currentColor"/>',
  bad: '<path d="M1.500 1.500 10.500 10.500M10.500 1.500 1.500 10.500" stroke="currentColor" stroke-width="2.500" stroke-linecap="round"/>',
  idle: '<circle cx="6" cy="6" r="4.250" fill="none" stroke="currentColor" stroke-width="1.500"/>',
  busy: '<path d="M6 1.250A4.750 4.750 0 1 1 1.250 6" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/>',
};

/** @param word left out only where the same word stands beside it anyway. */
export function Status({ tone, word, label }: { readonly tone: Tone; readonly word?: Child; readonly label?: string }) {
  return (
    <span class={`status ${tone}`}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        {raw(SHAPES[tone])}
      </svg>
      {word !== undefined && <span>{word}</span>}
      {label !== undefined && <span class="away">{label}</span>}
    </span>
  );
}
