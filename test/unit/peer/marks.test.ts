// Sequence numbers reserved ahead: none is ever sent twice and none accepted twice, whenever a crash comes. RFC 4303 sections 3.3.3, 3.4.3.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChildSa } from '../../../src/ike/state.ts';
import { DataPlane } from '../../../src/peer/data-plane.ts';
import { INBOUND_BLOCK } from '../../../src/peer/inbound-reserve.ts';
import { OUTBOUND_BLOCK, type Reservation } from '../../../src/peer/marks.ts';
import { childOf, ESN, GCM, primitives } from './far-end.ts';

const SLOTS = 2;
const FIRST_SPI = 0x0a00;

/** A peer object as a shell runs it: memory that a crash takes, and storage that it leaves. */
class Shell {
  plane = new DataPlane(primitives);
  children: ChildSa[] = [];
  stored: Reservation | null = null;
  /** Computed, and not stored yet; the shell stores in the order of reserve(). */
  reserved: Reservation[] = [];
  /** Stored, and not granted yet. */
  safe: Reservation[] = [];
  /** ms. */
  now = 0;
  /** Numbers sent with the keys of a child, as ranges. */
  readonly sent = new Map<ChildSa, [number, number][]>();
  /** Numbers passed on to the network, of each child. */
  readonly passedOn = new Map<ChildSa, Set<number>>();

  add(slot: number, esn: boolean): void {
    const spiIn = FIRST_SPI + slot;
    this.children = [
      ...this.children.filter((child) => child.spiIn !== spiIn),
      childOf({ spiIn, suite: esn ? ESN : GCM }),
    ];
    // A slot is free before it is given out again.
    this.plane.reconcile(this.children.filter((child) => child.spiIn !== spiIn));
    this.plane.reconcile(this.children);
  }

  remove(slot: number): void {
    this.children = this.children.filter((child) => child.spiIn !== FIRST_SPI + slot);
    this.plane.reconcile(this.children);
  }

  reserve(): void {
    const due = this.plane.reserve();
    if (due !== null) this.reserved.push(due);
  }

  store(): void {
    const next = this.reserved.shift();
    if (next === undefined) return;
    this.stored = structuredClone(next);
    this.safe.push(next);
  }

  grant(pick: number): void {
    const [granted] = this.safe.splice(pick % Math.max(1, this.safe.length), 1);
    if (granted !== undefined) this.plane.grant(granted, this.now);
  }

  /** As a shell does it, in one turn. */
  renew(): void {
    this.reserve();
    while (this.reserved.length > 0) this.store();
    while (this.safe.length > 0) this.grant(0);
  }

  send(slot: number, count: number): void {
    const tunnel = this.plane.tunnel(FIRST_SPI + slot);
    const first = tunnel?.sequence.take(count) ?? null;
    if (tunnel === undefined || first === null) return;
    const ranges = this.sent.get(tunnel.child) ?? [];
    for (const [from, to] of ranges) {
      if (first <= to && from <= first + count - 1) throw new Error(`${first} is sent again`);
    }
    this.sent.set(tunnel.child, [...ranges, [first, first + count - 1]]);
  }

  /** Opened packets go on when what is due has been stored: a crash in between takes them. */
  receive(slot: number, sequence: number, crash: boolean): void {
    const tunnel = this.plane.tunnel(FIRST_SPI + slot);
    if (tunnel === undefined || tunnel.window.check(sequence) !== 'fresh') return;
    tunnel.window.mark(sequence);
    if (crash) {
      this.crash();
      return;
    }
    this.renew();
    const known = this.passedOn.get(tunnel.child) ?? new Set();
    if (known.has(sequence)) throw new Error(`${sequence} is passed on again`);
    this.passedOn.set(tunnel.child, known.add(sequence));
  }

  crash(): void {
    this.plane = new DataPlane(primitives);
    this.plane.reconcile(this.children);
    this.reserved = [];
    this.safe = [];
    for (const [spiIn, mark] of this.stored?.marks ?? []) {
      this.plane.resume(spiIn, mark);
      this.plane.tunnel(spiIn)?.window.raise(mark.inbound);
    }
  }

