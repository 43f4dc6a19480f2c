// Numbers, times and states in words.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Octets with three digits: `1.23 MB`. */
export function octets(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : Number(value.toPrecision(3))} ${UNITS[unit]}`;
}

/** Of octets in so many seconds. */
export function bitRate(count: number, seconds: number): string {
  const bits = (count * 8) / seconds;
  if (bits < 1000) return `${Math.round(bits)} bit/s`;
  return octets(bits).replace('B', 'bit/s');
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

const STEPS = [
  { below: 60_000, unit: 1000, name: 'second' },
  { below: 3_600_000, unit: 60_000, name: 'minute' },
  { below: 86_400_000, unit: 3_600_000, name: 'hour' },
  { below: 60 * 86_400_000, unit: 86_400_000, name: 'day' },
] as const;

/** `3 minutes ago`, `in 12 days`; a date where that is long. */
export function relative(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < 10_000) return 'just now';
  const step = STEPS.find(({ below }) => distance < below);
  if (!step) return date(at);
  const words = count(Math.round(distance / step.unit), step.name);
  return at <= now ? `${words} ago` : `in ${words}`;
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const step = STEPS.find(({ below }) => ms < below) ?? STEPS.at(-1)!;
  return count(Math.round(ms / step.unit), step.name);
}

/** In UTC, which the browser turns into its own time. */
export function date(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

export function dateAndTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
