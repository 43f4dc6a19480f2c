// When a path is silent: RFC 3948 section 4 and the slowest client in use (a keepalive every 110 s) bound what is still normal.

const SILENT_AFTER = 150_000;
/** Told once more, for clients that keep no mapping open: shortly before an idle uplink is closed. */
const STILL_SILENT_AFTER = 540_000;

/**
 * @param heard when anything last came, ms.
 * @param reported when its silence was last told to the edge, ms; 0 for never.
 * @returns the seconds to report, or null when there is nothing new to say.
 */
export function silence(heard: number, reported: number, now: number): number | null {
  const due = reported >= heard + SILENT_AFTER ? STILL_SILENT_AFTER : SILENT_AFTER;
  const told = reported >= heard + STILL_SILENT_AFTER;
  return told || now - heard < due ? null : Math.floor((now - heard) / 1000);
}
