// One turn of the IKE core: what it may ask, where the datagram came from, and what time it is.

import type { Primitives } from '../crypto/primitives.ts';
import type { Path } from '../wire/path.ts';
import type { Payload } from '../wire/payload.ts';
import type { Output } from './output.ts';
import type { Pad } from './pad.ts';
import type { PeerState } from './state.ts';

export interface Turn {
  readonly primitives: Primitives;
  readonly pad: Pad;
  /** 24 bits; the top of every SPI that we choose. */
  readonly route: number;
  /** ms. */
  readonly now: number;
  /** Where ESP goes: a MOBIKE peer's may have moved before its IKE SA has. */
  readonly espPath: Path | null;
}

/** What a handler makes of a request: the state after it, and the payloads of the response. */
export interface Reply {
  readonly state: PeerState;
  readonly payloads: readonly Payload[];
  readonly outputs: readonly Output[];
  /** Where the ESP of a MOBIKE peer goes from here on. */
  readonly endpoint?: Path;
}

/** What a handler makes of a response to a request of ours. */
export interface Conclusion {
  readonly state: PeerState;
  readonly outputs: readonly Output[];
  /** Where the ESP of a MOBIKE peer goes from here on. */
  readonly endpoint?: Path;
}

export interface Step {
  readonly state: PeerState;
  readonly outputs: readonly Output[];
  /** Why nothing came of it; counted. */
  readonly drop: IkeDrop | null;
  /** Set when an authenticated peer has said something that it had not said before: nothing else is evidence of life, or of a path. */
  readonly heard: Heard | null;
}

export interface Heard {
  readonly path: Path;
  /** ms. */
  readonly at: number;
  /** What makes `path` the endpoint of ESP from here on, where it is not already; null: nothing does. */
  readonly moves: 'message' | 'update' | null;
}

export type IkeDrop =
  | 'malformed'
  | 'version'
  | 'no-such-sa'
  | 'unexpected-exchange'
  | 'message-id'
  | 'repeated-with-other-octets'
  | 'integrity'
  | 'fragment'
  | 'unprotected'
  | 'half-open-limit'
  | 'response-not-asked'
  | 'address-not-validated';
