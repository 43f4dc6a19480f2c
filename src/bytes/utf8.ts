// UTF-8 both ways (RFC 3629), by hand: the core's library has no TextEncoder. What is not valid becomes U+FFFD, as there.

/** A surrogate without its other half becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  const octets: number[] = [];
  for (const character of text) {
    const scalar = character.codePointAt(0)!;
    push(octets, scalar >= 0xd800 && scalar <= 0xdfff ? REPLACEMENT : scalar);
  }
  return Uint8Array.from(octets);
}

/** Each longest piece that begins a sequence but does not finish it becomes one U+FFFD, and so does each stray octet. */
export function text(octets: Uint8Array): string {
  let result = '';
  let at = 0;
  while (at < octets.length) {
    const lead = octets[at++]!;
    if (lead < 0x80) {
      result += String.fromCharCode(lead);
      continue;
    }
    const form = leadForm(lead);
    let scalar = form.bits;
    let missing = form.more;
    let { lowest, highest } = form;
    while (missing > 0 && at < octets.length && octets[at]! >= lowest && octets[at]! <= highest) {
      scalar = (scalar << 6) | (octets[at++]! & 0x3f);
      missing--;
      lowest = 0x80;
      highest = 0xbf;
    }
    result += String.fromCodePoint(form.more > 0 && missing === 0 ? scalar : REPLACEMENT);
  }
  return result;
}

const REPLACEMENT = 0xfffd;

function push(octets: number[], scalar: number): void {
  if (scalar < 0x80) {
    octets.push(scalar);
  } else if (scalar < 0x800) {
    octets.push(0xc0 | (scalar >> 6), 0x80 | (scalar & 0x3f));
  } else if (scalar < 0x10000) {
    octets.push(0xe0 | (scalar >> 12), 0x80 | ((scalar >> 6) & 0x3f), 0x80 | (scalar & 0x3f));
  } else {
    octets.push(
      0xf0 | (scalar >> 18),
      0x80 | ((scalar >> 12) & 0x3f),
      0x80 | ((scalar >> 6) & 0x3f),
      0x80 | (scalar & 0x3f),
    );
  }
}

/** How many octets follow a lead octet, and the bounds of the first of them, which rule out overlong forms and surrogates. */
function leadForm(lead: number): { bits: number; more: number; lowest: number; highest: number } {
  if (lead >= 0xc2 && lead <= 0xdf) return { bits: lead & 0x1f, more: 1, lowest: 0x80, highest: 0xbf };
  if (lead >= 0xe0 && lead <= 0xef) {
    return { bits: lead & 0x0f, more: 2, lowest: lead === 0xe0 ? 0xa0 : 0x80, highest: lead === 0xed ? 0x9f : 0xbf };
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    return { bits: lead & 0x07, more: 3, lowest: lead === 0xf0 ? 0x90 : 0x80, highest: lead === 0xf4 ? 0x8f : 0xbf };
  }
  return { bits: 0, more: 0, lowest: 0, highest: 0 };
}