  /** Of the child in that slot: the highest number that was passed on. */
  highest(slot: number): number {
    return this.plane.tunnel(FIRST_SPI + slot)?.window.highest ?? 0;
  }
}

type Act = (shell: Shell) => void;

const slot = fc.nat(SLOTS - 1);
const acts: fc.Arbitrary<readonly [string, Act]> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(slot, fc.boolean())
      .map(([s, esn]) => [`add ${s}`, (shell: Shell) => shell.add(s, esn)] as const),
  },
  { weight: 1, arbitrary: slot.map((s) => [`remove ${s}`, (shell: Shell) => shell.remove(s)] as const) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(1, 1_000, 10_000)
      .map((ms) => [`${ms} ms pass`, (shell: Shell) => void (shell.now += ms)] as const),
  },
  { weight: 8, arbitrary: fc.constant(['renew', (shell: Shell) => shell.renew()] as const) },
  { weight: 4, arbitrary: fc.constant(['reserve', (shell: Shell) => shell.reserve()] as const) },
  { weight: 4, arbitrary: fc.constant(['store', (shell: Shell) => shell.store()] as const) },
  { weight: 6, arbitrary: fc.nat(3).map((pick) => [`grant ${pick}`, (shell: Shell) => shell.grant(pick)] as const) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(slot, fc.constantFrom(1, 100, 20_000, OUTBOUND_BLOCK - 1, OUTBOUND_BLOCK))
      .map(([s, count]) => [`send ${count} on ${s}`, (shell: Shell) => shell.send(s, count)] as const),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        slot,
        fc.constantFrom(-2000, -500, -1, 0, 1, 2, 511, 512, 513, INBOUND_BLOCK.least, 5000, INBOUND_BLOCK.most),
        fc.nat(9),
      )
      .map(
        ([s, step, n]) =>
          [
            `receive ${step} on ${s}${n === 0 ? ', crash' : ''}`,
            (shell: Shell) => shell.receive(s, Math.max(1, shell.highest(s) + step), n === 0),
          ] as const,
      ),
  },
  { weight: 4, arbitrary: fc.constant(['crash', (shell: Shell) => shell.crash()] as const) },
);

/** @returns what went wrong first, or null. `meddle` makes a shell that does not keep the rules. */
function firstFault(meddle: (shell: Shell) => void = () => {}, seed?: number): string | null {
  const property = fc.property(fc.array(acts, { minLength: 5, maxLength: 100 }), (list) => {
    const shell = new Shell();
    meddle(shell);
    shell.add(0, false);
    for (const [, act] of list) act(shell);
  });
  const { failed, errorInstance } = fc.check(property, { numRuns: 3000, ...(seed === undefined ? {} : { seed }) });
  return failed ? (errorInstance as Error).message : null;
}

describe('across any interleaving of reserve, store, grant and crash', () => {
  it('no number is sent twice with the same keys, and none is passed on twice', () => {
    expect(firstFault()).toBeNull();
  });

  it('this model finds a mark that is granted before it is stored', () => {
    const hasty = (shell: Shell) => {
      shell.reserve = () => {
        const due = shell.plane.reserve();
        if (due !== null) shell.plane.grant(due, 0);
      };
    };
    expect(firstFault(hasty, 1)).toMatch(/ again$/);
  });

  it('this model finds windows that do not begin above the stored mark', () => {
    const forgetful = (shell: Shell) => {
      shell.crash = () => {
        shell.plane = new DataPlane(primitives);
        shell.plane.reconcile(shell.children);
        for (const [spiIn, mark] of shell.stored?.marks ?? []) shell.plane.resume(spiIn, mark);
      };
    };
    expect(firstFault(forgetful, 1)).toMatch(/is passed on again$/);
  });

  it('this model finds numbers that begin anew', () => {
    const forgetful = (shell: Shell) => {
      shell.crash = () => {
        shell.plane = new DataPlane(primitives);
        shell.plane.reconcile(shell.children);
      };
      shell.receive = () => {};
    };
    expect(firstFault(forgetful, 1)).toMatch(/is sent again$/);
  });
});

