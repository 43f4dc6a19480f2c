// Why a command ends without success: one line for people, and the exit code.

export const Exit = { OK: 0, REFUSED: 1, USAGE: 2, UNREACHABLE: 3 } as const;

export type ExitCode = (typeof Exit)[keyof typeof Exit];

export class Failure extends Error {
  readonly exit: ExitCode;
  /** For programs. */
  readonly code: string;

  /** @param message what happened, why, and what to do next. */
  constructor(exit: ExitCode, code: string, message: string) {
    super(message);
    this.exit = exit;
    this.code = code;
  }
}

export function usage(message: string): Failure {
  return new Failure(Exit.USAGE, 'usage', message);
}
