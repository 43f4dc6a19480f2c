// The tokens of a PowerShell script, as far as ours go, for tests: where strings begin and end decides what is code.

export interface Token {
  /** `string`: between single quotes, unescaped. `expanding`: between double ones, raw. */
  readonly kind: 'string' | 'expanding' | 'word' | 'variable' | 'sign' | 'line';
  readonly text: string;
}

/** All that PowerShell takes for a single and for a double quote. */
const SINGLE = "'‘’‚‛";
const DOUBLE = '"“”„';

/** @throws Error at a string that does not end, and at any character beyond ASCII outside of one. */
export function tokensOf(script: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < script.length) {
    const character = script[at]!;
    if (SINGLE.includes(character)) {
      const { end, text } = quoted(script, at, SINGLE);
      tokens.push({ kind: 'string', text });
      at = end;
      continue;
    }
    if (DOUBLE.includes(character)) {
      const { end, text } = quoted(script, at, DOUBLE);
      tokens.push({ kind: 'expanding', text });
      at = end;
      continue;
    }
    const rest = script.slice(at);
    const found =
      match(/^#[^\r\n]*/, rest, null) ??
      match(/^(\r\n|[\r\n;])+/, rest, 'line') ??
      match(/^[ \t]+/, rest, null) ??
      match(/^\$(\w+:)?\w+/, rest, 'variable') ??
      match(/^[A-Za-z0-9_][\w-]*(\.[A-Za-z]+)*/, rest, 'word') ??
      match(/^-[A-Za-z]+/, rest, 'word') ??
      match(/^[[\](){}@=,.:|&+\-*$_]/, rest, 'sign');
    if (found === null) throw new Error(`${JSON.stringify(character)} at ${at} is nothing that the script should hold`);
    if (found.kind !== null) tokens.push({ kind: found.kind, text: found.text });
    at += found.text.length;
  }
  return tokens;
}

/** The strings that are assigned to a variable at the top: base64 decoded where the script decodes it. */
export function assigned(script: string, name: string): string[] {
  const tokens = tokensOf(script);
  const start = tokens.findIndex((token, i) => token.text === `$${name}` && tokens[i + 1]?.text === '=');
  if (start < 0) throw new Error(`$${name} is not assigned`);
  const end = tokens.findIndex((token, i) => i > start && token.kind === 'line');
  const line = tokens.slice(start + 2, end);
  return line.flatMap((token, i) => {
    if (token.kind !== 'string') return [];
    const before = line.slice(0, i).map(({ text }) => text);
    const decoded = before.slice(-2).join('').endsWith('FromBase64String(');
    const asText = before.some((text) => text.endsWith('.GetString'));
    return [decoded && asText ? Buffer.from(token.text, 'base64').toString('utf8') : token.text];
  });
}

function quoted(script: string, start: number, quotes: string): { end: number; text: string } {
  let text = '';
  for (let at = start + 1; at < script.length; at++) {
    if (!quotes.includes(script[at]!)) {
      text += script[at];
    } else if (quotes.includes(script[at + 1] ?? ' ')) {
      text += script[at++];
    } else {
      return { end: at + 1, text };
    }
  }
  throw new Error('a string does not end');
}

function match(
  pattern: RegExp,
  text: string,
  kind: Token['kind'] | null,
): { kind: Token['kind'] | null; text: string } | null {
  const found = pattern.exec(text)?.[0];
  return found === undefined ? null : { kind, text: found };
}