describe('what is due', () => {
  function fresh(esn = false): { plane: DataPlane; spiIn: number } {
    const plane = new DataPlane(primitives);
    const child = childOf({ suite: esn ? ESN : GCM });
    plane.reconcile([child]);
    return { plane, spiIn: child.spiIn };
  }

  it('a block of each, at first', () => {
    const { plane, spiIn } = fresh();
    const { marks } = plane.reserve()!;
    expect(marks.get(spiIn)).toEqual({ outbound: OUTBOUND_BLOCK, inbound: INBOUND_BLOCK.least });
  });

  it('nothing, until a quarter of the block is left', () => {
    const { plane, spiIn } = fresh();
    plane.grant(plane.reserve()!, 0);
    expect(plane.reserve()).toBeNull();
    const { sequence } = plane.tunnel(spiIn)!;
    sequence.take((OUTBOUND_BLOCK * 3) / 4);
    expect(plane.reserve()).toBeNull();
    sequence.take(1);
    expect(plane.reserve()!.marks.get(spiIn)).toEqual({ outbound: 2 * OUTBOUND_BLOCK, inbound: INBOUND_BLOCK.least });
  });

  it('nothing, until the window has come half the way', () => {
    const { plane, spiIn } = fresh();
    plane.grant(plane.reserve()!, 0);
    const { window } = plane.tunnel(spiIn)!;
    window.mark(INBOUND_BLOCK.least / 2);
    expect(plane.reserve()).toBeNull();
    window.mark(INBOUND_BLOCK.least / 2 + 1);
    expect(plane.reserve()!.marks.get(spiIn)!.inbound).toBe(INBOUND_BLOCK.least / 2 + 1 + INBOUND_BLOCK.least);
  });

  it('no number beyond the last of an SA', () => {
    const { plane, spiIn } = fresh();
    plane.resume(spiIn, { outbound: 2 ** 32 - 1000, inbound: 0 });
    expect(plane.reserve()!.marks.get(spiIn)!.outbound).toBe(2 ** 32 - 1);
    plane.grant(plane.reserve()!, 0);
    const { sequence } = plane.tunnel(spiIn)!;
    sequence.take(sequence.available);
    expect(plane.reserve()).toBeNull();
    const extended = fresh(true);
    extended.plane.resume(extended.spiIn, { outbound: 2 ** 32 - 1000, inbound: 0 });
    expect(extended.plane.reserve()!.marks.get(extended.spiIn)!.outbound).toBe(2 ** 32 - 1000 + OUTBOUND_BLOCK);
  });

  it('a stale grant takes nothing back', () => {
    const { plane, spiIn } = fresh();
    const first = plane.reserve()!;
    plane.grant(first, 0);
    plane.tunnel(spiIn)!.sequence.take(60_000);
    plane.grant(plane.reserve()!, 0);
    plane.grant(first, 0);
    expect(plane.tunnel(spiIn)!.sequence.limit).toBe(2 * OUTBOUND_BLOCK);
  });

  it('of a child that is gone is passed over', () => {
    const { plane } = fresh();
    const due = plane.reserve()!;
    plane.reconcile([]);
    plane.grant(due, 0);
    expect(plane.reserve()).toBeNull();
  });

  it.each(['outbound', 'inbound'] as const)('a rekey, when nine tenths of the %s numbers are used', (direction) => {
    const { plane, spiIn } = fresh();
    const far = Math.ceil(0.9 * 2 ** 32);
    const tunnel = plane.tunnel(spiIn)!;
    if (direction === 'outbound') tunnel.sequence.resume(far - 10);
    else tunnel.window.mark(far - 10);
    expect(plane.exhausting()).toEqual([]);
    if (direction === 'outbound') tunnel.sequence.resume(far + 1);
    else tunnel.window.mark(far + 1);
    expect(plane.exhausting()).toEqual([spiIn]);
  });
});
