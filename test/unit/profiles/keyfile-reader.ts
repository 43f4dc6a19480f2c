// Reads key files as GLib does (g_key_file_load_from_data, g_key_file_get_string), for tests.

export function readKeyfile(text: string): Record<string, Record<string, string>> {
  const groups: Record<string, Record<string, string>> = {};
  let group: Record<string, string> | undefined;
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const name = /^\[([^[\]\p{Cc}]+)\]\s*$/u.exec(line)?.[1];
    if (name !== undefined) {
      if (groups[name]) throw new Error(`[${name}] twice`);
      group = groups[name] = {};
      continue;
    }
    const at = line.indexOf('=');
    const key = line.slice(0, at).trimEnd();
    if (!group || at < 1 || !/^[A-Za-z0-9-]+$/.test(key)) throw new Error(`no key: ${line}`);
    if (key in group) throw new Error(`${key} twice`);
    // White space before a value is not part of it.
    group[key] = unescaped(line.slice(at + 1).replace(/^[ \t]+/, ''));
  }
  return groups;
}

function unescaped(value: string): string {
  const meaning: Record<string, string> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };
  return value.replace(/\\(.?)/gs, (whole, character: string) => {
    const known = meaning[character];
    if (known === undefined) throw new Error(`${whole} is no escape`);
    return known;
  });
}
