// The format of swanctl.conf: sections in braces that hold settings and sections (strongswan.conf(5)).

import { toHex, utf8 } from '../../src/bytes/octets.ts';

export interface ConfSection {
  readonly [name: string]: string | ConfSection | undefined;
}

/** One setting a line. Undefined values are left out. Section names must be plain: letters, digits, hyphens, underscores. */
export function emitConf(section: ConfSection, indent = ''): string {
  let conf = '';
  for (const [name, value] of Object.entries(section)) {
    if (value === undefined) continue;
    if (!/^[\w-]+$/.test(name)) throw new Error(`'${name}' cannot name a section or a setting`);
    conf +=
      typeof value === 'string'
        ? `${indent}${name} = ${emitValue(value)}\n`
        : `${indent}${name} {\n${emitConf(value, `${indent}  `)}${indent}}\n`;
  }
  return conf;
}

/** A comment line of at most one line. */
export function emitComment(text: string): string {
  return `# ${text.replace(/\p{Cc}+/gu, ' ')}\n`;
}

/** A secret: one that begins as an encoded one does is encoded itself, so that it means what it says. */
export function secretValue(secret: string): string {
  return /^0[xs]/i.test(secret) ? `0x${toHex(utf8(secret))}` : secret;
}

/** Quoted where the text holds more than names, addresses and lists of them are made of. */
function emitValue(value: string): string {
  if (/^[\w.@%:/-]+(, ?[\w.@%:/-]+)*$/.test(value)) return value;
  const escaped = value.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
  return `"${escaped.replace(/\p{Cc}/gu, ' ')}"`;
}
