// Which part of the list of devices somebody looks at: it stands in the URL, and goes with what is done to the picked.

import { linkTo, type Place } from '../../place.ts';

const NAMES = ['q', 'state', 'after'] as const;

export type View = Readonly<Record<(typeof NAMES)[number], string>>;

/** @param read of the URL, or of the form that came from the list. */
export function viewOf(read: (name: string) => string | null): View {
  const value = (name: string) => read(name) ?? '';
  return { q: value('q'), state: value('state'), after: value('after') };
}

/** @param picked ids of those whose boxes stay ticked. */
export function listLink(place: Place, view: View, picked: readonly string[] = []): string {
  return linkTo(place, 'devices', { ...view, picked: picked.join(' ') });
}
