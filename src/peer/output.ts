// What a peer asks of its shell, and what the shell may ask of a peer.

export type { Attempt, Command, Output } from '../ike/output.ts';
