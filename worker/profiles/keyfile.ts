// Key files of GLib (GKeyFile): groups of key=value, as NetworkManager keeps connections.

export type KeyfileGroups = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;

/** Undefined values are left out. Names of groups and keys must be plain. Characters other than line ends and tabs keep their place. */
export function emitKeyfile(groups: KeyfileGroups): string {
  const texts = Object.entries(groups).map(([group, entries]) => {
    const lines = Object.entries(entries).flatMap(([key, value]) =>
      value === undefined ? [] : [`${plain(key)}=${escapeValue(value)}\n`],
    );
    return `[${plain(group)}]\n${lines.join('')}`;
  });
  return texts.join('\n');
}

function plain(name: string): string {
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`'${name}' cannot name a group or a key`);
  return name;
}

/** Leading space would be lost, and a backslash begins an escape. NUL has no way to be written. */
function escapeValue(value: string): string {
  return value
    .replace(/\0/g, '')
    .replace(/\\/g, '\\\\')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t')
    .replace(/^ +/, (spaces) => '\\s'.repeat(spaces.length))
    .replace(/ +$/, (spaces) => '\\s'.repeat(spaces.length));
}
