// Reads property lists strictly, as an XML parser would, for tests: well-formed or an error.

export type Plist = string | number | boolean | Date | Uint8Array | Plist[] | { [key: string]: Plist };

const PROLOGUE = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<!DOCTYPE plist PUBLIC "[^"<&]*" "[^"<&]*">\n/;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** @throws Error at whatever is not well-formed. */
export function readPlist(xml: string): Plist {
  const prologue = PROLOGUE.exec(xml)?.[0];
  if (prologue === undefined) throw new Error('no prologue');
  if (/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(xml))
    throw new Error('a character that XML has not');
  const tokens = tokensOf(xml.slice(prologue.length));
  const reader = new TokenReader(tokens);
  reader.take('<plist version="1.0">');
  const value = reader.value();
  reader.take('</plist>');
  if (!reader.done) throw new Error('something follows the list');
  return value;
}

class TokenReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get done(): boolean {
    return this.#at === this.#tokens.length;
  }

  take(expected: string): void {
    const found = this.#next();
    if (found !== expected) throw new Error(`${found} where ${expected} should be`);
  }

  value(): Plist {
    const tag = this.#next();
    switch (tag) {
      case '<true/>':
        return true;
      case '<false/>':
        return false;
      case '<string>':
        return this.#text('string');
      case '<integer>':
        return number(this.#text('integer'));
      case '<data>':
        return new Uint8Array(Buffer.from(base64(this.#text('data')), 'base64'));
      case '<date>':
        return date(this.#text('date'));
      case '<array>':
        return this.#list();
      case '<dict>':
        return this.#dictionary();
    }
    throw new Error(`${tag} begins no value`);
  }

  #list(): Plist[] {
    const list: Plist[] = [];
    while (this.#tokens[this.#at] !== '</array>') list.push(this.value());
    this.#at++;
    return list;
  }

  #dictionary(): Record<string, Plist> {
    const entries = new Map<string, Plist>();
    while (this.#tokens[this.#at] !== '</dict>') {
      this.take('<key>');
      const key = this.#text('key');
      if (entries.has(key)) throw new Error(`${key} twice`);
      entries.set(key, this.value());
    }
    this.#at++;
    return Object.fromEntries(entries);
  }

  #text(element: string): string {
    const token = this.#next();
    if (token === `</${element}>`) return '';
    if (token.startsWith('<')) throw new Error(`${token} inside of ${element}`);
    this.take(`</${element}>`);
    return unescaped(token);
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error('it ends too soon');
    return token;
  }
}

/** Tags, and texts as they stand; white space between tags is none, inside of strings and keys it is. */
function tokensOf(xml: string): string[] {
  const tokens: string[] = [];
  for (const [token] of xml.matchAll(/<[^<>]*>|[^<]+/g)) {
    const previous = tokens.at(-1);
    const isText = !token.startsWith('<');
    if (isText && token.includes('>')) throw new Error('a bare >');
    const inside = previous === '<string>' || previous === '<key>' || /[^\s]/.test(token);
    if (!isText || inside) tokens.push(token);
  }
  return tokens;
}

function unescaped(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n');
  return lines.replace(/&([^;&]*);|&/g, (whole, name: string | undefined) => {
    const known = name === undefined ? undefined : (ENTITIES[name] ?? character(name));
    if (known === undefined) throw new Error(`${whole} is no reference`);
    return known;
  });
}

function character(name: string): string | undefined {
  const code = /^#(\d+)$/.exec(name)?.[1];
  return code === undefined ? undefined : String.fromCodePoint(Number(code));
}

function number(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new Error(`${text} is no integer`);
  return Number(text);
}

function base64(text: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Error('no base64');
  return text;
}

function date(text: string): Date {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) throw new Error(`${text} is no date`);
  return new Date(text);
}
