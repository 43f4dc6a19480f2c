// Text inside a PowerShell script, so that it can be nothing but text (about_Quoting_Rules).

import { Buffer } from 'node:buffer';
import { utf8 } from '../../src/bytes/octets.ts';

/**
 * A literal string, in ASCII. Printable ASCII stands between single quotes, in which nothing is expanded; all else in base64: PowerShell
 * takes typographic quotes for quotes, and reads a script without a byte order mark in the code page of the machine.
 */
export function psString(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `'${text.replace(/'/g, "''")}'`;
  return `([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${Buffer.from(utf8(text)).toString('base64')}')))`;
}

export function psStrings(texts: readonly string[]): string {
  return `@(${texts.map(psString).join(', ')})`;
}

/** Octets as base64 over lines that can be read and mailed. */
export function psOctets(octets: Uint8Array): string {
  const lines =
    Buffer.from(octets)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return `[Convert]::FromBase64String('\n${lines.join('\n')}\n')`;
}
