// Icons: strokes on a grid of 20, drawn by the text's colour, and silent to screen readers.

import { raw } from 'hono/html';

const SHAPES = {
  overview: '<path d="M3 10.5 10 4l7 6.5M5 9v7h10V9"/>',
  devices: '<rect x="3" y="4" width="14" height="9.5" rx="1.5"/><path d="M1.5 16.5h17"/>',
  sites: '<path d="M4 17V5.5L11 3v14M11 8l5 1.5V17M2.5 17h15M7 8v.01M7 11v.01M7 14v.01"/>',
  people:
    '<circle cx="7.5" cy="7" r="3"/><path d="M2 16.5c.4-3 2.5-4.7 5.5-4.7s5.1 1.7 5.5 4.700M13 4.300a3 3 0 0 1 0 5.400M15 12.300c1.7.6 2.7 2 3 4.2"/>',
  access:
    '<path d="M10 2.5 16.5 5v4.800c0 3.7-2.6 6.4-6.5 7.7-3.9-1.3-6.5-4-6.5-7.700V5z"/><path d="m7 10 2.2 2.200L13 8.3"/>',
  dns: '<circle cx="10" cy="10" r="7.2"/><path d="M2.8 10h14.400M10 2.800c2.3 2 3.3 4.5 3.3 7.200s-1 5.2-3.3 7.200c-2.3-2-3.3-4.5-3.3-7.200s1-5.2 3.3-7.200z"/>',
  activity: '<path d="M4 4.500h12M4 10h12M4 15.500h7.5"/>',
  diagnostics: '<path d="M2 10.500h3.500l2.2-6 4 11 2.3-5H18"/>',
  settings: '<path d="M3 6h8m4 0h2M3 14h2m4 0h8"/><circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>',
  mine: '<circle cx="10" cy="7" r="3.2"/><path d="M3.8 17c.6-3.4 2.9-5.2 6.2-5.200s5.6 1.8 6.2 5.2"/>',
  menu: '<path d="M3 6h14M3 10h14M3 14h14"/>',
  chevron: '<path d="m6 8 4 4 4-4"/>',
  back: '<path d="m12 5-5 5 5 5"/>',
  add: '<path d="M10 4v12M4 10h12"/>',
  copy: '<rect x="7" y="7" width="9.5" height="9.5" rx="1.5"/><path d="M13 7V4.500A1.5 1.5 0 0 0 11.5 3h-7A1.5 1.5 0 0 0 3 4.500v7A1.5 1.5 0 0 0 4.5 13H7"/>',
  close: '<path d="m5 5 10 10M15 5 5 15"/>',
  find: '<circle cx="9" cy="9" r="5.5"/><path d="m13 13 4 4"/>',
  theme: '<circle cx="10" cy="10" r="6.5"/><path d="M10 3.500v13a6.5 6.5 0 0 0 0-13z" fill="currentColor"/>',
  out: '<path d="M12 3.500H5.500A1.5 1.5 0 0 0 4 5v10a1.5 1.5 0 0 0 1.5 1.500H12M8.5 10H17m-3-3 3 3-3 3"/>',
  info: '<circle cx="10" cy="10" r="7.2"/><path d="M10 9v4.500M10 6.300v.01"/>',
  alert: '<path d="M10 3 18 16.500H2z"/><path d="M10 8v4M10 14.200v.01"/>',
  check: '<path d="m4 10.5 4 4 8-9"/>',
  download: '<path d="M10 3v9.500m-4-4 4 4 4-4M3.5 16.500h13"/>',
  key: '<circle cx="6.5" cy="13" r="3.5"/><path d="m9 10.5 7-7m-2.5 2.5 2.5 2.5"/>',
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {raw(SHAPES[name])}
    </svg>
  );
}

/** A way through, below a road. */
export function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 26 26" fill="none" aria-hidden="true">
      <path d="M2 9.500h22" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" />
      <path d="M5.5 21.500v-1a7.5 7.5 0 0 1 15 0v1" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" />
      <path
        d="M10.8 21.500v-.8a2.2 2.2 0 0 1 4.4 0v.8"
        stroke="currentColor"
        stroke-width="2.2"
        stroke-linecap="round"
      />
    </svg>
  );
}
