// The live feed: a snapshot, then what happens. A feed that is lost says so, with the time of what is still to be seen.

import { drawFrom } from './draw.ts';

interface FeedEvent {
  readonly kind: 'snapshot' | 'joined' | 'left' | 'changed' | 'attempt' | 'traffic';
  readonly at: number;
  readonly connected?: number;
}

const BEAT_MS = 20_000;
/** A server that answers no ping for so long is gone, whatever the socket says. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = { first: 1_000, last: 60_000 } as const;
const COME_AGAIN = 4001;
/** Several things that happen at once are drawn once. */
const SETTLE_MS = 250;

let heardAt = Date.now();
let delay: number = AGAIN_MS.first;
let drawing: ReturnType<typeof setTimeout> | undefined;

export function followFeed(path: string): void {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  let opened = false;
  let beat: ReturnType<typeof setInterval> | undefined;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  socket.addEventListener('open', () => {
    opened = true;
    beat = setInterval(() => {
      socket.send('ping');
      waiting ??= setTimeout(() => socket.close(), PATIENCE_MS);
    }, BEAT_MS);
  });
  socket.addEventListener('message', ({ data }) => {
    heardAt = Date.now();
    clearTimeout(waiting);
    waiting = undefined;
    if (data === 'pong') return;
    const event = JSON.parse(data) as FeedEvent;
    if (event.kind === 'snapshot') begin();
    else if (event.kind !== 'traffic') drawSoon();
  });
  socket.addEventListener('close', ({ code }) => {
    clearInterval(beat);
    clearTimeout(waiting);
    if (opened && code === COME_AGAIN) {
      followFeed(path);
      return;
    }
    sayStale();
    // Jitter, so that all pages do not come back in the same moment.
    setTimeout(() => followFeed(path), delay * (0.75 + Math.random() / 2));
    delay = Math.min(AGAIN_MS.last, delay * 2);
  });
}

/** The feed is there: what was missed while it was not is fetched. */
function begin(): void {
  delay = AGAIN_MS.first;
  const stale = document.querySelector<HTMLElement>('[data-stale]');
  const wasStale = stale?.hidden === false;
  document.body.dataset.feedState = 'live';
  if (stale) stale.hidden = true;
  if (wasStale) drawSoon();
}

function sayStale(): void {
  document.body.dataset.feedState = 'lost';
  const stale = document.querySelector<HTMLElement>('[data-stale]');
  const text = stale?.querySelector('[data-stale-text]');
  if (!stale || !text) return;
  text.textContent = `Live feed lost, data from ${new Date(heardAt).toLocaleTimeString()}, retrying.`;
  stale.hidden = false;
}

function drawSoon(): void {
  clearTimeout(drawing);
  drawing = setTimeout(() => void draw(), SETTLE_MS);
}

/** The server draws; what has changed takes its place. What somebody types into, has open or has picked stays. */
async function draw(): Promise<void> {
  if (document.visibilityState === 'hidden') {
    document.addEventListener('visibilitychange', drawSoon, { once: true });
    return;
  }
  // A device that is connected has no way in on its page: the way has an address of its own.
  const way = document.querySelector<HTMLElement>('[data-way]')?.dataset.way;
  if (way) await drawFrom(way, ['[data-way]']);
  await drawFrom(location.href, ['[data-state-of]', '[data-headline]', '[data-events]', '[data-row]']);
}
