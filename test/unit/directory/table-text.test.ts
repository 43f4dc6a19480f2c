import { describe, expect, it } from 'vitest';
import { csv, ndjson } from '../../../worker/directory/table-text.ts';

describe('CSV', () => {
  for (const formula of [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    ' =1',
    '\n=1',
    '|calc',
    '%0A',
    '＝1',
    "=HYPERLINK('x')",
  ]) {
    it(`is text to a spreadsheet: ${JSON.stringify(formula)}`, () => {
      expect(csv(['a'], [[formula]])).toBe(`"a"\r\n"'${formula}"\r\n`);
    });
  }

  it('keeps quotes, commas, lines and any script within their cell', () => {
    const text = 'a "b", c\r\nd \u202e<script>';
    expect(csv(['x', 'y'], [[text, null]])).toBe('"x","y"\r\n"a ""b"", c\r\nd \u202e<script>",""\r\n');
  });

  it('leaves numbers as they are', () => {
    expect(csv(['n'], [[-5]])).toBe('"n"\r\n-5\r\n');
  });
});

describe('JSON lines', () => {
  it('have one object each, whatever is in it', () => {
    const rows = [{ a: 'x\ny' }, { a: '\u2028' }];
    const lines = ndjson(rows).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual(rows);
  });
});
