// Virtual time: events in the order of their times, and of their making where times are equal. Nothing runs beside anything else.

export type Event = () => Promise<void> | void;

interface Entry {
  readonly at: number;
  readonly serial: number;
  readonly event: Event;
}

export class Clock {
  now: number;
  /** Called after each event, when nothing is under way. */
  after: () => void = () => {};
  #serial = 0;
  /** A binary heap. */
  readonly #heap: Entry[] = [];

  constructor(start: number) {
    this.now = start;
  }

  at(time: number, event: Event): void {
    // Whole milliseconds, as the platform's clock has them.
    this.#push({ at: Math.max(Math.ceil(time), this.now), serial: this.#serial++, event });
  }

  in(ms: number, event: Event): void {
    this.at(this.now + ms, event);
  }

  async runUntil(end: number): Promise<void> {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > end) break;
      this.#pop();
      this.now = next.at;
      await next.event();
      this.after();
    }
    this.now = end;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at !== b.at ? a.at < b.at : a.serial < b.serial;
}
