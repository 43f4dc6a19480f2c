// What a run over a file of vectors came to.

export interface Outcome {
  readonly ran: number;
  readonly failures: readonly string[];
}
