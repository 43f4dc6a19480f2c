// What of the list goes with a form, so that the list comes back as it was.

import type { View } from './view.ts';

export function Kept({ view }: { readonly view: View }) {
  return Object.entries(view).map(([name, value]) => value !== '' && <input type="hidden" name={name} value={value} />);
}
