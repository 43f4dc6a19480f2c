// swanctl.conf: sections in braces that hold settings and sections. Read, changed and written as a tree.

/** Settings and sections by name; order is kept. */
export interface Section {
  [name: string]: string | Section;
}

const TOKEN = /\s*(?:#[^\n]*|([{}])|([^\s{}=#]+)\s*(?:(=)[ \t]*("(?:[^"\\]|\\.)*"|[^\n}#]*)|(?=\{)))/y;

/** Reads the part of the format that profiles use (no includes, no references). Throws on anything else. */
export function parseConf(text: string): Section {
  const root: Section = {};
  const open: Section[] = [root];
  let name = '';
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const rest = text.slice(TOKEN.lastIndex);
    if (rest.trim() === '') break;
    const token = TOKEN.exec(text);
    if (!token) throw new Error(`swanctl.conf: not understood: ${rest.trim().slice(0, 40)}`);
    const [, brace, key, equals, value] = token;
    const current = open.at(-1);
    if (!current) throw new Error('swanctl.conf: one closing brace too many');
    if (brace === '{') {
      const section: Section = {};
      current[name] = section;
      open.push(section);
    } else if (brace === '}') {
      open.pop();
    } else if (key !== undefined) {
      name = key;
      if (equals) current[key] = unquote(value!);
    }
  }
  if (open.length !== 1) throw new Error('swanctl.conf: a brace is missing');
  return root;
}

export function emitConf(section: Section, indent = ''): string {
  return Object.entries(section)
    .map(([name, value]) =>
      typeof value === 'string'
        ? `${indent}${name} = ${quote(value)}\n`
        : `${indent}${name} {\n${emitConf(value, `${indent}  `)}${indent}}\n`,
    )
    .join('');
}

/** The section at a path of names; made when it is not there. */
export function sectionAt(root: Section, ...path: string[]): Section {
  let section = root;
  for (const name of path) {
    const next = section[name];
    if (typeof next === 'object') section = next;
    else section = section[name] = {};
  }
  return section;
}

/** The name of the first section in a section. */
export function firstSection(section: Section): string {
  const name = Object.keys(section).find((key) => typeof section[key] === 'object');
  if (name === undefined) throw new Error('swanctl.conf: a section is missing');
  return name;
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value.trim();
}

function quote(value: string): string {
  return /[#{}"=\s]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}
