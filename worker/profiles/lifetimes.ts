// When a client replaces keys: before the gateway does, which begins at nine tenths.

const REKEY_PART = 0.75;

export function rekeySeconds(lifetimeSeconds: number): number {
  return Math.floor(lifetimeSeconds * REKEY_PART);
}
