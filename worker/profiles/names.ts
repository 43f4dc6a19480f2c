// Names that people gave, as a system shows them or takes them for its objects. Identities and secrets never pass through here.

import type { ProfileInput } from './profile.ts';

const LONGEST_DISPLAY = 64;
const LONGEST_PART = 31;

/**
 * One line of at most 64 characters: what cannot be seen (controls, direction marks, unassigned) becomes a space, runs of spaces become one.
 * @returns the fallback when nothing is left.
 */
export function displayName(text: string, fallback = 'Culvert', longest = LONGEST_DISPLAY): string {
  // A cut before the work, so that a megabyte costs what a line does.
  const line = text
    .slice(0, 16 * longest)
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return [...line].slice(0, longest).join('').trim() || fallback;
}

/** What a connection is called on the user's screen. */
export function connectionName({ options, network }: ProfileInput): string {
  const organisation = displayName(options.organisationName, 'Culvert', LONGEST_PART);
  return `${organisation} ${displayName(network.name, 'network', LONGEST_PART)}`;
}

/** Letters, digits and inner hyphens of ASCII: what any configuration language takes for a name without quoting. */
export function objectName(text: string, longest = 32): string {
  const plain = text.slice(0, 16 * longest).replace(/[^A-Za-z0-9]+/g, '-');
  return plain.replace(/^-+/, '').slice(0, longest).replace(/-+$/, '') || 'culvert';
}

/** @throws Error for what cannot stand unquoted in a router's configuration: such values are refused, never bent. */
export function bareWord(value: string, what: string): string {
  if (/^[A-Za-z0-9][\w.@:/-]*$/.test(value)) return value;
  throw new Error(`the ${what} cannot be written into this configuration`);
}
