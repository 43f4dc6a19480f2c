// Limits and times of the IKE core. Times in ms.

/** From IKE_SA_INIT to the end of IKE_AUTH; EAP waits for a person at times. */
export const HALF_OPEN_MS = 60_000;
/** A closed SA repeats its last response for so long. */
export const CLOSED_MS = 20_000;
/** How long the other side may take to delete what it has replaced. */
export const REPLACED_MS = 30_000;
/** Our requests: 1, 2, 4 ... 32 s between tries, 63 s in all (RFC 7296 section 2.4: "at least a dozen times over several minutes" is for SAs with other evidence of life). */
export const RESEND_FIRST_MS = 1_000;
export const RESEND_TRIES = 6;
/** A MOBIKE peer may be looking for a path: a minute apart at most, and "for at least five minutes before giving up" (RFC 4555 section 3.11). */
export const RESEND_MOST_MS = 64_000;
export const RESEND_TRIES_MOBILE = 10;
/** Addresses that are remembered of a MOBIKE peer, of each kind. */
export const MOBILE_ADDRESSES = 8;
/** After TEMPORARY_FAILURE at least so long, and up to twice as long (RFC 7296 section 2.25); after another refusal longer. */
export const RETRY_MS = 5_000;
export const REFUSED_MS = 60_000;
/** Nothing but TEMPORARY_FAILURE for so long: the two sides no longer agree on what there is. */
export const OUT_OF_STEP_MS = 180_000;

/** A response that is longer than its request is repeated so often to paths other than the peer's: a copied request is no lever. */
export const STRAY_RESPONSES = 3;

export const HALF_OPEN_SAS = 4;
/** IKE SAs of a peer, with those that wait for their deletion or repeat their last response. */
export const IKE_SAS = 8;
/** Child SAs of a peer, and how many there may be while all of them are being replaced, by both sides at once. */
export const CHILDREN = 64;
export const CHILDREN_REPLACED = 3 * CHILDREN;
/** RFC 7383: peers cut IKE_AUTH into up to 32 pieces and more at 576 octets a datagram. */
export const FRAGMENTS = 64;
export const MESSAGE_OCTETS = 65_535;
/** Of one child SA, and of all together: what is stored of a peer must stay far below 2 MB. */
export const SELECTORS = 255;
export const SELECTORS_HELD = 4_096;

/** Largest IKE datagram that we send, with IP and UDP headers. */
export const DATAGRAM_OCTETS = 1_280;

/** We rekey when this part of a lifetime has passed, so that a client with the same lifetime is first. */
export function rekeyTime(now: number, lifetimeSeconds: number, random: Uint8Array): number {
  const jitter = ((random[0] ?? 0) / 255) * 0.05;
  return now + Math.floor(lifetimeSeconds * 1000 * (0.9 + jitter));
}
