// RFC 3715 row by row: the problem, the answer, and what shows it. docs/rfc3715.md is made of this and of results.json.

import { INCOMPATIBILITIES } from './rfc3715/incompatibilities.ts';
import { REQUIREMENTS } from './rfc3715/requirements.ts';
import { SOLUTIONS } from './rfc3715/solutions.ts';

export interface Row {
  /** Section and, where it has one, letter: "2.1 a". */
  readonly id: string;
  readonly title: string;
  /** What goes wrong, or what is required, in a sentence. */
  readonly problem: string;
  /** How the gateway answers it, with the section of the RFC that says so. */
  readonly answer: string;
  /** Where that is: paths from the root of the repository. */
  readonly code: readonly string[];
  /** Names of scenarios. */
  readonly scenarios: readonly string[];
  /** Test files, beside or in place of scenarios; of the simulator's stories of NATs also which: `PATH N21`. */
  readonly tests: readonly string[];
  /** What is not there yet. A row without it is claimed whole. */
  readonly open?: string;
}

export const ROWS: readonly Row[] = [...INCOMPATIBILITIES, ...REQUIREMENTS, ...SOLUTIONS];
