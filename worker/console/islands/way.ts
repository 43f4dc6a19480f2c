// The way in of a device that was never there: its first packet names nobody, so no feed of a network can tell of it.

import { drawFrom } from './draw.ts';

const EVERY_MS = { first: 5_000, last: 30_000 } as const;
const SLOWER = 1.1;

const AWAITED = '[data-way][data-awaited]';

/** Asks less and less often, only while somebody looks, and no more once the device has come. */
export function awaitFirstPacket(delay: number = EVERY_MS.first): void {
  if (!document.querySelector(AWAITED)) return;
  setTimeout(async () => {
    const way = document.querySelector<HTMLElement>(AWAITED)?.dataset.way;
    if (way && document.visibilityState === 'visible') await drawFrom(way, ['[data-way]']);
    awaitFirstPacket(Math.min(EVERY_MS.last, delay * SLOWER));
  }, delay);
}
