// Light, dark, or as the system has it: kept in a cookie, so that the first octet of a page is right already.

import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

export const THEMES = ['system', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

const COOKIE = 'culvert-theme';
const YEAR_SECONDS = 365 * 86_400;

export function themeOf(c: Context): Theme {
  const kept = getCookie(c, COOKIE);
  return THEMES.find((theme) => theme === kept) ?? 'system';
}

export function keepTheme(c: Context, theme: Theme): void {
  setCookie(c, COOKIE, theme, { path: '/', maxAge: YEAR_SECONDS, sameSite: 'Lax', httpOnly: false });
}
