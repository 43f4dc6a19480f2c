// Moments in the reader's own time zone; distances that go on counting.

const EVERY_MS = 30_000;
const STEPS: readonly (readonly [below: number, unit: number, name: Intl.RelativeTimeFormatUnit])[] = [
  [60_000, 1000, 'second'],
  [3_600_000, 60_000, 'minute'],
  [86_400_000, 3_600_000, 'hour'],
  [60 * 86_400_000, 86_400_000, 'day'],
];

const ago = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function localTimes(within: ParentNode): void {
  for (const time of within.querySelectorAll<HTMLTimeElement>('time[data-time]')) {
    const at = Date.parse(time.dateTime);
    time.title = exact.format(at);
    if (time.dataset.time === 'exact') time.textContent = exact.format(at);
    if (time.dataset.time === 'ago') time.textContent = distance(at);
  }
  if (within !== document) return;
  setInterval(() => {
    for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-time="ago"]')) {
      time.textContent = distance(Date.parse(time.dateTime));
    }
  }, EVERY_MS);
}

function distance(at: number): string {
  const ms = at - Date.now();
  if (Math.abs(ms) < 10_000) return 'just now';
  const step = STEPS.find(([below]) => Math.abs(ms) < below);
  return step ? ago.format(Math.round(ms / step[1]), step[2]) : new Date(at).toISOString().slice(0, 10);
}
