// Property lists in XML, as Apple's profiles are (plist(5)): dictionary, array, string, integer, boolean, data, date.

import { Buffer } from 'node:buffer';

export type PlistValue = string | number | boolean | Uint8Array | Date | readonly PlistValue[] | PlistDictionary;

export interface PlistDictionary {
  readonly [key: string]: PlistValue | undefined;
}

const PROLOGUE = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`;

/** Undefined values are left out. Characters that XML 1.0 has no way to write (section 2.2) are left out as well. */
export function emitPlist(root: PlistDictionary): string {
  return `${PROLOGUE}${emitValue(root, '')}</plist>\n`;
}

function emitValue(value: PlistValue, indent: string): string {
  if (typeof value === 'string') return `${indent}<string>${escapeXml(value)}</string>\n`;
  if (typeof value === 'boolean') return `${indent}<${value}/>\n`;
  if (typeof value === 'number') return `${indent}<integer>${integer(value)}</integer>\n`;
  if (value instanceof Uint8Array) return `${indent}<data>${Buffer.from(value).toString('base64')}</data>\n`;
  if (value instanceof Date) return `${indent}<date>${value.toISOString().replace(/\.\d+Z$/, 'Z')}</date>\n`;
  const deeper = `${indent}\t`;
  if (isList(value))
    return `${indent}<array>\n${value.map((each) => emitValue(each, deeper)).join('')}${indent}</array>\n`;
  const entries = Object.entries(value).flatMap(([key, each]) =>
    each === undefined ? [] : [`${deeper}<key>${escapeXml(key)}</key>\n${emitValue(each, deeper)}`],
  );
  return `${indent}<dict>\n${entries.join('')}${indent}</dict>\n`;
}

function isList(value: PlistValue): value is readonly PlistValue[] {
  return Array.isArray(value);
}

function integer(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no integer`);
  return value;
}

function escapeXml(text: string): string {
  return (
    text
      .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      // A parser makes a bare one a line feed (XML 1.0 section 2.11).
      .replace(/\r/g, '&#13;')
  );
}
