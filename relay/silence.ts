// When a path is silent: RFC 3948 section 4 and the slowest client in use (a keepalive every 110 s) bound what is still normal.

const SILENT_AFTER = 150_000;

/**
 * @param heard when anything last came, ms.
 * @param reported when its silence was last told to the edge, ms; 0 for never.
 * @returns the seconds to report, or null when there is nothing new to say.
 */
export function silence(heard: number, reported: number, now: number): number | null {
  if (now - heard < SILENT_AFTER || reported > heard) return null;
  return Math.floor((now - heard) / 1000);
}
