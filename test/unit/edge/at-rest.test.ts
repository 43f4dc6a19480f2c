import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAtRest, sealAtRest } from '../../../worker/edge/at-rest.ts';
import { readPlain, writePlain } from '../../../worker/edge/plain.ts';

const key = new Uint8Array(32).fill(7);

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string(),
    fc.double({ noNaN: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.bigInt(),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(fc.string()).map((items) => new Set(items)),
    fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value;

describe('plain data as text', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(readPlain(writePlain(value))).toEqual(value);
      }),
    );
  });

  it('keeps the difference between octets and lists, maps and objects, numbers and big integers', () => {
    const value = {
      a: Uint8Array.of(1, 2),
      b: [1, 2],
      c: new Map([[1, 'x']]),
      d: { 1: 'x' },
      e: 5n,
      f: 5,
      g: Infinity,
    };
    expect(readPlain(writePlain(value))).toStrictEqual(value);
  });

  it('refuses what it did not write', () => {
    expect(() => readPlain('["x",1]')).toThrow(SyntaxError);
    expect(() => readPlain('{')).toThrow(SyntaxError);
  });
});

describe('sealed at rest', () => {
  const value = { SK_d: new Uint8Array(32).fill(0xab), name: 'alice' };

  it('opens under the same key at the same place', () => {
    expect(openAtRest(key, 'here', sealAtRest(key, 'here', value))).toEqual(value);
  });

  it('opens nowhere else, under no other key, and not when an octet has changed', () => {
    const sealed = sealAtRest(key, 'here', value);
    expect(openAtRest(key, 'there', sealed)).toBeNull();
    expect(openAtRest(new Uint8Array(32), 'here', sealed)).toBeNull();
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice();
      changed[i]! ^= 1;
      expect(openAtRest(key, 'here', changed), `octet ${i}`).toBeNull();
    }
    for (let n = 0; n < sealed.length; n++) expect(openAtRest(key, 'here', sealed.subarray(0, n))).toBeNull();
  });

  it('shows nothing of what it holds, and is never twice the same', () => {
    const sealed = sealAtRest(key, 'here', value);
    expect(new TextDecoder('latin1').decode(sealed)).not.toContain('alice');
    expect(sealAtRest(key, 'here', value)).not.toEqual(sealed);
  });
});
